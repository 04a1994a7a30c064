package command

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"leadline/deploy/demo"
	"leadline/schemas"
	"leadline/sinks/embedded"
)

// asCommand, in the environment, makes the test binary the product: a test that
// kills a process needs one of its own.
const asCommand = "LEADLINE_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(Main())
	}
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue && os.Getenv("LEADLINE_KILLS") == "" {
		// They wait for processes more than they compute: two at a time on two processors take twice as long as four.
		if err := parallel.Value.Set("4"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// leadline is the product as another process.
func leadline(ctx context.Context, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd = exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// fixture is a set of meetings and whose they are.
type fixture struct {
	meetings  fs.FS
	args      []string // for up --demo
	companies map[string]string
}

// shared is the folder of what tests may use and the product has not.
func shared() string {
	if dir := os.Getenv("LEADLINE_SHARED"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "shared")
}

// realMeetings are those of data/qmsum; a test without them is skipped.
func realMeetings(t *testing.T) fixture {
	t.Helper()
	dir := filepath.Join(shared(), "data", "qmsum")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real meetings: %v (LEADLINE_SHARED names their folder)", err)
	}
	f := fixture{
		meetings: os.DirFS(filepath.Join(dir, "meetings")),
		args: []string{"--meetings", filepath.Join(dir, "meetings"), "--directory", filepath.Join(dir, "directory.json"),
			// Hours of talk, which the local distiller reads at some seconds a meeting; it has tests of its own.
			"--distiller", "none"},
		companies: make(map[string]string),
	}
	// Every question of the set names the company of its meeting: an answer
	// that does not come from the matcher.
	raw, err := os.ReadFile(filepath.Join(dir, "queries.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		var q struct {
			RecordingID int64  `json:"recording_id"`
			CompanyID   string `json:"company_id"`
		}
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatal(err)
		}
		f.companies[strconv.FormatInt(q.RecordingID, 10)] = q.CompanyID
	}
	return f
}

// upArgs runs the demonstration on free ports, in a folder of the test's.
func upArgs(data string, more ...string) []string {
	return append([]string{
		"up", "--demo", "--once", "--json", "--data", data, "--port", "0", "--kafka-port", "0", "--registry-port", "0",
		"--timeout", patience(2 * time.Minute).String(),
	}, more...)
}

// turnsOf reads a recording's transcript as the recorder has it.
func turnsOf(t *testing.T, meetings fs.FS) map[string][]string {
	t.Helper()
	names, err := fs.Glob(meetings, "*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no meetings: %v", err)
	}
	turns := make(map[string][]string)
	for _, name := range names {
		raw, err := fs.ReadFile(meetings, name)
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			RecordingID json.Number `json:"recording_id"`
			Transcript  []struct {
				Text string `json:"text"`
			} `json:"transcript"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		for _, turn := range m.Transcript {
			turns[m.RecordingID.String()] = append(turns[m.RecordingID.String()], turn.Text)
		}
	}
	return turns
}

// contents is what both stores say of an organisation, without the times of
// receipt.
func contents(t *testing.T, data string) map[string]string {
	t.Helper()
	store, err := embedded.OpenReadOnly(t.Context(), storeFile(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	scope := schemas.Scope{Org: "demo", HeldBack: true}
	meetings, err := store.Meetings(t.Context(), schemas.MeetingQuery{Scope: scope, Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, m := range meetings {
		if m.Entries != int(m.Row.Entries) {
			t.Errorf("%s has %d entries in the knowledge store, want %d", m.Row.ID, m.Entries, m.Row.Entries)
		}
		entries, err := store.MeetingEntries(t.Context(), scope, m.Row.ID)
		if err != nil {
			t.Fatal(err)
		}
		m.Row.ReceivedAt = time.Time{}
		row, err := json.Marshal(m.Row)
		if err != nil {
			t.Fatal(err)
		}
		all[m.Row.ID] = fmt.Sprintf("version %d %s", m.Version, row)
		for _, e := range entries {
			if e.Version != m.Version {
				t.Errorf("%s is of version %d, its meeting of %d", e.Entry.ID, e.Version, m.Version)
			}
			entry, err := json.Marshal(e.Entry)
			if err != nil {
				t.Fatal(err)
			}
			if _, twice := all[e.Entry.ID]; twice {
				t.Errorf("%s is there twice", e.Entry.ID)
			}
			all[e.Entry.ID] = string(entry)
		}
	}
	return all
}

// check runs the demonstration to its end and returns its summary and what it
// wrote to standard error.
func check(t *testing.T, args []string) (summary, string) {
	t.Helper()
	cmd, stdout, stderr := leadline(t.Context(), args...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}
	var s summary
	if err := json.Unmarshal(stdout.Bytes(), &s); err != nil {
		t.Fatalf("the summary is %q: %v", stdout, err)
	}
	return s, stderr.String()
}

// Every meeting of the set is on its own company and on no other, and every
// turn of every transcript is in an entry of its meeting.
func TestRealMeetings(t *testing.T) {
	f := realMeetings(t)
	data := t.TempDir()
	s, said := check(t, upArgs(data, f.args...))
	t.Logf("%+v", s)
	if said != "" {
		t.Errorf("normal operation is not silent:\n%s", said)
	}
	if s.Meetings != 35 || s.Matched != 35 || s.DuplicatesDropped != 35 || s.DeadLetters != 0 {
		t.Errorf("%+v, want 35 meetings, 35 matched, 35 duplicates dropped, no dead letters", s)
	}
	store, err := embedded.OpenReadOnly(t.Context(), storeFile(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	found, missed := 0, 0
	for recording, turns := range turnsOf(t, f.meetings) {
		scope := schemas.Scope{Org: "demo"}
		m, ok, err := store.Meeting(t.Context(), scope, schemas.MeetingID("demo", schemas.Fathom, recording))
		if err != nil || !ok {
			t.Fatalf("%s: found %v, %v", recording, ok, err)
		}
		for _, l := range m.Row.Links {
			if l.CompanyID == nil || *l.CompanyID != f.companies[recording] {
				t.Errorf("%s is linked to %v, want %s alone", recording, l.CompanyID, f.companies[recording])
			}
		}
		scope.Company = f.companies[recording]
		entries, err := store.MeetingEntries(t.Context(), scope, m.Row.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range turns {
			if inTranscript(entries, i, text) {
				found++
			} else if missed++; missed < 5 {
				t.Errorf("%s: turn %d is in no entry: %.80q", recording, i, text)
			}
		}
	}
	t.Logf("%d turns findable, %d not", found, missed)
}

// inTranscript looks for a turn's words, one after the other, in the entries
// that say that they hold it.
func inTranscript(entries []schemas.Hit, turn int, text string) bool {
	words := strings.Fields(text)
	held := false
	var pieces strings.Builder
	for _, e := range entries {
		if e.Entry.Kind != schemas.EntryTranscript || int(*e.Entry.TurnFirst) > turn || int(*e.Entry.TurnLast) < turn {
			continue
		}
		held = true
		pieces.WriteString(e.Entry.Text + "\n")
	}
	if !held {
		return false
	}
	rest := pieces.String()
	for _, w := range words {
		i := strings.Index(rest, w)
		if i < 0 {
			return false
		}
		rest = rest[i+len(w):]
	}
	return true
}

// The process is killed at random moments of the run and started again, over
// and over; in the end both stores hold what an undisturbed run leaves there,
// byte for byte except for times of receipt.
func TestKillAtAnyMomentLosesNothingAndDoublesNothing(t *testing.T) {
	t.Parallel()
	kills, f := 3, fixture{meetings: demo.Meetings()}
	if testing.Short() {
		f.args = []string{"--distiller", "none"} // the local one is nine tenths of all the work
	}
	if n, err := strconv.Atoi(os.Getenv("LEADLINE_KILLS")); err == nil {
		kills, f = n, realMeetings(t)
	}
	undisturbed := t.TempDir()
	whole, _ := check(t, upArgs(undisturbed, f.args...))
	want := contents(t, undisturbed)

	data := t.TempDir()
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	killed := 0
	for killed < kills {
		// Up to half as long again as a whole run: starts, the middle and the
		// end are all hit.
		delay := time.Duration(rng.Float64() * (whole.Seconds*1.5 + 0.5) * float64(time.Second))
		ctx, cancel := context.WithCancel(t.Context())
		cmd, _, stderr := leadline(ctx, upArgs(data, f.args...)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(delay, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		cancel()
		if timer.Stop() { // it ended before its time
			if err != nil {
				t.Fatalf("a run ended by itself after %d kills: %v\n%s", killed, err, stderr)
			}
			continue
		}
		killed++
	}
	last, _ := check(t, upArgs(data, f.args...))
	t.Logf("%d kills; the last run: %+v", killed, last)
	if last.Meetings != whole.Meetings || last.Entries != whole.Entries || last.Matched != whole.Matched || last.DeadLetters != 0 {
		t.Errorf("after the kills %+v, undisturbed %+v", last, whole)
	}
	got := contents(t, data)
	for id, w := range want {
		if g, ok := got[id]; !ok {
			t.Errorf("%s is lost", id)
		} else if g != w {
			t.Errorf("%s differs:\n%.300s\n%.300s", id, g, w)
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			t.Errorf("%s should not be there", id)
		}
	}
}
