package state_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"pgregory.net/rapid"

	"leadline/processors/state"
)

func open(t *testing.T) *state.Store {
	t.Helper()
	s, err := state.Open(t.Context(), filepath.Join(t.TempDir(), "a b?.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func contents(t testing.TB, r state.Reader, prefix string) map[string]string {
	t.Helper()
	got, last := make(map[string]string), ""
	if err := r.Scan(prefix, func(k string, v []byte) error {
		if k <= last && last != "" {
			t.Fatalf("%q after %q", k, last)
		}
		got[k], last = string(v), k
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

// An overlay over a store, over another overlay, reads like a plain map to
// which the same writes were made; and so does the store after the commit.
func TestOverlayAndStoreReadLikeAMap(t *testing.T) {
	t.Parallel()
	key := rapid.SampledFrom([]string{"", "a", "a/", "a/b", "a/b/c", "a0", "b", "\xff", "\xff\xff", "a/\xff", "ä"})
	rapid.Check(t, func(rt *rapid.T) {
		s := open(t)
		model := make(map[string]string)
		lower := state.NewOverlay(s.Partition(3))
		for range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			upper := state.NewOverlay(lower)
			for range rapid.IntRange(0, 12).Draw(rt, "writes") {
				k := key.Draw(rt, "key")
				if rapid.Bool().Draw(rt, "delete") {
					upper.Delete(k)
					delete(model, k)
				} else {
					v := rapid.String().Draw(rt, "value")
					upper.Set(k, []byte(v))
					model[k] = v
				}
			}
			prefix := key.Draw(rt, "prefix")
			want := maps.Clone(model)
			maps.DeleteFunc(want, func(k, _ string) bool { return len(k) < len(prefix) || k[:len(prefix)] != prefix })
			if got := contents(t, upper, prefix); !maps.Equal(got, want) {
				rt.Fatalf("scan %q: %q, want %q", prefix, got, want)
			}
			after := key.Draw(rt, "after")
			behind := make(map[string]string)
			if err := upper.ScanAfter(prefix, after, func(k string, v []byte) error {
				behind[k] = string(v)
				return nil
			}); err != nil {
				rt.Fatal(err)
			}
			maps.DeleteFunc(want, func(k, _ string) bool { return after != "" && k <= after })
			if !maps.Equal(behind, want) {
				rt.Fatalf("scan %q after %q: %q, want %q", prefix, after, behind, want)
			}
			for _, k := range slices.Sorted(maps.Keys(model)) {
				if v, ok, err := upper.Get(k); err != nil || !ok || string(v) != model[k] {
					rt.Fatalf("get %q: %q %v %v", k, v, ok, err)
				}
			}
			lower.Merge(upper)
			if rapid.Bool().Draw(rt, "commit") {
				if err := s.Apply(t.Context(), []state.Change{{Partition: 3, Writes: lower.Writes()}}); err != nil {
					rt.Fatal(err)
				}
				lower = state.NewOverlay(s.Partition(3))
			}
		}
		if other := contents(t, s.Partition(4), ""); len(other) > 0 {
			rt.Fatalf("another partition has %q", other)
		}
	})
}

// changelog is a topic with what a stage's transactions would have left.
type changelog struct {
	t       *testing.T
	opts    []kgo.Opt
	client  *kgo.Client
	cluster *kfake.Cluster
}

func newChangelog(t *testing.T) *changelog {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "state.test.v1"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	l := &changelog{t: t, cluster: c, opts: []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...)}}
	l.client, err = kgo.NewClient(append(l.opts, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionalID("test"))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.client.Close)
	return l
}

func (l *changelog) transaction(covers string, end kgo.TransactionEndTry, writes ...string) {
	l.t.Helper()
	if err := l.client.BeginTransaction(); err != nil {
		l.t.Fatal(err)
	}
	for i := 0; i < len(writes); i += 2 {
		r := &kgo.Record{Topic: "state.test.v1", Key: []byte(writes[i]), Value: []byte(writes[i+1]),
			Headers: []kgo.RecordHeader{{Key: "covers", Value: []byte(covers)}}}
		if writes[i+1] == "-" {
			r.Value = nil
		}
		if err := l.client.ProduceSync(l.t.Context(), r).FirstErr(); err != nil {
			l.t.Fatal(err)
		}
	}
	if err := l.client.EndTransaction(l.t.Context(), end); err != nil {
		l.t.Fatal(err)
	}
}

// old leaves records of long ago, without a marker: the broker's would be of now.
func (l *changelog) old(at time.Time, covers string, writes ...string) {
	l.t.Helper()
	client, err := kgo.NewClient(append(l.opts, kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		l.t.Fatal(err)
	}
	defer client.Close()
	for i := 0; i < len(writes); i += 2 {
		r := &kgo.Record{Topic: "state.test.v1", Key: []byte(writes[i]), Value: []byte(writes[i+1]), Timestamp: at,
			Headers: []kgo.RecordHeader{{Key: "covers", Value: []byte(covers)}}}
		if writes[i+1] == "-" {
			r.Value = nil
		}
		if err := client.ProduceSync(l.t.Context(), r).FirstErr(); err != nil {
			l.t.Fatal(err)
		}
	}
}

// position is that of a copy whose last transaction ended before the offset.
func (l *changelog) position(next int64) state.Position {
	l.t.Helper()
	meta, err := kadm.NewClient(l.client).Metadata(l.t.Context(), "state.test.v1")
	if err != nil {
		l.t.Fatal(err)
	}
	return state.Position{TopicID: meta.Topics["state.test.v1"].ID, Next: next}
}

func (l *changelog) source(cut string) state.Source {
	covers := func(r *kgo.Record) string { return string(r.Headers[0].Value) }
	return state.Source{Client: l.opts, Topic: "state.test.v1", Transaction: covers,
		Consumed: func(r *kgo.Record) bool { return covers(r) != cut }}
}

func restored(t *testing.T, s *state.Store, src state.Source) (string, int) {
	t.Helper()
	n, err := s.Restore(t.Context(), src, []int32{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(contents(t, s.Partition(0), "")), n
}

func TestRestoreReadsWhatWasCommittedAndNothingElse(t *testing.T) {
	t.Parallel()
	l := newChangelog(t)
	l.transaction("1", kgo.TryCommit, "a", "1", "b", "1", "empty", "")
	l.transaction("2", kgo.TryAbort, "a", "aborted", "c", "aborted")
	l.transaction("3", kgo.TryCommit, "a", "3", "b", "-")
	l.transaction("4", kgo.TryAbort, "d", "aborted")
	s := open(t)
	if got, _ := restored(t, s, l.source("")); got != "map[a:3 empty:]" {
		t.Errorf("restored %s", got)
	}
	if _, n := restored(t, s, l.source("")); n != 0 {
		t.Errorf("a second restore read %d records", n)
	}
	l.transaction("5", kgo.TryCommit, "a", "5")
	if got, n := restored(t, s, l.source("")); got != "map[a:5 empty:]" || n > 2 {
		t.Errorf("restored %s with %d records", got, n)
	}
}

// A transaction that a kill cut between its commit markers is in the changelog
// but not in the group's offsets: its records will be computed again, and must
// then find the state from before.
func TestRestoreLeavesOutATransactionWhoseOffsetsAreMissing(t *testing.T) {
	t.Parallel()
	l := newChangelog(t)
	l.transaction("1", kgo.TryCommit, "a", "1")
	l.transaction("2", kgo.TryCommit, "a", "2", "b", "2")
	if got, _ := restored(t, open(t), l.source("2")); got != "map[a:1]" {
		t.Errorf("restored %s", got)
	}
	l.transaction("2'", kgo.TryCommit, "a", "2", "b", "2") // computed again
	if got, _ := restored(t, open(t), l.source("")); got != "map[a:2 b:2]" {
		t.Errorf("restored %s", got)
	}
}

func TestATopicThatWasMadeAgainStartsOver(t *testing.T) {
	t.Parallel()
	l := newChangelog(t)
	l.transaction("1", kgo.TryCommit, "a", "1")
	s := open(t)
	restored(t, s, l.source(""))
	admin := kadm.NewClient(l.client)
	if _, err := admin.DeleteTopic(t.Context(), "state.test.v1"); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.CreateTopic(t.Context(), 2, 1, nil, "state.test.v1"); err != nil {
		t.Fatal(err)
	}
	if got, _ := restored(t, s, l.source("")); got != "map[]" {
		t.Errorf("restored %s", got)
	}
}

// Compaction takes a deletion away when everybody should have seen it. A copy that
// was not kept up for longer than that, because the partition was another member's,
// would have what is gone for ever.
func TestACopyThatMayHaveMissedADeletionIsReadAnew(t *testing.T) {
	t.Parallel()
	l := newChangelog(t)
	expired, compact, forever := "0", "compact", "-1"
	admin := kadm.NewClient(l.client)
	if _, err := admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{
		{Op: kadm.SetConfig, Name: "delete.retention.ms", Value: &expired}, {Op: kadm.SetConfig, Name: "cleanup.policy", Value: &compact},
		{Op: kadm.SetConfig, Name: "retention.ms", Value: &forever},
	}, "state.test.v1"); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-8 * 24 * time.Hour)
	l.old(old, "1", "a", "1", "b", "1")
	s := open(t)
	if err := s.Apply(t.Context(), []state.Change{{Partition: 0, Writes: map[string][]byte{"a": []byte("1"), "b": []byte("1")}, Position: l.position(2)}}); err != nil {
		t.Fatal(err)
	}
	l.old(old, "2", "a", "-", "c", "2")
	l.transaction("3", kgo.TryCommit, "c", "3")
	l.cluster.Compact()
	if got, _ := restored(t, s, l.source("")); got != "map[b:1 c:3]" {
		t.Errorf("restored %s", got)
	}
}

// A partition in which nothing happened for long is read on from where the copy is:
// the one record behind it is the marker of our own last transaction.
func TestACopyThatMissedNothingIsReadOn(t *testing.T) {
	t.Parallel()
	l := newChangelog(t)
	l.old(time.Now().Add(-30*24*time.Hour), "1", "a", "1", "b", "1", "\x00barrier", "in the place of a marker")
	s := open(t)
	if err := s.Apply(t.Context(), []state.Change{{Partition: 0, Writes: map[string][]byte{"a": []byte("1"), "b": []byte("1")}, Position: l.position(2)}}); err != nil {
		t.Fatal(err)
	}
	l.transaction("2", kgo.TryCommit, "a", "2")
	if got, n := restored(t, s, l.source("")); got != "map[a:2 b:1]" || n > 3 {
		t.Errorf("restored %s with %d records", got, n)
	}
}

// The log goes on behind what any consumer gets to see: who waits for the last
// offset as a record waits for ever.
func TestRestoreEndsBehindAbortedTransactions(t *testing.T) {
	t.Parallel()
	l := newChangelog(t)
	l.transaction("1", kgo.TryCommit, "a", "1")
	for range 3 {
		l.transaction("2", kgo.TryAbort, "a", "aborted")
	}
	s := open(t)
	if got, _ := restored(t, s, l.source("")); got != "map[a:1]" {
		t.Errorf("restored %s", got)
	}
}

// barrierWritten waits until a restore has begun to read.
func (l *changelog) barrierWritten() {
	l.t.Helper()
	cl, err := kgo.NewClient(append(l.opts, kgo.ConsumeTopics("state.test.v1"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		l.t.Fatal(err)
	}
	defer cl.Close()
	for {
		for _, r := range cl.PollFetches(l.t.Context()).Records() {
			if string(r.Key) == "\x00barrier" {
				return
			}
		}
	}
}

func TestAnOpenTransactionIsWaitedFor(t *testing.T) {
	t.Parallel()
	l := newChangelog(t)
	if err := l.client.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := l.client.ProduceSync(t.Context(), &kgo.Record{Topic: "state.test.v1", Key: []byte("a"), Value: []byte("1"),
		Headers: []kgo.RecordHeader{{Key: "covers", Value: []byte("1")}}}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := s.Restore(ctx, l.source(""), []int32{0})
		done <- err
	}()
	l.barrierWritten()
	if err := l.client.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	cancel()
	if got := fmt.Sprint(contents(t, s.Partition(0), "")); got != "map[a:1]" {
		t.Errorf("restored %s", got)
	}
}
