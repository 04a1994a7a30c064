package command

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leadline/console"
	"leadline/schemas"
)

// backedUpLife has so many meetings of one company still to end.
func backedUpLife(t *testing.T, meetings int) *life {
	t.Helper()
	var recorded []map[string]any
	for i := range meetings {
		began := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * 2 * time.Hour)
		recorded = append(recorded, map[string]any{
			"recording_id": 940000 + i, "recording_start_time": began, "recording_end_time": began.Add(time.Hour), "created_at": began.Add(time.Hour),
			"calendar_invitees": []map[string]any{{"name": "Ann", "email": "ann@kept.example", "email_domain": "kept.example", "is_external": true}},
		})
	}
	l := newLifeOf(t, "none", recordedLike(t, "910003.json", recorded...))
	if _, err := l.client().PutEntry(t.Context(), "demo", schemas.DirectoryLine{Type: schemas.SortCompany, ID: "kept", Name: "Kept", Domains: []string{"kept.example"}}); err != nil {
		t.Fatal(err)
	}
	l.connect(l.where.URL)
	return l
}

func (l *life) holds(meetings int) func(console.Tally) bool {
	return func(tally console.Tally) bool {
		return tally.Meetings[string(schemas.StateMatched)] >= meetings && tally.Progress["index/done"] >= meetings
	}
}

// A backup is taken while meetings come in, the directory is lost, and restored. What was in the stores is there, at what version it was;
// what was on its way arrives; what came after comes again with a sync; and in the end everything is as if nothing had been.
func TestABackupUnderLoadIsRestoredWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("two whole lives of 120 meetings")
	}
	const meetings = 120
	l := backedUpLife(t, meetings)
	archives := t.TempDir()
	under, after := filepath.Join(archives, "under-load"), filepath.Join(archives, "after")
	l.simulator.EndAll(15) // eight seconds, of which the backup shall be in the middle
	l.until("some meetings are in the stores", l.holds(10))
	if said := l.command(0, "", "backup", under); !strings.Contains(said, "keep it as a secret") {
		t.Errorf("backup said %s", said)
	}
	l.until("all meetings are in the stores", l.holds(meetings))
	l.snapshotsAreGuarded()
	l.stop()
	l.command(0, "", "backup", after)
	want := contents(t, l.data)

	lost := l.data
	if err := os.RemoveAll(lost); err != nil {
		t.Fatal(err)
	}
	l.command(0, "", "restore", after)
	if got := contents(t, l.data); !maps.Equal(got, want) {
		t.Errorf("what was taken when it had stopped has %d rows and entries, want %d", len(got), len(want))
	}
	if err := os.RemoveAll(lost); err != nil {
		t.Fatal(err)
	}
	l.command(0, "", "restore", under)
	had := contents(t, l.data)
	if len(had) == 0 || len(had) >= len(want) {
		t.Errorf("under load %d of %d rows and entries were taken: that proves little", len(had), len(want))
	}
	for id, row := range had {
		if want[id] != row {
			t.Errorf("%s differs:\n%.300s\n%.300s", id, row, want[id])
		}
	}
	l.start("none")
	l.command(0, "", "sync", "--watch")
	l.until("all meetings are there again", l.holds(meetings))
	l.stop()
	same := func(when string) {
		t.Helper()
		got := contents(t, l.data)
		for id, row := range want {
			if got[id] != row {
				t.Errorf("%s %s differs:\n%.300s\n%.300s", when, id, got[id], row)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s there are %d rows and entries, want %d", when, len(got), len(want))
		}
	}
	same("after a sync")
	// What the log has makes the same store, so none was ahead of the other.
	replayed(t, 0, nil, "embedded", "--data", l.data, "--yes")
	same("filled again from the log")
	if left, err := filepath.Glob(filepath.Join(l.data, snapshotPrefix+"*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// snapshotsAreGuarded asks as others would.
func (l *life) snapshotsAreGuarded() {
	l.Helper()
	token, err := os.ReadFile(tokenFile(l.data))
	if err != nil {
		l.Fatal(err)
	}
	ask := func(method, token string) *http.Response {
		l.Helper()
		req, err := http.NewRequestWithContext(l.Context(), method, l.where.URL+snapshotPath, http.NoBody)
		if err != nil {
			l.Fatal(err)
		}
		req.Header.Set("Authorization", token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			l.Fatal(err)
		}
		return res
	}
	right := "Bearer " + strings.TrimSpace(string(token))
	for _, c := range []struct {
		method, token string
		code          int
	}{
		{http.MethodGet, right, http.StatusMethodNotAllowed}, {http.MethodPost, "", http.StatusUnauthorized},
		{http.MethodPost, "Bearer ", http.StatusUnauthorized}, {http.MethodPost, right + "x", http.StatusUnauthorized},
	} {
		if res := ask(c.method, c.token); res.StatusCode != c.code || res.Body.Close() != nil {
			l.Errorf("%s with %.8q...: %s", c.method, c.token, res.Status)
		}
	}
	held := ask(http.MethodPost, right)
	if held.StatusCode != http.StatusOK {
		l.Fatalf("with the token: %s", held.Status)
	}
	if said := l.command(1, "", "backup", filepath.Join(l.TempDir(), "x")); !strings.Contains(said, "another backup is being made") {
		l.Errorf("beside another: %s", said)
	}
	_ = held.Body.Close()
	waitFor(l.T, time.Minute, func() error {
		left, err := filepath.Glob(filepath.Join(l.data, snapshotPrefix+"*"))
		if err == nil && len(left) > 0 {
			err = fs.ErrExist
		}
		return err
	})
}

// What was not restored whole is not there, and nothing that is there is touched.
func TestARestoreIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a whole process")
	}
	l := backedUpLife(t, 3)
	l.simulator.EndAll(0)
	l.until("the meetings are in the stores", l.holds(3))
	l.stop()
	work := t.TempDir()
	file, bare := filepath.Join(work, "whole"), filepath.Join(work, "bare")
	l.command(0, "", "backup", file)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the archive has mode %v, %v", info.Mode(), err)
	}
	l.command(2, "", "backup", file)
	if said := l.command(2, "", "restore", file); !strings.Contains(said, "restored where nothing is") {
		t.Errorf("over what is there: %s", said)
	}
	if said := l.command(0, "", "backup", "--without-keys", bare); !strings.Contains(said, "are not in it") {
		t.Errorf("without keys: %s", said)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	was := l.data
	want := contents(t, was)

	l.data = filepath.Join(work, "cut", "data")
	ctx, cancel := context.WithTimeout(t.Context(), patience(time.Minute))
	defer cancel()
	cmd, _, said := leadline(ctx, "restore", "-", "--data", l.data)
	feed, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(feed, bytes.NewReader(raw[:len(raw)/2])); err != nil {
		t.Fatal(err, said)
	}
	waitFor(t, time.Minute, func() error { // until it has begun
		begun, err := filepath.Glob(l.data + ".restoring-*")
		if err == nil && len(begun) == 0 {
			err = fs.ErrNotExist
		}
		return err
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if _, err := os.Stat(l.data); err == nil {
		t.Error("a restore that was killed left a directory")
	}
	damaged := bytes.Clone(raw)
	for i := range 64 { // a bit alone may be one that means nothing to the compression
		damaged[len(raw)/2+i] ^= 0xff
	}
	broken := filepath.Join(work, "broken")
	if err := os.WriteFile(broken, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	l.command(1, "", "restore", broken)
	if _, err := os.Stat(l.data); err == nil {
		t.Error("a damaged archive left a directory")
	}
	l.command(0, "", "restore", file)
	if got := contents(t, l.data); !maps.Equal(got, want) {
		t.Errorf("%d rows and entries, want %d", len(got), len(want))
	}
	for _, name := range []string{"keys.json", "token"} {
		a, err := os.ReadFile(filepath.Join(was, name))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(l.data, name)); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is another: %v", name, err)
		}
	}
	l.data = filepath.Join(work, "bare-data")
	if said := l.command(0, "", "restore", bare); !strings.Contains(said, "keyset is not among them") {
		t.Errorf("restore said %s", said)
	}
	for _, name := range []string{"keys.json", "token"} {
		if _, err := os.Stat(filepath.Join(l.data, name)); err == nil {
			t.Errorf("%s is there", name)
		}
	}
}
