package embedded

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"leadline/schemas"
	"leadline/sinks/sink"
	"leadline/sinks/sink/sinktest"
)

// Until the words are read into memory, the file's own index passes the same
// suite.
func TestEntriesBeforeTheWordsAreRead(t *testing.T) {
	t.Parallel()
	sinktest.Entries(t, func(t *testing.T) (sinktest.EntryStore, func(context.Context) error) {
		s := opened(t)
		s.stop() // nothing reads them any more
		s.stop = nil
		s.words.ready.Store(false)
		return s, nil
	})
}

func TestRanking(t *testing.T) {
	t.Parallel()
	sinktest.Ranked(t, func(t *testing.T) (sinktest.EntryStore, func(context.Context) error) {
		s := opened(t)
		return s, s.Warm
	})
}

// A store that was open while entries changed ranks as one that is opened then.
func TestFollowingComesToTheSameAsReadingAnew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for v := uint64(1); v <= 4; v++ {
		var b sink.Batch[schemas.Entry]
		for n := range 40 {
			r := textOf("acme", 3*n, fmt.Sprintf("the lighthouse of %d, %d 会議", n, v))
			if r.Version = v; (uint64(n)+v)%5 == 0 {
				r.Value = nil
			}
			b = append(b, r)
		}
		if err := s.EntrySink().Write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if err := s.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	again, err := OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"lighthouse", "lighthouse 7", "会議"} {
		q := schemas.SearchQuery{Scope: schemas.Scope{Org: "acme"}, Text: text, Limit: 100}
		one, err := s.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		other, err := again.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(one) != 32 || len(other) != len(one) {
			t.Fatalf("%q: %d and %d hits, want 32", text, len(one), len(other))
		}
		for i := range one {
			if one[i].Entry.Text != other[i].Entry.Text {
				t.Errorf("%q: hit %d is %q and %q", text, i, one[i].Entry.Text, other[i].Entry.Text)
			}
		}
	}
}

// More are out of the scope than a ranking takes at first.
func TestAScopeOfFewAmongManyIsSearchedWhole(t *testing.T) {
	t.Parallel()
	s := opened(t)
	var b sink.Batch[schemas.Entry]
	for n := range 3_000 {
		r := textOf("acme", 3*n, "the lighthouse")
		if n%1000 != 999 {
			r.Value.State = string(schemas.StateInternal)
		}
		b = append(b, r)
	}
	if err := s.EntrySink().Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := s.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := s.snapshot(t.Context(), func(tx *sql.Tx) error {
		n := narrowed(schemas.SearchQuery{Scope: schemas.Scope{Org: "acme"}})
		found, err := s.best(t.Context(), tx, n, newAnalysis().wanted(termsOf("lighthouse")), pool)
		if len(found) != 3 {
			t.Errorf("%d found, want 3", len(found))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
