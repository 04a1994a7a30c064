package embedded

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// The index has the words of what lives and no others, whatever batches do to
// rows, and whoever wrote before: an earlier build's words come by trigger.
func TestTheIndexIsOfWhatTheRowsSay(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	rng := rand.New(rand.NewPCG(3, 4))
	words := []string{"harbour", "lighthouse", "anchor", "keel", "mast"}
	version := uint64(12)
	for range 40 {
		var batch sink.Batch[schemas.Entry]
		for range 1 + rng.IntN(8) {
			version++
			row := textOf("acme", rng.IntN(12), words[rng.IntN(len(words))]+" "+words[rng.IntN(len(words))])
			row.Version = version - rng.Uint64N(12) // some are older than what is there
			if rng.IntN(4) == 0 {
				row.Value = nil
			}
			batch = append(batch, row)
		}
		if err := s.EntrySink().Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		// As an earlier build would.
		if _, err := s.write.ExecContext(t.Context(), `UPDATE entries SET text = text || ' rudder' WHERE id = ? AND live = 1`, rng.IntN(12)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.write.ExecContext(t.Context(), `INSERT INTO entries_fts (entries_fts, rank) VALUES ('integrity-check', 1)`); err != nil {
			t.Fatalf("the index differs from the rows: %v", err)
		}
	}
	for _, w := range append(words, "rudder") {
		var indexed, said int
		if err := s.read.QueryRowContext(t.Context(), `SELECT count(*) FROM entries_fts WHERE entries_fts MATCH ?`, w).Scan(&indexed); err != nil {
			t.Fatal(err)
		}
		if err := s.read.QueryRowContext(t.Context(), `SELECT count(*) FROM entries WHERE live = 1 AND text LIKE ?`, fmt.Sprintf("%%%s%%", w)).Scan(&said); err != nil {
			t.Fatal(err)
		}
		if indexed != said || said == 0 {
			t.Errorf("%s: %d rows are found, %d say it", w, indexed, said)
		}
	}
}
