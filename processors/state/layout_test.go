package state_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"leadline/processors/state"
)

// A file of another layout is read again from the changelog: its position goes
// with its keys.
func TestAFileOfAnotherLayoutIsEmptied(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	old, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`CREATE TABLE state (partition INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (partition, key))`,
		`CREATE TABLE position (partition INTEGER PRIMARY KEY, topic_id BLOB NOT NULL, next INTEGER NOT NULL)`,
		`INSERT INTO state VALUES (0, 'a', '1')`, `INSERT INTO position VALUES (0, x'01', 7)`,
	} {
		if _, err := old.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int64{0, 5} { // emptied once, and kept from then on
		s, err := state.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		at, err := s.Position(t.Context(), 0)
		_, found, failed := s.Partition(0).Get("a")
		if err != nil || failed != nil || at.Next != want || found != (want > 0) {
			t.Errorf("position %d, found %v, want %d: %v, %v", at.Next, found, want, err, failed)
		}
		change := state.Change{Writes: map[string][]byte{"a": []byte("2")}, Position: state.Position{Next: 5}}
		if err := s.Apply(t.Context(), []state.Change{change}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
