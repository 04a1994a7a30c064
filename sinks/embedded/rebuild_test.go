package embedded_test

import (
	"path/filepath"
	"testing"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// A topic that is folded no longer has the tombstone of a company that is gone. Whoever compares what the store held with what was filled
// again would miss it.
func TestWhatIsGoneIsNotCounted(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	company := func(id string, version uint64) sink.Row[schemas.DirectoryEntry] {
		return sink.Row[schemas.DirectoryEntry]{
			Key: schemas.DirectoryKey("acme", schemas.SortCompany, id), Version: version,
			Value: &schemas.DirectoryEntry{Org: "acme", Company: &schemas.Company{ID: id, Name: id}},
		}
	}
	gone := company("birch", 3)
	gone.Value = nil
	for _, r := range []sink.Row[schemas.DirectoryEntry]{company("birch", 1), company("cedar", 2), gone} {
		if err := s.DirectorySink().Write(t.Context(), sink.Batch[schemas.DirectoryEntry]{r}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Count(t.Context(), sink.PartDirectory); err != nil || n != 1 {
		t.Errorf("counted %d, %v, want the one company that is there", n, err)
	}
}
