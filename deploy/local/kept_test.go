package local

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The broker reads its own format and the one before. When kfake is upgraded, the directory of the old version stays in testdata
// and this flag adds one of the new version:
//
//	go test ./deploy/local -run TestKeptDirectoryOpens -keep kfake-20260918
var keep = flag.String("keep", "", "write a data directory of this version to testdata/`NAME` before the test")

var keptTopics = []Topic{{Name: "state", Compacted: true}, {Name: "events"}}

func TestKeptDirectoryOpens(t *testing.T) {
	t.Parallel()
	if *keep != "" {
		writeKept(t, filepath.Join("testdata", *keep))
	}
	kept := mustGlob(t, filepath.Join("testdata", "kfake-*"))
	if len(kept) == 0 {
		t.Fatal("no kept directory in testdata")
	}
	for _, dir := range kept {
		for name, foldBytes := range map[string]int64{"as it is": 1 << 40, "folded": 1} {
			t.Run(filepath.Base(dir)+" "+name, func(t *testing.T) {
				t.Parallel()
				root := t.TempDir()
				if err := os.CopyFS(root, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
				e := openAt(t, Config{Dir: root, FoldBytes: foldBytes, Topics: keptTopics})
				checkKept(t, e)
			})
		}
	}
}

func writeKept(t *testing.T, to string) {
	t.Helper()
	topics := keptTopics
	e := openAt(t, Config{Dir: t.TempDir(), FoldBytes: 1 << 40, Topics: topics})
	createTopics(t, e, topics...)
	fillState(t, e)
	produce(t, client(t, e, kgo.ProducerBatchCompression(kgo.SnappyCompression())), rec("events", "a", "1"), rec("events", "b", "2"))
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: "events", At: 1, LeaderEpoch: -1})
	if err := admin(t, e).CommitAllOffsets(t.Context(), "group", offsets); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(killedCopy(t, e))); err != nil {
		t.Fatal(err)
	}
}

func checkKept(t *testing.T, e *Engines) {
	t.Helper()
	wantState := map[string]string{"first": "latest", "a": "committed", "b": "", "c": "committed",
		"kept0": "v", "kept1": "v", "kept2": "v", "kept3": "v", "kept4": "v"}
	if got := values(readCommitted(t, e, "state", 0)); !maps.Equal(got, wantState) {
		t.Errorf("state is %v, want %v", got, wantState)
	}
	if got := values(readCommitted(t, e, "events", 0)); !maps.Equal(got, map[string]string{"a": "1", "b": "2"}) {
		t.Errorf("events are %v", got)
	}
	group, err := admin(t, e).FetchOffsets(t.Context(), "group")
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := group.Lookup("events", 0); o.At != 1 {
		t.Errorf("committed offset is %d, want 1", o.At)
	}
	produce(t, client(t, e), rec("events", "c", "3"))
	if got := readCommitted(t, e, "events", 0); len(got) != 3 {
		t.Errorf("%d events after one more, want 3", len(got))
	}
}
