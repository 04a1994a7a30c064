package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"leadline/console"
	"leadline/deploy/evaluation"
	"leadline/schemas"
)

// overAPI asks a Leadline that runs, whatever its stores are, by its API.
type overAPI struct{ client *console.Client }

// has says that the meetings which the questions are about are there.
func (r overAPI) has(ctx context.Context, org string, set *evaluation.Set) error {
	seen := make(map[string]bool)
	for _, q := range set.Questions {
		recording := q.RecordingID.String()
		if seen[recording] {
			continue
		}
		seen[recording] = true
		_, err := r.client.Meeting(ctx, schemas.Scope{Org: org}, schemas.MeetingID(org, schemas.Fathom, recording))
		if missing := (*console.NotFound)(nil); errors.As(err, &missing) {
			return &usageError{fmt.Errorf("the Leadline at --url has not got meeting %s of %s: let it take the set in first, as with "+
				"leadline simulate fathom, or leave --url out", recording, org)}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Search is of evaluation.Searcher.
func (r overAPI) Search(ctx context.Context, q schemas.SearchQuery) ([]schemas.Hit, error) {
	found, err := r.client.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	hits := make([]schemas.Hit, len(found))
	for i, p := range found {
		hits[i] = schemas.Hit{Score: p.Score, Entry: schemas.Entry{
			ID: p.EntryID, MeetingID: p.MeetingID, Org: q.Scope.Org, RecordingID: p.RecordingID, Kind: p.Kind, Text: p.Text,
		}}
		if p.Turns != nil {
			hits[i].Entry.TurnFirst, hits[i].Entry.TurnLast = &p.Turns[0], &p.Turns[1]
		}
	}
	return hits, nil
}

// measureRunning asks a Leadline that runs, and changes nothing there.
func measureRunning(ctx context.Context, g *Globals, set *evaluation.Set) (report evaluation.Report, err error) {
	g.Org = cmp.Or(g.Org, g.orgElsewhere())
	client, err := console.NewClient(g.URL, g.APIToken)
	if err != nil {
		return report, &usageError{fmt.Errorf("--url: %w", err)}
	}
	r := overAPI{client}
	if err := r.has(ctx, g.Org, set); err != nil {
		return report, err
	}
	set.Pause = time.Second / 40 // below the 50 requests a second that a token may make
	return set.Measure(ctx, g.Org, r)
}
