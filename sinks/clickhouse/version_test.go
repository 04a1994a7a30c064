package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// full is a meeting with n children of each kind, named by the version.
func full(recording string, version uint64, n int) sink.Row[schemas.MeetingRow] {
	return meetingRow(recording, version, func(m *schemas.MeetingRow) {
		// The date moves with the version: a table with partitions by date
		// would show both.
		m.StartedAt = start.AddDate(0, int(version), 0)
		for i := range n {
			name := fmt.Sprintf("v%d-%d", version, i)
			m.Attendees = append(m.Attendees, schemas.Attendee{Name: name, Email: ptr(name + "@example.com"), External: i > 0})
			m.Links = append(m.Links, schemas.Link{CompanyID: ptr(name), Attendee: name, Rule: schemas.RuleDomain, Matched: "example.com"})
			m.Speakers = append(m.Speakers, schemas.Speaker{Name: name, Turns: 1, Words: 10})
			m.ActionItems = append(m.ActionItems, schemas.Action{Description: name, AssigneeName: ptr(name)})
			m.Distillates = append(m.Distillates, schemas.Distillate{Kind: schemas.ProductAsk, Sentence: name, Turn: -1})
		}
	})
}

// children of each view, with the name that tells whose they are.
var children = map[string]string{
	"meeting_attendees": "name", "meeting_links": "company_id", "speakers": "name", "action_items": "description", "distillates": "sentence",
}

func wantChildren(t *testing.T, conn driver.Conn, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	for view, column := range children {
		var got []string
		if err := conn.QueryRow(t.Context(), "SELECT arraySort(groupArray(assumeNotNull("+column+"))) FROM "+view).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s holds %v, want %v", view, got, want)
		}
	}
}

func TestViewsHoldTheChildrenOfTheCurrentVersionOnly(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	exec(t, conn, "SYSTEM STOP MERGES meetings") // what is shown must not wait for one
	for _, step := range []struct {
		write sink.Row[schemas.MeetingRow]
		want  []string
	}{
		{full("1", 2, 3), []string{"v2-0", "v2-1", "v2-2"}},
		{full("1", 3, 1), []string{"v3-0"}},
		{full("1", 2, 3), []string{"v3-0"}},
		{full("1", 1, 5), []string{"v3-0"}},
		{full("1", 4, 0), nil},
		{gone("1", 6), nil},
		{full("1", 5, 2), nil},
		{full("1", 7, 2), []string{"v7-0", "v7-1"}},
	} {
		write(t, s.MeetingSink(), step.write)
		wantChildren(t, conn, step.want...)
	}
	exec(t, conn, "SYSTEM START MERGES meetings")
	exec(t, conn, "OPTIMIZE TABLE meetings FINAL")
	wantChildren(t, conn, "v7-0", "v7-1")
	if n := number(t, conn, "SELECT count() FROM meetings"); n != 1 {
		t.Errorf("%d rows are left of one meeting after a merge", n)
	}
}

// A tombstone outlives merges, and its place with it.
func TestADeletedMeetingStaysDeletedAfterAMerge(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	write(t, s.MeetingSink(), meetingRow("1", 1), meetingRow("2", 1), meetingRow("3", 1))
	write(t, s.MeetingSink(), gone("2", 2))
	exec(t, conn, "OPTIMIZE TABLE meetings FINAL")
	write(t, s.MeetingSink(), meetingRow("2", 1, func(m *schemas.MeetingRow) { m.Title = "again" }))
	exec(t, conn, "OPTIMIZE TABLE meetings FINAL")
	all, err := s.Meetings(t.Context(), schemas.MeetingQuery{
		Scope: schemas.Scope{Org: org}, Before: schemas.MeetingID(org, schemas.Fathom, "2"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].Row.RecordingID != "1" {
		t.Errorf("after the deleted meeting come %+v, want meeting 1", all)
	}
	if n := number(t, conn, "SELECT count() FROM meetings_current"); n != 2 {
		t.Errorf("%d meetings are current, want 2", n)
	}
}

func TestABatchThatComesAgainIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	for _, table := range []string{"meetings", "meeting_progress", "companies", "end_users"} {
		exec(t, conn, "SYSTEM STOP MERGES "+table)
	}
	event := sink.Row[schemas.Progress]{Key: "0/0", Version: 1, Value: &schemas.Progress{
		MeetingID: meetingRow("1", 1).Key, Org: org, Stage: "match", Outcome: schemas.OutcomeDone, At: start}}
	company := sink.Row[schemas.DirectoryEntry]{Key: schemas.DirectoryKey(org, schemas.SortCompany, "a"), Version: 1,
		Value: &schemas.DirectoryEntry{Org: org, Company: &schemas.Company{ID: "a", Name: "A"}}}
	user := sink.Row[schemas.DirectoryEntry]{Key: schemas.DirectoryKey(org, schemas.SortEndUser, "u"), Version: 2,
		Value: &schemas.DirectoryEntry{Org: org, EndUser: &schemas.EndUser{ID: "u", Name: "U"}}}
	for range 3 {
		write(t, s.MeetingSink(), meetingRow("1", 1), gone("2", 4))
		write(t, s.ProgressSink(), event)
		write(t, s.DirectorySink(), company, user)
	}
	for table, want := range map[string]uint64{"meetings": 2, "meeting_progress": 1, "companies": 1, "end_users": 1} {
		if n := number(t, conn, "SELECT count() FROM "+table); n != want {
			t.Errorf("%s: %d rows were written, want %d", table, n, want)
		}
	}
	write(t, s.MeetingSink(), meetingRow("1", 2), gone("2", 4))
	write(t, s.MeetingSink(), meetingRow("1", 2, func(m *schemas.MeetingRow) { m.Title = "other" }), gone("2", 4))
	if n := number(t, conn, "SELECT count() FROM meetings"); n != 6 {
		t.Errorf("%d rows were written, want 6: another batch was taken for the same", n)
	}
}

func TestATruncatedTableIsFilledAgain(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	write(t, s.MeetingSink(), meetingRow("1", 1))
	exec(t, conn, "TRUNCATE TABLE meetings")
	write(t, s.MeetingSink(), meetingRow("1", 1))
	if n := number(t, conn, "SELECT count() FROM meetings_current"); n != 1 {
		t.Errorf("%d meetings after reading the topic again, want 1", n)
	}
}

func TestABatchIsOnePart(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	exec(t, conn, "SYSTEM STOP MERGES meetings")
	var b sink.Batch[schemas.MeetingRow]
	for i := range 2000 {
		b = append(b, full(fmt.Sprint(i), uint64(i%24+1), 3))
	}
	write(t, s.MeetingSink(), b...)
	if n := number(t, conn, "SELECT count() FROM system.parts WHERE active AND database = currentDatabase() AND table = 'meetings'"); n != 1 {
		t.Errorf("a batch became %d parts, want 1: a reader could see half of it", n)
	}
}

func TestTimesThatNoColumnHoldsDoNotStopABatch(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	at := func(when time.Time) func(*schemas.MeetingRow) {
		return func(m *schemas.MeetingRow) {
			m.StartedAt, m.EndedAt, m.CreatedAt, m.ReceivedAt = when, when, when, when
		}
	}
	times := []time.Time{
		{}, time.Date(1899, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
	}
	var b sink.Batch[schemas.MeetingRow]
	for i, when := range times {
		b = append(b, meetingRow(fmt.Sprint(i), 1, at(when)))
	}
	b = append(b, meetingRow("5", 1, at(time.Date(30_000, 1, 1, 0, 0, 0, 0, time.UTC))))
	var bad *sink.Unstorable
	if err := s.MeetingSink().Write(t.Context(), b); !errors.As(err, &bad) || len(bad.Rows) != 1 || bad.Rows[5] == nil {
		t.Fatalf("Write: %v, want row 5 alone unstorable", err)
	}
	all, err := s.Meetings(t.Context(), schemas.MeetingQuery{Scope: schemas.Scope{Org: org}})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(times) {
		t.Fatalf("%d meetings, want %d", len(all), len(times))
	}
	for i, m := range all { // newest first
		if want := times[len(times)-1-i]; !m.Row.StartedAt.Equal(want) {
			t.Errorf("meeting %d started at %v, want %v", i, m.Row.StartedAt, want)
		}
	}
	if n := number(t, conn, "SELECT count(started_at) FROM meetings_current"); n != 2 {
		t.Errorf("%d meetings have a start in the table, want the two that it can hold", n)
	}
}

func TestACallWhoseTimeIsUpSaysSo(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := s.MeetingSink().Write(ctx, sink.Batch[schemas.MeetingRow]{meetingRow("1", 1)}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Write: %v", err)
	}
	if _, err := s.Tally(ctx, org); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Tally: %v", err)
	}
	write(t, s.MeetingSink(), meetingRow("1", 1)) // the store goes on
}

// A server that has no room for a batch says so, and gets smaller ones.
func TestABatchAboveTheServersMemoryIsTooMuch(t *testing.T) {
	t.Parallel()
	dsn, _ := database(t)
	if err := open(t, dsn).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	values := address.Query()
	values.Set("max_memory_usage", "1000000") // bytes
	address.RawQuery = values.Encode()
	batch := make(sink.Batch[schemas.MeetingRow], 2000)
	for i := range batch {
		batch[i] = full(fmt.Sprint(i), 1, 3)
	}
	if err := open(t, address.String()).MeetingSink().Write(t.Context(), batch); !errors.Is(err, sink.ErrTooMuch) {
		t.Errorf("Write: %v", err)
	}
}

func TestCountsAreOfTheCurrentMeetingsInScope(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	entry := func(sort, id string, e schemas.DirectoryEntry) sink.Row[schemas.DirectoryEntry] {
		e.Org = org
		return sink.Row[schemas.DirectoryEntry]{Key: schemas.DirectoryKey(org, sort, id), Version: 1, Value: &e}
	}
	write(t, s.DirectorySink(),
		entry(schemas.SortCompany, "acme", schemas.DirectoryEntry{Company: &schemas.Company{ID: "acme", Name: "Acme"}}),
		entry(schemas.SortEndUser, "ines", schemas.DirectoryEntry{EndUser: &schemas.EndUser{ID: "ines", CompanyID: ptr("acme")}}),
		entry(schemas.SortEndUser, "ugo", schemas.DirectoryEntry{EndUser: &schemas.EndUser{ID: "ugo", CompanyID: ptr("acme")}}))
	with := func(state schemas.State, hours int, user *string, kinds ...string) func(*schemas.MeetingRow) {
		return func(m *schemas.MeetingRow) {
			m.State, m.StartedAt = string(state), start.Add(time.Duration(hours)*time.Hour)
			m.Links = []schemas.Link{{CompanyID: ptr("acme"), EndUserID: user}, {CompanyID: ptr("acme")}, {EndUserID: ptr("nobody")}}
			for _, k := range kinds {
				m.Distillates = append(m.Distillates, schemas.Distillate{Kind: k})
			}
		}
	}
	write(t, s.MeetingSink(),
		meetingRow("1", 1, with(schemas.StateMatched, 0, ptr("ines"), schemas.ProductAsk)),
		meetingRow("2", 1, with(schemas.StateMatched, 1, nil, schemas.ProductAsk, schemas.RenewalSignal)),
		meetingRow("3", 1, with(schemas.StateInternal, 2, ptr("ines"), schemas.ProductAsk)),
		meetingRow("4", 1, with(schemas.StateMatched, 3, nil, schemas.ProductAsk)),
		meetingRow("5", 1, with(schemas.StateUnmatched, 4, nil)))
	write(t, s.MeetingSink(), gone("4", 2))

	for _, c := range []struct {
		scope     schemas.Scope
		meetings  int
		last      time.Time
		distilled map[string]int
	}{
		{schemas.Scope{Org: org}, 2, start.Add(time.Hour), map[string]int{schemas.ProductAsk: 2, schemas.RenewalSignal: 1}},
		{schemas.Scope{Org: org, Company: "acme", HeldBack: true}, 2, start.Add(time.Hour), map[string]int{schemas.ProductAsk: 2, schemas.RenewalSignal: 1}},
		{schemas.Scope{Org: org, HeldBack: true}, 2, start.Add(time.Hour), map[string]int{schemas.ProductAsk: 2, schemas.RenewalSignal: 1}},
		{schemas.Scope{Org: org, EndUser: "ines"}, 1, start, map[string]int{schemas.ProductAsk: 1}},
	} {
		got, found, err := s.Customer(t.Context(), c.scope, "Acme")
		if err != nil {
			t.Fatal(err)
		}
		if !found || got.Meetings != c.meetings || got.LastMet == nil || !got.LastMet.Equal(c.last) || !maps.Equal(got.Distilled, c.distilled) {
			t.Errorf("%+v: %+v (found %v, last met %v), want %+v", c.scope, got, found, got.LastMet, c)
		}
	}
	if got, found, err := s.Customer(t.Context(), schemas.Scope{Org: org, EndUser: "ugo"}, "acme"); err != nil || !found || got.Meetings != 0 || got.LastMet != nil {
		t.Errorf("an end user without meetings: %+v (%v), %v", got, found, err)
	}

	events := []sink.Row[schemas.Progress]{}
	for i, outcome := range []string{schemas.OutcomeDone, schemas.OutcomeDone, schemas.OutcomeStale} {
		events = append(events, sink.Row[schemas.Progress]{Key: fmt.Sprint("0/", i), Version: uint64(i) + 1, Value: &schemas.Progress{
			MeetingID: meetingRow("1", 1).Key, Org: org, Stage: "match", Outcome: outcome, At: start, Offset: int64(i)}})
	}
	write(t, s.ProgressSink(), events...)
	got, err := s.Tally(t.Context(), org)
	want := schemas.Tally{
		Meetings:  map[schemas.State]int{schemas.StateMatched: 2, schemas.StateInternal: 1, schemas.StateUnmatched: 1},
		ByCompany: map[string]int{"acme": 4},
		Entries:   map[string]int{},
		Progress:  map[string]int{"match/done": 2, "match/stale": 1},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("tally %+v, want %+v (%v)", got, want, err)
	}
	if _, err := s.Tally(t.Context(), ""); err == nil {
		t.Error("a tally of no organisation")
	}
}

// The highest version that a store must take is the lowest seniority.
func TestTheFirstTellingCountsUpToTheLastVersion(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	for _, v := range []uint64{sink.MaxVersion, 7, math.MaxInt32} {
		write(t, s.ProgressSink(), sink.Row[schemas.Progress]{Key: "0/0", Version: v, Value: &schemas.Progress{
			MeetingID: "x", Org: "x", Stage: "match", Outcome: fmt.Sprint(v), At: start}})
	}
	if n := number(t, conn, "SELECT toUInt64(outcome) FROM meeting_progress_current"); n != 7 {
		t.Errorf("telling %d counts, want 7", n)
	}
}
