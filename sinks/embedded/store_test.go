package embedded_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
	"leadline/sinks/sink/sinktest"
)

func open(t testing.TB, path string) *embedded.Store {
	t.Helper()
	s, err := embedded.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func opener[S any](of func(*embedded.Store) S) sinktest.Open[S] {
	return func(t *testing.T) (S, func(context.Context) error) {
		return of(open(t, filepath.Join(t.TempDir(), "store.db"))), nil
	}
}

func TestMeetings(t *testing.T) {
	t.Parallel()
	sinktest.Rows(t, opener(func(s *embedded.Store) sinktest.MeetingStore { return s }))
}

func TestEntries(t *testing.T) {
	t.Parallel()
	sinktest.Entries(t, opener(func(s *embedded.Store) sinktest.EntryStore { return s }))
}

func TestProgress(t *testing.T) {
	t.Parallel()
	sinktest.Progress(t, opener(func(s *embedded.Store) sinktest.ProgressStore { return s }))
}

func TestReads(t *testing.T) {
	t.Parallel()
	sinktest.Reads(t, opener(func(s *embedded.Store) sinktest.WholeStore { return s }))
}

func entry(n int, version uint64, text string) sink.Row[schemas.Entry] {
	meeting := schemas.MeetingID("acme", schemas.Fathom, fmt.Sprint(n/20))
	id := fmt.Sprintf("fathom:%d:transcript:%d", n/20, n%20)
	return sink.Row[schemas.Entry]{Key: schemas.EntryKey(meeting, id), Version: version, Value: &schemas.Entry{
		ID: id, MeetingID: meeting, Org: "acme", Provider: schemas.Fathom, RecordingID: fmt.Sprint(n / 20),
		Kind: schemas.EntryTranscript, Title: "Quarterly review", Text: text, Speakers: []string{"Ines", "Ugo"},
		State: string(schemas.StateMatched), Companies: []string{fmt.Sprint("company", n/20%35)},
		MeetingAt: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
	}}
}

func write(t testing.TB, s *embedded.Store, rows ...sink.Row[schemas.Entry]) {
	t.Helper()
	if err := s.EntrySink().Write(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
}

func found(t testing.TB, s *embedded.Store, text string) int {
	t.Helper()
	hits, err := s.Search(t.Context(), schemas.SearchQuery{Scope: schemas.Scope{Org: "acme"}, Text: text, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return len(hits)
}

func TestAReaderWorksBesideAWriterAndAfterIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "with space & 100%?#", "store.db")
	if _, err := embedded.OpenReadOnly(t.Context(), path); err == nil {
		t.Fatal("a store that does not exist was opened for reading")
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatal("opening for reading created the file")
	}
	writer := open(t, path)
	write(t, writer, entry(0, 1, "lighthouse"))
	reader, err := embedded.OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if got := found(t, reader, "lighthouse"); got != 1 {
		t.Errorf("beside the writer %d entries are found, want 1", got)
	}
	write(t, writer, entry(5, 1, "lighthouse"))
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if got := found(t, reader, "lighthouse"); got != 2 {
		t.Errorf("after the writer %d entries are found, want 2", got)
	}
	if err := reader.EntrySink().Write(t.Context(), sink.Batch[schemas.Entry]{entry(2, 1, "x")}); err == nil {
		t.Error("a store that was opened for reading took a write")
	}
}

// A killed process leaves its log beside the file. The copy stands for what the
// next process finds.
func TestWhatWasWrittenSurvivesAKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	write(t, s, entry(0, 1, "lighthouse"))
	for name, open := range map[string]func(context.Context, string) (*embedded.Store, error){
		"reading": embedded.OpenReadOnly, "writing": embedded.Open,
	} {
		left := filepath.Join(t.TempDir(), "store.db")
		for _, suffix := range []string{"", "-wal"} {
			raw, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(left+suffix, raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		again, err := open(t.Context(), left)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := found(t, again, "lighthouse"); got != 1 {
			t.Errorf("%s: %d entries are found, want 1", name, got)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAFileOfANewerBuildIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for at, says := range map[int]string{99: "knows up to", 0: "open it once for writing"} {
		if _, err := db.ExecContext(t.Context(), fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = 0", at)); err != nil {
			t.Fatal(err)
		}
		if _, err := embedded.OpenReadOnly(t.Context(), path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("version %d for reading: %v", at, err)
		}
		if at == 99 {
			if _, err := embedded.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("version %d: %v", at, err)
			}
		}
	}
}

func TestDeletedWordsAreNowhereInTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	// Few writes, so that no merge of the index removes the word by the way.
	write(t, s, entry(0, 1, "something ordinary"))
	secret := entry(1, 1, "Rumpelstiltskin "+strings.Repeat("pays for everything ", 400))
	secret.Value.Speakers = []string{"Rumpelstiltskin"}
	write(t, s, secret)
	inFiles := func() (n int) {
		for _, suffix := range []string{"", "-wal"} {
			raw, err := os.ReadFile(path + suffix)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			// The index leaves out what a word shares with the one before it.
			n += bytes.Count(raw, []byte("umpelstilt"))
		}
		return n
	}
	if inFiles() == 0 {
		t.Fatal("the word was never in the file: this test cannot fail")
	}
	secret.Value, secret.Version = nil, 2
	write(t, s, secret)
	if err := s.Close(); err != nil { // the log is copied into the file and removed
		t.Fatal(err)
	}
	if n := inFiles(); n != 0 {
		t.Errorf("the file still holds the word %d times", n)
	}
}

func TestTheIndexAgreesWithTheEntries(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	for v := uint64(1); v <= 3; v++ {
		for i := range 20 {
			r := entry(i, v, fmt.Sprintf("text %d of 会議 %d", i, v))
			if (uint64(i)+v)%4 == 0 {
				r.Value = nil
			}
			write(t, s, r)
		}
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// With rank 1 the check reads the content too.
	if _, err := db.ExecContext(t.Context(), `INSERT INTO entries_fts (entries_fts, rank) VALUES ('integrity-check', 1)`); err != nil {
		t.Error(err)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	sinktest.Usage(t, opener(func(s *embedded.Store) sinktest.UsageStore { return s }))
}

func TestRuleHits(t *testing.T) {
	t.Parallel()
	sinktest.RuleHits(t, opener(func(s *embedded.Store) sinktest.RuleHitStore { return s }))
}

func TestVectors(t *testing.T) {
	t.Parallel()
	sinktest.Vectors(t, opener(func(s *embedded.Store) sinktest.VectorStore { return s }))
}
