package clickhouse_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/clickhouse"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

// random rows of few keys, so that versions, tombstones and places meet.
type chance struct{ *rand.Rand }

func (c chance) maybe(s string) *string {
	if c.IntN(2) == 0 {
		return nil
	}
	return &s
}

func (c chance) meeting() sink.Row[schemas.MeetingRow] {
	recording, version := fmt.Sprint(c.IntN(12)), c.Uint64N(9)+1
	// Equal versions of a key have equal values.
	of := chance{rand.New(rand.NewPCG(version, uint64(len(recording))+uint64(recording[0])))}
	if of.IntN(5) == 0 {
		return gone(recording, version)
	}
	return meetingRow(recording, version, func(m *schemas.MeetingRow) {
		m.State = []string{"matched", "matched", "internal", "unmatched"}[of.IntN(4)]
		m.StartedAt = []time.Time{{}, start, start, start.Add(time.Hour), time.Date(1850, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC)}[of.IntN(6)]
		for range of.IntN(4) {
			m.Links = append(m.Links, schemas.Link{CompanyID: of.maybe(fmt.Sprint("c", of.IntN(3))), EndUserID: of.maybe(fmt.Sprint("u", of.IntN(3)))})
		}
	})
}

func (c chance) directory() sink.Row[schemas.DirectoryEntry] {
	id, version := fmt.Sprint(c.IntN(3)), c.Uint64N(9)+1
	of := chance{rand.New(rand.NewPCG(version, uint64(id[0])))}
	e := &schemas.DirectoryEntry{Org: org}
	sort := schemas.SortCompany
	if c.IntN(2) == 0 {
		id = "c" + id
		e.Company = &schemas.Company{ID: id, Name: fmt.Sprint(" NAME ", of.IntN(3)), Domains: []string{fmt.Sprint("D", of.IntN(3)), fmt.Sprint("name ", of.IntN(3))}}
	} else {
		id, sort = "u"+id, schemas.SortEndUser
		e.EndUser = &schemas.EndUser{ID: id, CompanyID: of.maybe(fmt.Sprint("c", of.IntN(3))), Traits: map[string]string{"of": fmt.Sprint(version)}}
	}
	if version%4 == 0 {
		e = nil
	}
	return sink.Row[schemas.DirectoryEntry]{Key: schemas.DirectoryKey(org, sort, id), Version: version, Value: e}
}

func (c chance) event(told uint64) sink.Row[schemas.Progress] {
	return sink.Row[schemas.Progress]{Key: fmt.Sprint("0/", told), Version: told, Value: &schemas.Progress{
		MeetingID: schemas.MeetingID(org, schemas.Fathom, fmt.Sprint(c.IntN(14))), Org: org, Stage: []string{"match", "index"}[c.IntN(2)],
		Outcome: []string{"done", "stale"}[c.IntN(2)], At: start.Add(time.Duration(c.IntN(3)) * time.Second), Offset: int64(c.IntN(2)),
	}}
}

// TestWhatIsReadIsWhatTheEmbeddedStoreReads writes the same random batches to
// both stores and compares every read in every scope.
func TestWhatIsReadIsWhatTheEmbeddedStoreReads(t *testing.T) {
	t.Parallel()
	here, _ := fresh(t)
	there, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	c := chance{rand.New(rand.NewPCG(4, 4))}
	for batch := range 12 {
		var meetings []sink.Row[schemas.MeetingRow]
		var entries []sink.Row[schemas.DirectoryEntry]
		var events []sink.Row[schemas.Progress]
		for i := range 8 {
			meetings, entries = append(meetings, c.meeting()), append(entries, c.directory())
			events = append(events, c.event(uint64(10*batch+i)+1))
		}
		meetings = onceEach(meetings) // as Loop's batches are: a place is of what the store had before
		write(t, here.MeetingSink(), meetings...)
		write(t, there.MeetingSink(), meetings...)
		write(t, here.DirectorySink(), entries...)
		write(t, there.DirectorySink(), entries...)
		write(t, here.ProgressSink(), events...)
		write(t, there.ProgressSink(), events...)
	}
	compare(t, here, there)
}

func onceEach(all []sink.Row[schemas.MeetingRow]) []sink.Row[schemas.MeetingRow] {
	seen := make(map[string]bool)
	return slices.DeleteFunc(all, func(r sink.Row[schemas.MeetingRow]) bool {
		again := seen[r.Key]
		seen[r.Key] = true
		return again
	})
}

func compare(t *testing.T, here *clickhouse.Store, there *embedded.Store) {
	t.Helper()
	same := func(what string, got, want any, err, wantErr error) {
		t.Helper()
		if (err == nil) != (wantErr == nil) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got  %.300s, %v\nembedded: %.300s, %v", what, fmt.Sprint(got), err, fmt.Sprint(want), wantErr)
		}
	}
	for _, scope := range []schemas.Scope{
		{Org: org}, {Org: org, HeldBack: true}, {Org: org, Company: "c1", HeldBack: true}, {Org: org, EndUser: "u1"},
		{Org: org, Company: "c0", EndUser: "u2"}, {Org: "another", HeldBack: true},
	} {
		for n := -1; n < 12; n++ {
			q := schemas.MeetingQuery{Scope: scope, Limit: 5}
			if n >= 0 {
				q.Before = schemas.MeetingID(org, schemas.Fathom, fmt.Sprint(n))
				got, err := here.MeetingProgress(t.Context(), scope, q.Before)
				want, wantErr := there.MeetingProgress(t.Context(), scope, q.Before)
				same(fmt.Sprintf("%+v progress %d", scope, n), got, want, err, wantErr)
			}
			got, err := here.Meetings(t.Context(), q)
			want, wantErr := there.Meetings(t.Context(), q)
			same(fmt.Sprintf("%+v meetings before %d", scope, n), got, want, err, wantErr)
		}
		for _, name := range []string{"c0", "c1", "name 0", "NAME 1", "d2", "u1"} {
			got, found, err := here.Customer(t.Context(), scope, name)
			want, wantFound, wantErr := there.Customer(t.Context(), scope, name)
			same(fmt.Sprintf("%+v customer %s", scope, name), got, want, err, wantErr)
			same(fmt.Sprintf("%+v finds customer %s", scope, name), found, wantFound, nil, nil)
		}
	}
	got, err := here.Companies(t.Context(), org)
	want, wantErr := there.Companies(t.Context(), org)
	same("companies", got, want, err, wantErr)
	tally, err := here.Tally(t.Context(), org)
	wantTally, wantErr := there.Tally(t.Context(), org)
	same("tally", tally, wantTally, err, wantErr)
}
