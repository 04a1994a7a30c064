package state_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"leadline/processors/state"
)

// Values of every size are what was last written, and what was replaced or
// deleted takes no room.
func TestLargeValuesComeAndGo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := state.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	sizes := []int{0, 1, 511, 512, 513, 100_000}
	want := make(map[string][]byte)
	for range 50 {
		writes := make(map[string][]byte)
		for range 4 {
			key, size := fmt.Sprintf("k%02d", rng.IntN(12)), sizes[rng.IntN(len(sizes))]
			value := bytes.Repeat([]byte{byte(rng.IntN(256))}, size)
			if rng.IntN(4) == 0 {
				value = nil
			}
			writes[key] = value
		}
		if err := s.Apply(t.Context(), []state.Change{{Partition: 1, Writes: writes}}); err != nil {
			t.Fatal(err)
		}
		maps.Copy(want, writes)
		maps.DeleteFunc(want, func(_ string, v []byte) bool { return v == nil })
		got := make(map[string][]byte)
		if err := s.Partition(1).Scan("k", func(key string, value []byte) error {
			got[key] = bytes.Clone(value)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for key := range got {
			value, found, err := s.Partition(1).Get(key)
			if err != nil || !found || !bytes.Equal(value, want[key]) || !bytes.Equal(got[key], value) {
				t.Fatalf("%s: %d bytes got, %d scanned, %d wanted, found %v, %v", key, len(value), len(got[key]), len(want[key]), found, err)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d keys, want %d", len(got), len(want))
		}
	}
	large := 0
	for _, value := range want {
		if len(value) >= 512 {
			large++
		}
	}
	if n := largeRows(t, path); n != large || large == 0 {
		t.Errorf("%d rows of large values, want %d", n, large)
	}
	if err := s.Drop(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if n := largeRows(t, path); n != 0 {
		t.Errorf("%d rows of large values of a partition that was dropped", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func largeRows(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM large`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
