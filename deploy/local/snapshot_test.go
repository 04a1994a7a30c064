package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// copied is what an archive of the snapshot would hold.
func copied(t *testing.T, from string, parts []Part) string {
	t.Helper()
	root := t.TempDir()
	for _, p := range parts {
		source, err := os.Open(filepath.Join(from, filepath.FromSlash(p.Path)))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(io.LimitReader(source, p.Size))
		_ = source.Close()
		to := filepath.Join(root, filepath.FromSlash(p.Path))
		if err = errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, raw, 0o600)); err != nil {
			t.Fatal(err)
		}
		if int64(len(raw)) != p.Size {
			t.Errorf("%s has %d bytes, want %d", p.Path, len(raw), p.Size)
		}
	}
	return root
}

// Snapshots are taken while records, and transactions over two topics with offsets, are written as fast as that goes. Each holds what was
// acknowledged before it, and of each transaction everything or nothing, with its offsets.
func TestASnapshotIsOfOneMoment(t *testing.T) {
	t.Parallel()
	topics := []Topic{{Name: "in"}, {Name: "out"}, {Name: "state", Compacted: true}}
	e := openAt(t, Config{Dir: t.TempDir(), Topics: topics})
	createTopics(t, e, topics...)
	var acknowledged, committed atomic.Int64
	stop := make(chan struct{})
	var writing sync.WaitGroup
	single := client(t, e)
	writing.Go(func() {
		for i := int64(1); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := single.ProduceSync(t.Context(), rec("in", fmt.Sprint(i), "v")).FirstErr(); err != nil {
				t.Error(err)
				return
			}
			acknowledged.Store(i)
		}
	})
	txn := client(t, e, kgo.TransactionalID("stage-"+e.BootID()))
	adm := kadm.NewClient(txn)
	writing.Go(func() {
		for i := int64(1); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			err := txn.BeginTransaction()
			if err == nil {
				err = txn.ProduceSync(t.Context(), rec("out", fmt.Sprint(i), "v"), rec("state", "last", fmt.Sprint(i))).FirstErr()
			}
			if err == nil {
				err = txn.EndTransaction(t.Context(), kgo.TryCommit)
			}
			if err == nil {
				offsets := kadm.Offsets{}
				offsets.Add(kadm.Offset{Topic: "in", At: i, LeaderEpoch: -1})
				err = adm.CommitAllOffsets(t.Context(), "sink", offsets)
			}
			if err != nil {
				t.Error(err)
				return
			}
			committed.Store(i)
		}
	})
	type moment struct {
		dir                     string
		acknowledged, committed int64
	}
	var moments []moment
	for range 5 {
		before := committed.Load()
		eventually(t, "more transactions", func() bool { return t.Failed() || committed.Load() > before+5 })
		m := moment{"", acknowledged.Load(), committed.Load()}
		to := t.TempDir()
		ran := 0
		parts, err := e.Snapshot(t.Context(), to, func() error { ran++; return nil })
		if err != nil || ran != 1 {
			t.Fatal(err, ran)
		}
		// The broker goes on with these very files.
		at := committed.Load()
		eventually(t, "transactions go on", func() bool { return t.Failed() || committed.Load() > at+5 })
		m.dir = copied(t, to, parts)
		moments = append(moments, m)
	}
	close(stop)
	writing.Wait()
	for _, m := range moments {
		was := openAt(t, Config{Dir: m.dir, Topics: topics, FoldBytes: 1 << 40})
		in, out, state := readCommitted(t, was, "in", 0), readCommitted(t, was, "out", 0), readCommitted(t, was, "state", 0)
		if int64(len(in)) < m.acknowledged || int64(len(out)) < m.committed {
			t.Errorf("%d records of %d acknowledged, %d of %d committed", len(in), m.acknowledged, len(out), m.committed)
		}
		if last := values(state)["last"]; last != fmt.Sprint(len(out)) {
			t.Errorf("%d transactions in one topic, and %s in the other", len(out), last)
		}
		group, err := admin(t, was).FetchOffsets(t.Context(), "sink")
		if err != nil {
			t.Fatal(err)
		}
		if o, _ := group.Lookup("in", 0); o.At < int64(len(out))-1 || o.At > int64(len(out)) {
			t.Errorf("offset %d is committed after %d transactions", o.At, len(out))
		}
		closeNow(t, was)
	}
}

// What nobody has open is held until it is given back, and a snapshot of it is what was left.
func TestAStoppedDirectoryIsHeld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := openAt(t, Config{Dir: dir})
	createTopics(t, e, Topic{Name: "events"})
	produce(t, client(t, e), rec("events", "a", "1"))
	if _, err := Hold(dir); !errors.Is(err, ErrInUse) {
		t.Fatalf("beside a process: %v", err)
	}
	closeNow(t, e)
	held, err := Hold(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("while it is held: %v", err)
	}
	to := t.TempDir()
	parts, err := held.Snapshot(to)
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	was := openAt(t, Config{Dir: copied(t, to, parts)})
	if got := readCommitted(t, was, "events", 0); len(got) != 1 {
		t.Errorf("%d records, want 1", len(got))
	}
	openAt(t, Config{Dir: dir})
}

// Where the snapshot or what belongs to it fails, so does the whole, and the broker goes on.
func TestASnapshotThatFailsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	e := openAt(t, Config{Dir: t.TempDir()})
	createTopics(t, e, Topic{Name: "events"})
	wrong := errors.New("wrong")
	if _, err := e.Snapshot(t.Context(), t.TempDir(), func() error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("%v", err)
	}
	if _, err := e.Snapshot(t.Context(), filepath.Join(os.DevNull, "no"), func() error { return nil }); err == nil {
		t.Error("no error where nothing can be written")
	}
	produce(t, client(t, e), rec("events", "a", "1"))
	if _, err := e.Snapshot(t.Context(), t.TempDir(), func() error { return nil }); err != nil {
		t.Error(err)
	}
}
