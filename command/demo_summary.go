package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"leadline/schemas"
)

// summary is what the tour ends with.
type summary struct {
	Meetings          int     `json:"meetings"`
	Matched           int     `json:"matched"`
	Internal          int     `json:"internal"`
	Unmatched         int     `json:"unmatched"`
	Entries           int     `json:"entries"`
	DuplicatesDropped int     `json:"duplicates_dropped"`
	DeadLetters       int     `json:"dead_letters"`
	Seconds           float64 `json:"seconds"`
}

// seen counts the raw records that normalize has told of.
func seen(t schemas.Tally) int {
	n := 0
	for what, count := range t.Progress {
		if strings.HasPrefix(what, "normalize/") {
			n += count
		}
	}
	return n
}

func total[K comparable](counts map[K]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

func summarize(after, before schemas.Tally, took time.Duration) summary {
	rejected := 0
	for what, n := range after.Progress {
		if strings.HasSuffix(what, "/"+schemas.OutcomeRejected) {
			rejected += n - before.Progress[what]
		}
	}
	duplicates := "normalize/" + schemas.OutcomeDuplicate
	return summary{
		Meetings: total(after.Meetings), Matched: after.Meetings[schemas.StateMatched],
		Internal: after.Meetings[schemas.StateInternal], Unmatched: after.Meetings[schemas.StateUnmatched],
		Entries: total(after.Entries), DuplicatesDropped: after.Progress[duplicates] - before.Progress[duplicates],
		DeadLetters: rejected, Seconds: float64(took.Milliseconds()) / 1000,
	}
}

// report prints the summary: as one object, or as a table with what to try.
func (t *tour) report(ctx context.Context, w io.Writer, s summary, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(s)
	}
	tally, err := t.store.Tally(ctx, t.org)
	if err != nil {
		return err
	}
	companies, err := t.store.Companies(ctx, t.org)
	if err != nil {
		return err
	}
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CUSTOMER\tID\tMEETINGS")
	example := ""
	for _, c := range companies {
		fmt.Fprintf(table, "%s\t%s\t%d\n", c.Name, c.ID, tally.ByCompany[c.ID])
		if example == "" || tally.ByCompany[c.ID] > tally.ByCompany[example] {
			example = c.ID
		}
	}
	fmt.Fprintf(table, "(internal)\t\t%d\n(unmatched)\t\t%d\n", s.Internal, s.Unmatched)
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d meetings, %d entries searchable, %d duplicates dropped, %d dead letters, %.1f s\n",
		s.Meetings, s.Entries, s.DuplicatesDropped, s.DeadLetters, s.Seconds)
	fathom := t.stands[0]
	if len(fathom.recordings) == 0 {
		return nil
	}
	last := fathom.recordings[len(fathom.recordings)-1]
	fmt.Fprintf(w, `
In another terminal, try

  go run . search "renewal price" --customer %s
  go run . customer %s
  go run . meeting %s
  go run . meetings --state unmatched
  %s     # the same webhook again: it changes nothing
`, example, example, last, fmt.Sprintf(fathom.again, fathom.address))
	for _, at := range t.stands[1:] {
		fmt.Fprintf(w, "  go run . meeting %s     # one of %s's\n", schemas.MeetingID(t.org, at.provider, at.recordings[0]), at.name)
	}
	return nil
}
