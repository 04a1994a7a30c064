package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// What is written after the moment is not in the copy, and what was before is.
func TestACopyIsOfOneMoment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	put := func(from, to int) {
		t.Helper()
		var batch sink.Batch[schemas.Entry]
		for i := from; i < to; i++ {
			batch = append(batch, textOf("acme", i, fmt.Sprint("lighthouse ", i)))
		}
		if err := s.EntrySink().Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	put(0, 20)
	m, err := Freeze(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	put(20, 60)
	if err := m.CopyTo(filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	put(60, 80)
	was, err := Open(t.Context(), filepath.Join(dir, "copy.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer was.Close()
	for store, want := range map[*Store]int{s: 80, was: 20} {
		if n, err := store.Count(t.Context(), sink.PartEntries); err != nil || n != want {
			t.Errorf("%d entries and %v, want %d", n, err, want)
		}
	}
	if _, err := Freeze(t.Context(), filepath.Join(dir, "none.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a store that is not there: %v", err)
	}
}
