package pages

import (
	"context"
	"slices"
	"strings"
	"time"

	"leadline/console"
	"leadline/schemas"
)

const pagePassages = 25

// entryKinds are what can be searched, in the order in which it is offered.
var entryKinds = []string{schemas.EntryTranscript, schemas.EntrySummary, schemas.EntryActionItems, schemas.EntryDistilled}

type hit struct {
	console.Passage
	Pieces []piece
}

type searchPage struct {
	Text, Customer, Recorder string
	Since, Until             string // days
	HeldBack                 bool
	Kinds                    []kindChoice
	Asked                    bool
	Hits                     []hit
	Names                    map[string]string
	Full                     bool // there may be more
}

type kindChoice struct {
	Kind   string
	Picked bool
}

func (s *Site) search(ctx context.Context, v *visit) (answer, error) {
	asked := v.URL.Query()
	made := searchPage{
		Text: strings.TrimSpace(asked.Get("q")), Customer: asked.Get("customer"), Recorder: asked.Get("recorder"),
		Since: asked.Get("since"), Until: asked.Get("until"), HeldBack: asked.Get("held_back") != "",
	}
	for _, k := range entryKinds {
		made.Kinds = append(made.Kinds, kindChoice{k, slices.Contains(asked["kind"], k)})
	}
	a := answer{name: "search", title: "Knowledge"}
	if made.Text == "" {
		a.data = made
		return a, nil
	}
	made.Asked = true
	q := schemas.SearchQuery{Scope: v.scope(), Text: made.Text, Limit: pagePassages}
	err := made.narrow(ctx, s.local, &q)
	var found []console.Passage
	if err == nil {
		found, err = s.local.Search(ctx, q)
	}
	if isNotFound(err) || isInvalid(err) {
		a.problem, a.data = sentence(err), made
		return a, nil
	}
	if err != nil {
		return answer{}, err
	}
	var met []console.Meeting
	for _, p := range found {
		made.Hits = append(made.Hits, hit{p, pieces(p.Text, p.Marks)})
		met = append(met, console.Meeting{Companies: p.Companies})
	}
	made.Names, made.Full = s.names(ctx, v, met), len(found) == pagePassages
	a.data = made
	return a, nil
}

// narrow puts the filters into the query.
func (p *searchPage) narrow(ctx context.Context, r console.CustomerReader, q *schemas.SearchQuery) (err error) {
	for _, k := range p.Kinds {
		if k.Picked {
			q.Kinds = append(q.Kinds, k.Kind)
		}
	}
	if p.Recorder != "" {
		q.Providers = []string{p.Recorder}
	}
	if q.Since, q.Until, err = days(p.Since, p.Until); err != nil {
		return err
	}
	q.Scope.HeldBack = p.HeldBack
	if p.Customer != "" {
		q.Scope.Company, err = console.CustomerID(ctx, r, q.Scope.Org, p.Customer)
	}
	return err
}

// days is the time from the one to the end of the other; zero is any.
func days(first, last string) (since, until time.Time, err error) {
	if since, err = day("since", first); err != nil {
		return since, until, err
	}
	if until, err = day("until", last); err == nil && !until.IsZero() {
		until = until.AddDate(0, 0, 1) // the day itself, whole
	}
	return since, until, err
}

func day(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return at, &schemas.InvalidQuery{Field: field, Problem: "is no day such as 2026-09-01"}
	}
	return at, nil
}
