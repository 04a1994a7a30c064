package local

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

var foldTopics = []Topic{{Name: "state", Compacted: true}, {Name: "events"}}

func foldConfig(dir string) Config { return Config{Dir: dir, FoldBytes: 1, Topics: foldTopics} }

// neverFold opens the same topics without folding them.
func neverFold(dir string) Config { return Config{Dir: dir, FoldBytes: 1 << 40, Topics: foldTopics} }

// fillState writes all that a fold must tell apart: superseded and latest records, in plain batches and transactions that were
// committed, aborted and cut, under two codecs, with tombstones. It returns the latest committed value of each key.
func fillState(t *testing.T, e *Engines) map[string]string {
	t.Helper()
	plain := client(t, e, kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.ProducerLinger(0))
	packed := client(t, e, kgo.ProducerBatchCompression(kgo.ZstdCompression()))
	produce(t, plain, rec("state", "first", "gone"))
	for i := range 5 {
		produce(t, plain, rec("state", "a", fmt.Sprint("plain", i)))
		produce(t, packed, rec("state", "b", fmt.Sprint("packed", i)), rec("state", fmt.Sprint("kept", i), "v"))
	}
	transaction(t, e, "one", "commit", rec("state", "a", "committed"), rec("state", "c", "committed"))
	transaction(t, e, "two", "abort", rec("state", "a", "aborted"), rec("state", "d", "aborted"))
	produce(t, plain, rec("state", "b", ""), rec("state", "first", "latest"))
	transaction(t, e, "three", "open", rec("state", "c", "cut"), rec("state", "e", "cut"))
	return map[string]string{"first": "latest", "a": "committed", "b": "", "c": "committed",
		"kept0": "v", "kept1": "v", "kept2": "v", "kept3": "v", "kept4": "v"}
}

func TestFoldKeepsTheLatestCommittedRecordOfEachKey(t *testing.T) {
	t.Parallel()
	e := openAt(t, neverFold(t.TempDir()))
	createTopics(t, e, foldTopics...)
	want := fillState(t, e)
	dir := killedCopy(t, e)
	unfolded := readCommitted(t, openAt(t, neverFold(killedCopy(t, e))), "state", 0)

	e = openAt(t, foldConfig(dir))
	if e.log.number != 2 {
		t.Fatalf("generation is %d: nothing was folded", e.log.number)
	}
	folded := readCommitted(t, e, "state", 0)
	if got := values(folded); !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if len(folded) != len(want) {
		t.Errorf("%d records stay of %d, want one for each of %d keys", len(folded), len(unfolded), len(want))
	}
	byOffset := make(map[int64]*kgo.Record)
	for _, r := range unfolded {
		byOffset[r.Offset] = r
	}
	for _, r := range folded {
		o := byOffset[r.Offset]
		if o == nil || string(o.Key) != string(r.Key) || string(o.Value) != string(r.Value) ||
			(o.Value == nil) != (r.Value == nil) || !o.Timestamp.Equal(r.Timestamp) {
			t.Errorf("offset %d was %v and is %v", r.Offset, o, r)
		}
	}
}

// Whatever the last batch was: a fold takes markers, and what was never
// committed, out of the log, and who reads it to its end would wait for ever.
func TestAFoldedLogEndsWithSomethingThatReadersSee(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"commit", "abort", "open"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			e := openAt(t, neverFold(t.TempDir()))
			createTopics(t, e, foldTopics...)
			transaction(t, e, "before", "commit", rec("state", "a", "1"))
			transaction(t, e, "last", end, rec("state", "a", "2"))
			want := map[string]string{"a": "1"}
			if end == "commit" {
				want["a"] = "2"
			}
			for fold := range 2 {
				e = openAt(t, foldConfig(killedCopy(t, e)))
				if got := values(seenToTheEnd(t, e, "state")); !maps.Equal(got, want) {
					t.Errorf("after fold %d: %v, want %v", fold, got, want)
				}
			}
		})
	}
}

func TestFoldKeepsOffsetsTopicIDsGroupsAndOtherTopics(t *testing.T) {
	t.Parallel()
	e := openAt(t, neverFold(t.TempDir()))
	createTopics(t, e, foldTopics...)
	fillState(t, e)
	produce(t, client(t, e), rec("events", "k", "1"), rec("events", "k", "2"))
	commit := kadm.Offsets{}
	commit.Add(kadm.Offset{Topic: "state", Partition: 0, At: 3, LeaderEpoch: -1})
	commit.Add(kadm.Offset{Topic: "events", Partition: 0, At: 1, LeaderEpoch: -1})
	if err := admin(t, e).CommitAllOffsets(t.Context(), "group", commit); err != nil {
		t.Fatal(err)
	}
	type view struct {
		start, end              int64
		id                      kadm.TopicID
		groupState, groupEvents int64
		events                  int
	}
	look := func(e *Engines) view {
		topics, err := admin(t, e).ListTopics(t.Context(), "state")
		if err != nil {
			t.Fatal(err)
		}
		group, err := admin(t, e).FetchOffsets(t.Context(), "group")
		if err != nil {
			t.Fatal(err)
		}
		s, _ := group.Lookup("state", 0)
		v, _ := group.Lookup("events", 0)
		return view{startOffset(t, e, "state"), endOffset(t, e, "state"), topics["state"].ID, s.At, v.At,
			int(endOffset(t, e, "events"))}
	}
	before := look(e)
	e = openAt(t, foldConfig(killedCopy(t, e)))
	before.end += 2 // the marker at its end, and what it is the marker of
	if after := look(e); after != before {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	if got := readCommitted(t, e, "events", 0); len(got) != 2 {
		t.Errorf("a topic that is not compacted has %d records, want 2", len(got))
	}
	// Offset 3 is in a gap now: a reader with that checkpoint goes on at the next record there is.
	if got := readCommitted(t, e, "state", before.groupState); len(got) == 0 || got[0].Offset < 3 {
		t.Errorf("reading on from a checkpoint in a gap returned %v", got)
	}
}

func TestFoldedLogTakesMoreAndFoldsAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := openAt(t, foldConfig(dir))
	createTopics(t, e, foldTopics...)
	want := fillState(t, e)
	for round := range 3 {
		dir = killedCopy(t, e)
		e = openAt(t, foldConfig(dir))
		for i := range 30 {
			want["a"] = fmt.Sprint(round, "-", i)
			produce(t, client(t, e), rec("state", "a", want["a"]))
		}
		if got := values(readCommitted(t, e, "state", 0)); !maps.Equal(got, want) {
			t.Fatalf("round %d: got %v, want %v", round, got, want)
		}
	}
	if e.log.number != 4 {
		t.Errorf("generation is %d after three folds", e.log.number)
	}
}

func TestStartFoldsOnlyWhenItPays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func(foldBytes int64) int {
		e := openAt(t, Config{Dir: dir, FoldBytes: foldBytes, Topics: foldTopics})
		defer closeNow(t, e)
		return e.log.number
	}
	e := openAt(t, neverFold(dir))
	createTopics(t, e, foldTopics...)
	for i := range 50 {
		produce(t, client(t, e), rec("state", fmt.Sprint(i%10), "v"))
	}
	closeNow(t, e)
	for _, step := range []struct {
		name       string
		foldBytes  int64
		generation int
	}{
		{"too small", 1 << 20, 1},
		{"large enough", 1000, 2},
		{"large but not twice what the last fold left", 1, 2},
	} {
		if got := open(step.foldBytes); got != step.generation {
			t.Errorf("%s: generation %d, want %d", step.name, got, step.generation)
		}
	}
}

// A child folds and kills itself at the first step, then at the second, until one comes through.
func TestKillAtAnyStepOfAFoldLosesNothing(t *testing.T) {
	t.Parallel()
	e := openAt(t, neverFold(t.TempDir()))
	createTopics(t, e, foldTopics...)
	want := fillState(t, e)
	produce(t, client(t, e), rec("events", "k", "1"))
	image := killedCopy(t, e)
	end := endOffset(t, e, "state")

	const enough = 60
	for n := 1; ; n++ {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(image)); err != nil {
			t.Fatal(err)
		}
		cmd := childCommand(t, "fold", dir, n)
		err := cmd.Run()
		if err != nil && cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("step %d: %v", n, err)
		}
		checkFolded(t, n, dir, want, end)
		if err == nil {
			t.Logf("killed at each of %d steps", n-1)
			if n < 10 {
				t.Errorf("a fold has %d steps only: the test does not see them", n-1)
			}
			return
		}
		if n == enough {
			t.Fatalf("a fold has more than %d steps", enough)
		}
	}
}

func checkFolded(t *testing.T, step int, dir string, want map[string]string, end int64) {
	t.Helper()
	e := openAt(t, neverFold(dir))
	defer closeNow(t, e)
	// A start closes what fillState left open with a record that is never
	// committed and its marker; a fold has taken it away before.
	if got := endOffset(t, e, "state"); got != end && got != end+2 {
		t.Errorf("step %d: next offset is %d, was %d", step, got, end)
	}
	if got := values(readCommitted(t, e, "state", 0)); !maps.Equal(got, want) {
		t.Errorf("step %d: got %v, want %v", step, got, want)
	}
	if got := readCommitted(t, e, "events", 0); len(got) != 1 {
		t.Errorf("step %d: %d events, want 1", step, len(got))
	}
	if left := mustGlob(t, filepath.Join(dir, "log-*")); len(left) != 1 {
		t.Errorf("step %d: left %v", step, left)
	}
}

func TestFoldOfADamagedSegmentIsGivenUp(t *testing.T) {
	t.Parallel()
	e := openAt(t, neverFold(t.TempDir()))
	createTopics(t, e, foldTopics...)
	fillState(t, e)
	dir := killedCopy(t, e)
	// A sealed segment behind which another begins, cut in the middle.
	part := filepath.Join(dir, "log-000001", "partitions", "state-0")
	raw, err := os.ReadFile(filepath.Join(part, "0.dat"))
	if err != nil {
		t.Fatal(err)
	}
	var second int
	if err := eachBatch(filepath.Join(part, "0.dat"), func(b batch) error { second += len(b); return fs.SkipAll }); err == nil {
		t.Fatal("no batch")
	}
	write := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(part, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("1.dat", raw[second:])
	write("0.dat", raw[:second-5])

	e = openAt(t, foldConfig(dir))
	if e.log.number != 1 || count(t, e.metrics.foldFailures) != 1 {
		t.Errorf("generation %d, %v failures: a damaged log was folded", e.log.number, count(t, e.metrics.foldFailures))
	}
}
