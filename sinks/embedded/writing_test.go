package embedded

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

func TestAYearThatJSONCannotSayHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	late := textOf("acme", 1, "the lighthouse")
	late.Value.MeetingAt = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	err = s.EntrySink().Write(t.Context(), sink.Batch[schemas.Entry]{textOf("acme", 0, "the lighthouse"), late, textOf("acme", 2, "the lighthouse")})
	var bad *sink.Unstorable
	if !errors.As(err, &bad) || len(bad.Rows) != 1 || bad.Rows[1] == nil {
		t.Errorf("got %v, want row 1 named", err)
	}
	if n, err := s.Count(t.Context(), sink.PartEntries); err != nil || n != 2 {
		t.Errorf("%d entries, %v, want the two sound ones", n, err)
	}
}
