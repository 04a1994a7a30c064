package embedded

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// An earlier build knows nothing of addresses. What it wrote is found by them
// all the same, be it before this build or after.
func TestMeetingsOfAnEarlierBuildAreFoundByAddress(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for n := 1; n < 8; n++ {
		text, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", n))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), fmt.Sprintf("%s; PRAGMA user_version = %d", text, n)); err != nil {
			t.Fatal(err)
		}
	}
	row := func(recording, address string) *schemas.MeetingRow {
		user := "user of " + address
		return &schemas.MeetingRow{
			ID: schemas.MeetingID("acme", schemas.Fathom, recording), Org: "acme", Provider: schemas.Fathom, RecordingID: recording,
			State: string(schemas.StateMatched), StartedAt: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
			Links: []schemas.Link{{Attendee: address, Rule: schemas.RuleEmail, Matched: address, EndUserID: &user}},
		}
	}
	earlier := func(version int, m *schemas.MeetingRow, live bool) {
		t.Helper()
		var raw []byte
		if live {
			if raw, err = json.Marshal(m); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := db.ExecContext(t.Context(), `
			INSERT INTO meetings (id, org, version, live, state, started_at, body, learning) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET version = excluded.version, live = excluded.live, state = excluded.state,
				started_at = iif(excluded.live, excluded.started_at, started_at), body = excluded.body,
				learning = excluded.learning
			WHERE excluded.version > version`, m.ID, m.Org, version, live, m.State, m.StartedAt.UnixMilli(), raw, m.Learning); err != nil {
			t.Fatal(err)
		}
	}
	earlier(1, row("1", "ann@mail.example"), true)
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	expect := func(when string, want map[string]int) {
		t.Helper()
		for address, n := range want {
			all, err := s.Meetings(t.Context(), schemas.MeetingQuery{Scope: schemas.Scope{Org: "acme"}, Address: address, Limit: 10})
			if err != nil || len(all) != n {
				t.Errorf("%s: %d meetings of %s, want %d; %v", when, len(all), address, n, err)
			}
		}
	}
	expect("at the first start", map[string]int{"ann@mail.example": 1, "bo@mail.example": 0})
	earlier(2, row("1", "bo@mail.example"), true)
	earlier(2, row("2", "bo@mail.example"), true)
	expect("after the earlier build", map[string]int{"ann@mail.example": 0, "bo@mail.example": 2})
	write := func(version uint64, key string, m *schemas.MeetingRow) {
		t.Helper()
		if err := s.MeetingSink().Write(t.Context(), sink.Batch[schemas.MeetingRow]{{Key: key, Version: version, Value: m}}); err != nil {
			t.Fatal(err)
		}
	}
	again := row("1", "ann@mail.example")
	write(3, again.ID, again)
	earlier(3, row("2", "bo@mail.example"), false)
	expect("after this build", map[string]int{"ann@mail.example": 1, "bo@mail.example": 0})
	earlier(4, row("1", "bo@mail.example"), true)
	expect("back with the earlier build", map[string]int{"ann@mail.example": 0, "bo@mail.example": 1})
	write(5, again.ID, nil)
	expect("once it is gone", map[string]int{"ann@mail.example": 0, "bo@mail.example": 0})
}
