package sink_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sr"

	"leadline/schemas"
	"leadline/sinks/sink"
)

func TestEveryRowArrivesThoughWritesFail(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for i := range 20 {
		b.put(0, fmt.Sprint("key", i), 1, fmt.Sprint("text", i))
	}
	store := &memory{before: func(_ context.Context, call int, _ sink.Batch[schemas.Entry]) error {
		if call <= 5 {
			return errors.New("the store is down")
		}
		return nil
	}}
	b.start(b.loop(store))
	b.untilCommitted(0, 20)

	if got := len(store.shows()); got != 20 {
		t.Errorf("the store shows %d rows, want 20", got)
	}
	calls := store.calls()
	for i := 1; i <= 5; i++ {
		if !reflect.DeepEqual(calls[i], calls[0]) {
			t.Errorf("try %d had another batch than the first", i+1)
		}
	}
	if got := b.counter("leadline_sink_retries_total"); got != 5 {
		t.Errorf("counted %v retries, want 5", got)
	}
	if got := b.counter("leadline_sink_rows_total"); got != 20 {
		t.Errorf("counted %v rows, want 20", got)
	}
	if down, up := b.log.count("trying again"), b.log.count("works again"); down != 1 || up != 1 {
		t.Errorf("one outage logged %d warnings and %d recoveries, want one of each", down, up)
	}
}

func TestACrashBetweenWriteAndCommitRepeatsTheBatch(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for i := range 10 {
		b.put(0, fmt.Sprint("key", i%3), uint64(i+1), fmt.Sprint("text", i))
	}
	store := &memory{}
	lost := b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Topic: topic.Name, Count: -1})
	stop := b.start(b.loop(store))
	b.must(lost.Wait(t.Context(), 1))
	stop()
	if got := b.committed(0); got != -1 {
		t.Fatalf("offset %d was committed although commits fail", got)
	}
	before, written := store.shows(), len(store.calls())
	if len(before) != 3 {
		t.Fatalf("the store shows %v before the crash, want three keys", before)
	}

	lost.Remove()
	b.start(b.loop(store))
	b.untilCommitted(0, 10)
	if len(store.calls()) == written {
		t.Error("the batch was not written again")
	}
	if after := store.shows(); !reflect.DeepEqual(after, before) {
		t.Errorf("writing twice changed %v to %v", before, after)
	}
}

func TestCommitsNeverGoBackWhenAPartitionChangesHandsDuringAnOutage(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2)
	for p := range int32(2) {
		for i := range 5 {
			b.put(p, fmt.Sprintf("key%d.%d", p, i), 1, "first")
		}
	}
	high := make(map[int32]int64) // only touched on the cluster's goroutine
	back := make(chan string, 100)
	b.cluster.ControlKey(int16(kmsg.OffsetCommit), func(req kmsg.Request) (kmsg.Response, error, bool) {
		b.cluster.KeepControl()
		for _, topic := range req.(*kmsg.OffsetCommitRequest).Topics {
			for _, p := range topic.Partitions {
				if p.Offset < high[p.Partition] {
					back <- fmt.Sprintf("partition %d from %d to %d", p.Partition, high[p.Partition], p.Offset)
				}
				high[p.Partition] = max(high[p.Partition], p.Offset)
			}
		}
		return nil, nil, false
	})

	// The first member has both partitions and a store that is down.
	down, polled := make(chan struct{}), make(map[int32]bool)
	both := make(chan struct{})
	first := &memory{}
	first.before = func(_ context.Context, _ int, batch sink.Batch[schemas.Entry]) error {
		select {
		case <-down:
			return nil
		default:
		}
		for _, r := range batch {
			polled[int32(r.Key[3]-'0')] = true
		}
		if len(polled) == 2 {
			polled[2] = true
			close(both)
		}
		return errors.New("the store is down")
	}
	loop := b.loop(first)
	loop.Limits.Pause = 5 * time.Millisecond
	b.start(loop)
	select {
	case <-both:
	case <-time.After(10 * time.Second):
		t.Fatal("the first member did not get records of both partitions in one batch")
	}

	// The second takes one over and goes on, well beyond the first's batch.
	second := &memory{}
	b.start(b.loop(second))
	info, err := b.cluster.WaitGroupInfo(t.Context(), group, func(g *kfake.GroupInfo) bool {
		return g != nil && g.State == "Stable" && len(g.Members) == 2 &&
			g.Members[0].NumAssigned() == 1 && g.Members[1].NumAssigned() == 1
	})
	b.must(err)
	b.until("the second member has written", func() bool { return len(second.shows()) > 0 })
	taken := int32(0)
	for key := range second.shows() {
		taken = int32(key[3] - '0')
	}
	for i := range 5 {
		b.put(taken, fmt.Sprintf("key%d.%d", taken, i), 2, "second")
	}
	b.untilCommitted(taken, 10)

	close(down)
	b.untilCommitted(1-taken, 5)
	b.put(1-taken, "end", 1, "end")
	b.untilCommitted(1-taken, 6)
	select {
	case what := <-back:
		t.Errorf("a commit went back: %s (members %v)", what, info.Members)
	default:
	}
	if got := len(first.shows()) + len(second.shows()); got != 11 {
		t.Errorf("the two stores show %d rows, want 10 and the end", got)
	}
}

func TestTheHighestVersionOfAKeyWinsInAnyOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	type version struct {
		key     string
		version uint64
		text    string
	}
	var all []version
	want := make(map[string]string)
	for k := range 8 {
		key := fmt.Sprint("key", k)
		for v := uint64(1); v <= 6; v++ {
			text := fmt.Sprint("version", v)
			if (int(v)+k)%3 == 0 {
				text = "" // a tombstone
			}
			all = append(all, version{key, v, text})
			if v == 6 && text != "" {
				want[key] = text
			}
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, v := range all {
		b.put(0, v.key, v.version, v.text)
	}
	store := &memory{}
	loop := b.loop(store)
	loop.Limits.Rows = 7 // several batches, several versions of a key in most
	b.start(loop)
	b.untilCommitted(0, int64(len(all)))
	if got := store.shows(); !reflect.DeepEqual(got, want) {
		t.Errorf("the store shows %v, want %v", got, want)
	}
	for _, batch := range store.calls() {
		seen := make(map[string]bool)
		for _, r := range batch {
			if seen[r.Key] {
				t.Errorf("a batch holds %s twice", r.Key)
			}
			seen[r.Key] = true
		}
		if len(batch) > 7 {
			t.Errorf("a batch holds %d rows, of at most 7", len(batch))
		}
	}
}

// A store that never finishes a whole batch in time, or says at once that it has
// no room for it, gets smaller ones; otherwise the same batch would fail for ever.
func TestAStoreThatCannotTakeTheBatchGetsSmallerOnes(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(context.Context) error{
		"too slow":  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"too small": func(context.Context) error { return fmt.Errorf("writing: %w", sink.ErrTooMuch) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 1)
			for i := range 40 {
				b.put(0, fmt.Sprint("key", i), 1, fmt.Sprint("text", i))
			}
			store := &memory{before: func(ctx context.Context, _ int, rows sink.Batch[schemas.Entry]) error {
				if len(rows) > 3 {
					return refuse(ctx)
				}
				return nil
			}}
			loop := b.loop(store)
			loop.Limits.Try = 20 * time.Millisecond
			b.start(loop)
			b.untilCommitted(0, 40)
			if got := len(store.shows()); got != 40 {
				t.Errorf("the store shows %d rows, want 40", got)
			}
		})
	}
}

func TestAStopFinishesAndCommitsTheWriteUnderWay(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.put(0, "key", 1, "text")
	writing, finish := make(chan struct{}), make(chan struct{})
	store := &memory{before: func(ctx context.Context, _ int, _ sink.Batch[schemas.Entry]) error {
		close(writing)
		<-finish
		return ctx.Err()
	}}
	stop := b.start(b.loop(store))
	<-writing
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	close(finish)
	<-stopped
	if got := b.committed(0); got != 1 || store.shows()["key"] != "text" {
		t.Errorf("committed %d and stored %v", got, store.shows())
	}
	if info := b.cluster.GroupInfo(group); info != nil && len(info.Members) != 0 {
		t.Error("the member did not leave its group")
	}
}

func TestAStopDoesNotWaitForAStoreThatHangs(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.put(0, "key", 1, "text")
	writing := make(chan struct{})
	loop := b.loop(&memory{before: func(ctx context.Context, _ int, _ sink.Batch[schemas.Entry]) error {
		close(writing)
		<-ctx.Done()
		return ctx.Err()
	}})
	loop.Limits.Drain = 20 * time.Millisecond
	stop := b.start(loop)
	<-writing
	stop()
	if got := b.committed(0); got != -1 {
		t.Errorf("committed %d though nothing was stored", got)
	}
}

func TestOnlyCommittedTransactionsArriveAndLagReachesZero(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for i, commit := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
		p := b.client(kgo.TransactionalID("tx"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		b.must(p.BeginTransaction())
		b.must(p.ProduceSync(t.Context(), b.record(0, fmt.Sprint("key", i), 1, "text")).FirstErr())
		b.must(p.EndTransaction(t.Context(), commit))
	}
	store := &memory{}
	b.start(b.loop(store))
	b.untilCommitted(0, b.cluster.PartitionInfo(topic.Name, 0).HighWatermark)
	if got, want := store.shows(), map[string]string{"key0": "text", "key2": "text"}; !reflect.DeepEqual(got, want) {
		t.Errorf("the store shows %v, want %v", got, want)
	}
}

func TestARegistryThatIsDownIsWaitedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	r := b.record(0, "key", 1, "text")
	all, err := schemas.Manifest()
	b.must(err)
	for _, s := range all {
		if s.Subject == topic.Subject() {
			b.registry.SeedSchema(s.Subject, s.Version+1, 900, sr.Schema{Schema: strings.Replace(s.Text, "{", `{"doc":"another build",`, 1)})
		}
	}
	r.Value = append([]byte{0, 0, 0, 900 >> 8, 900 & 0xff}, r.Value[5:]...)
	asked := make(chan struct{}, 100)
	b.registry.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		asked <- struct{}{}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	b.produce(r)
	store := &memory{}
	b.start(b.loop(store))
	<-asked
	if got := b.committed(0); got != -1 {
		t.Errorf("committed %d while the schema is unknown", got)
	}
	b.registry.ClearInterceptors()
	b.untilCommitted(0, 1)
	if got := store.shows()["key"]; got != "text" {
		t.Errorf("the store shows %q", got)
	}
	if got := b.counter("leadline_sink_dead_letters_total"); got != 0 {
		t.Errorf("%v dead letters of a record that is sound", got)
	}
}

func TestABatchIsBoundInBytes(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for i, size := range []int{400, 400, 400, 5000, 10} {
		b.put(0, fmt.Sprint("key", i), 1, strings.Repeat("x", size))
	}
	store := &memory{}
	loop := b.loop(store)
	loop.Limits.Bytes = 1200
	b.start(loop)
	b.untilCommitted(0, 5)
	for _, batch := range store.calls() {
		size := 0
		for _, r := range batch {
			size += len(r.Value.Text)
		}
		if size > 1200 && len(batch) > 1 {
			t.Errorf("a batch of %d rows holds %d bytes of text", len(batch), size)
		}
	}
}

func TestEventsOfOneKeyAreAllKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for range 3 {
		b.put(0, "meeting", 1, "event")
	}
	store := &memory{}
	loop := b.loop(store)
	loop.Key, loop.Version = sink.ByPlace, sink.ByOffset
	b.start(loop)
	b.untilCommitted(0, 3)
	if got, want := store.shows(), map[string]string{"0/0": "event", "0/1": "event", "0/2": "event"}; !reflect.DeepEqual(got, want) {
		t.Errorf("the store shows %v, want %v", got, want)
	}
}

func TestAStopDoesNotNeedABroker(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.put(0, "key", 1, "text")
	loop := b.loop(&memory{})
	loop.Limits.Drain = 50 * time.Millisecond
	stop := b.start(loop)
	b.untilCommitted(0, 1)
	b.cluster.Close()
	began := time.Now()
	stop()
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("stopping took %v", took)
	}
}
