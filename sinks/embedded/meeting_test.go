package embedded_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Of a customer or a recorder with few meetings the store begins at those, of one with many at the newest of all: both
// list the same, page by page.
func TestFewMeetingsAmongManyAreListedLikeMany(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	const meetings = 1300
	began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	want := make(map[string][]string) // what is asked for -> ids, newest first
	var batch sink.Batch[schemas.MeetingRow]
	add := func(org string, i int, state schemas.State) *schemas.MeetingRow {
		m := &schemas.MeetingRow{
			Org: org, Provider: schemas.Fathom, RecordingID: fmt.Sprint(i), State: string(state), StartedAt: began.Add(time.Duration(i) * time.Hour),
		}
		company := "many"
		if i%100 == 7 {
			company, m.Provider = "few", schemas.Zoom
		}
		m.ID = schemas.MeetingID(org, m.Provider, m.RecordingID)
		m.Links = []schemas.Link{{CompanyID: &company, Attendee: "a@b.example", Rule: schemas.RuleDomain}}
		batch = append(batch, sink.Row[schemas.MeetingRow]{Key: m.ID, Version: 1, Value: m})
		return m
	}
	for i := range meetings {
		m := add("acme", i, schemas.StateMatched)
		for _, name := range []string{*m.Links[0].CompanyID, m.Provider} {
			want[name] = append(want[name], m.ID)
		}
		add("elsewhere", i, schemas.StateMatched)
	}
	hidden := add("acme", meetings+7, schemas.StateGrouped)
	batch = append(batch, sink.Row[schemas.MeetingRow]{Key: want["few"][0], Version: 2}) // it is erased
	for _, ids := range want {
		slices.Reverse(ids)
	}
	for _, name := range []string{"few", schemas.Zoom} {
		want[name] = slices.DeleteFunc(want[name], func(id string) bool { return id == batch[len(batch)-1].Key || id == hidden.ID })
	}
	if err := s.MeetingSink().Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	for name, ids := range want {
		q := schemas.MeetingQuery{Scope: schemas.Scope{Org: "acme"}, Limit: 5}
		if name == schemas.Fathom || name == schemas.Zoom {
			q.Provider = name
		} else {
			q.Scope.Company = name
		}
		for from := 0; from < min(len(ids), 10); from += q.Limit {
			page, err := s.Meetings(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range page {
				got = append(got, m.Row.ID)
			}
			if expected := ids[from:min(from+q.Limit, len(ids))]; !slices.Equal(got, expected) {
				t.Errorf("%s from %d: %q, want %q", name, from, got, expected)
			}
			q.Before = got[len(got)-1]
		}
	}
}
