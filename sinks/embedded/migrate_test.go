package embedded

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// A file that any earlier build left is read like one that this build wrote.
func TestAFileOfEachEarlierBuildIsNarrowedLikeANewOne(t *testing.T) {
	t.Parallel()
	for level := 1; level <= newest; level++ {
		t.Run(fmt.Sprint("tables of version ", level), func(t *testing.T) {
			t.Parallel()
			narrowedAfter(t, level)
		})
	}
}

// A file of a later build is left alone by this one, whose writes that one
// would not understand.
func TestAFileOfALaterBuildIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.ExecContext(t.Context(), fmt.Sprintf(`PRAGMA user_version = %d; PRAGMA application_id = 0`, newest+1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for what, open := range map[string]func() (*Store, error){
		"writing": func() (*Store, error) { return Open(t.Context(), path) },
		"reading": func() (*Store, error) { return OpenReadOnly(t.Context(), path) },
	} {
		if _, err := open(); err == nil || !strings.Contains(err.Error(), "run the newer Leadline again") {
			t.Errorf("opened for %s: %v", what, err)
		}
	}
}

// A later build that only added something says so in the file, and this one
// reads and writes it, and leaves its version as it is.
func TestAFileThatALaterBuildOnlyAddedToIsUsed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.EntrySink().Write(t.Context(), sink.Batch[schemas.Entry]{textOf("acme", 0, "the lighthouse")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.ExecContext(t.Context(), fmt.Sprintf(`ALTER TABLE entries ADD COLUMN mood TEXT; PRAGMA user_version = %d; PRAGMA application_id = %d`,
		newest+2, newest)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.EntrySink().Write(t.Context(), sink.Batch[schemas.Entry]{textOf("acme", 1, "the harbour")}); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Count(t.Context(), sink.PartEntries); err != nil || n != 2 {
			t.Errorf("%d entries, %v", n, err)
		}
		if at, err := version(t.Context(), s.read); err != nil || at != newest+2 {
			t.Errorf("its tables are version %d, %v", at, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if s, err = OpenReadOnly(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// narrowedAfter has rows written under the first tables go through migrations up to
// a level, at which the earlier build stopped.
func narrowedAfter(t *testing.T, level int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	first, err := migrations.ReadFile("migrations/1.sql")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 9, 0, 0, 250e6, time.UTC)
	e := *textOf("acme", 0, "the lighthouse").Value
	e.Provider, e.Language, e.Speakers, e.MeetingAt = schemas.Fathom, "en", []string{"Ines"}, at
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		query string
		args  []any
	}{
		{string(first), nil},
		{`INSERT INTO entries (org, live, state, kind, version, meeting, entry, title, text, body)
			VALUES ('acme', 1, 'matched', 'transcript', 1, ?, ?, '', 'the lighthouse', ?)`, []any{e.MeetingID, e.ID, raw}},
		{`INSERT INTO entries (org, live, state, kind, version, meeting, entry) VALUES ('acme', 0, '', '', 1, 'acme/fathom/2', 'gone')`, nil},
		{`PRAGMA user_version = 1`, nil},
	} {
		if _, err := db.ExecContext(t.Context(), step.query, step.args...); err != nil {
			t.Fatal(err)
		}
	}
	for n := 2; n <= level; n++ {
		text, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", n))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), fmt.Sprintf("%s; PRAGMA user_version = %d", text, n)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	q := schemas.SearchQuery{
		Scope: schemas.Scope{Org: "acme"}, Text: "lighthouse", Providers: []string{schemas.Fathom}, Languages: []string{"en"},
		Speakers: []string{"Ines"}, Since: at, Until: at.Add(time.Millisecond),
	}
	if hits, err := s.Search(t.Context(), q); err != nil || len(hits) != 1 {
		t.Errorf("found %+v, %v", hits, err)
	}
	q.Since = at.Add(time.Millisecond)
	q.Until = time.Time{}
	if hits, err := s.Search(t.Context(), q); err != nil || len(hits) != 0 {
		t.Errorf("after its time it is found: %+v, %v", hits, err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO entries_fts (entries_fts, rank) VALUES ('integrity-check', 1)`); err != nil {
		t.Error(err)
	}
}
