package stage_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

const partitions = 4

// onBrokers runs a test on the embedded broker and, where there is one, on Kafka.
func onBrokers(t *testing.T, test func(t *testing.T, brokers []string)) {
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		c, err := kfake.NewCluster(kfake.NumBrokers(1))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		test(t, c.ListenAddrs())
	})
	t.Run("kafka", func(t *testing.T) {
		brokers := os.Getenv("KAFKA_BROKERS")
		if brokers == "" {
			t.Skip("KAFKA_BROKERS is not set: no Kafka to test on")
		}
		t.Parallel()
		test(t, strings.Split(brokers, ","))
	})
}

// rig is a stage with topics of its own.
type rig struct {
	t       *testing.T
	kafka   []kgo.Opt
	codec   *schemas.Codec
	name    string
	in, out string
}

func newRig(t *testing.T, brokers []string) *rig {
	r := &rig{
		t: t, codec: schematest.Codec(t), name: fmt.Sprintf("test%d", rand.Uint32()),
		kafka: []kgo.Opt{kgo.SeedBrokers(brokers...), kgo.RecordPartitioner(schemas.Partitioner())},
	}
	r.in, r.out = r.name+".in", r.name+".out"
	admin := kadm.NewClient(r.client())
	for _, topic := range []string{r.in, r.out, r.in + ".dead", "state." + r.name + ".v1", schemas.MeetingProgress.Name} {
		res, err := admin.CreateTopic(t.Context(), partitions, 1, nil, topic)
		if err != nil && (topic != schemas.MeetingProgress.Name || res.Err == nil) {
			t.Fatal(err)
		}
	}
	return r
}

func (r *rig) client(opts ...kgo.Opt) *kgo.Client {
	cl, err := kgo.NewClient(append(append([]kgo.Opt{}, r.kafka...), opts...)...)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(cl.Close)
	return cl
}

// counting counts a key's records in its state and emits each count: a record
// lost or seen twice shows in the counts.
func (r *rig) counting(fail func(*kgo.Record) error) stage.Stage {
	return stage.Stage{Name: r.name, Inputs: []stage.Input{
		stage.OnRaw(schemas.Spec{Name: r.in}, func(_ context.Context, rec *kgo.Record, tx *stage.Tx) error {
			n := 0
			if v, ok, err := tx.Get(string(rec.Key)); err != nil {
				return err
			} else if ok {
				if n, err = strconv.Atoi(string(v)); err != nil {
					return err
				}
			}
			count := []byte(strconv.Itoa(n + 1))
			tx.Set(string(rec.Key), count)
			tx.EmitRaw(&kgo.Record{Topic: r.out, Key: rec.Key, Value: count})
			if fail != nil {
				return fail(rec)
			}
			return nil
		}),
	}}
}

func (r *rig) loop(id, dir string, s stage.Stage) *stage.Loop {
	return &stage.Loop{
		Stage: s, Codec: r.codec, Kafka: r.kafka,
		TransactionalID: r.name + "-" + id, StateDir: dir,
		Metrics: stage.NewMetrics(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler),
	}
}

func (r *rig) produce(keys, each int) {
	cl := r.client()
	for i := range keys * each {
		cl.Produce(r.t.Context(), &kgo.Record{Topic: r.in, Key: fmt.Appendf(nil, "key%d", i%keys), Value: fmt.Appendf(nil, "%d", i)},
			func(_ *kgo.Record, err error) {
				if err != nil {
					r.t.Errorf("producing: %v", err)
				}
			})
	}
	if err := cl.Flush(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// counts reads committed outputs until each key has reached n, and fails when a
// count is missing, out of order or there twice.
func (r *rig) counts(keys, n int) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 60*time.Second)
	defer cancel()
	cl := r.client(kgo.ConsumeTopics(r.out), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	seen := make(map[string]int)
	for done := 0; done < keys; {
		fetches := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			r.t.Fatalf("outputs are missing: %d of %d keys complete, %v", done, keys, seen)
		}
		fetches.EachRecord(func(rec *kgo.Record) {
			got, err := strconv.Atoi(string(rec.Value))
			if err != nil || got != seen[string(rec.Key)]+1 {
				r.t.Fatalf("%s: %s follows %d", rec.Key, rec.Value, seen[string(rec.Key)])
			}
			if seen[string(rec.Key)] = got; got == n {
				done++
			}
		})
	}
}

func start(t *testing.T, l *stage.Loop) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("running: %v", err)
		}
	}
}

// Two members crash at random steps, lose their disks now and then, and hand
// partitions to one another; every input is counted exactly once.
func TestExactlyOnceThroughCrashesAndRebalances(t *testing.T) {
	onBrokers(t, func(t *testing.T, brokers []string) {
		r := newRig(t, brokers)
		const keys, each, crashes = 12, 60, 14
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var left atomic.Int32
		left.Store(crashes)
		done := make(chan error, 2)
		for m := range 2 {
			go func() {
				rng := rand.New(rand.NewPCG(uint64(m), 7))
				dir := t.TempDir()
				for {
					l := r.loop(strconv.Itoa(m), dir, r.counting(nil))
					l.CrashAt(func(int) error {
						if rng.IntN(3) == 0 && left.Add(-1) >= 0 {
							return errors.New("killed")
						}
						return nil
					})
					err := l.Run(ctx)
					if err == nil {
						done <- nil
						return
					}
					if rng.IntN(2) == 0 {
						dir = t.TempDir()
					}
				}
			}()
		}
		// Waves, so that crashes meet partitions in every condition.
		for range each / 5 {
			r.produce(keys, 5)
		}
		r.counts(keys, each)
		for i := 0; left.Load() > 0 && i < 50; i++ { // more work until every crash has happened
			r.produce(keys, 1)
			r.counts(keys, each+i+1)
		}
		if left.Load() > 0 {
			t.Errorf("%d crashes did not happen", left.Load())
		}
		cancel()
		<-done
		<-done
	})
}

func TestARejectedRecordIsADeadLetterAndLeavesNothingElse(t *testing.T) {
	onBrokers(t, func(t *testing.T, brokers []string) {
		r := newRig(t, brokers)
		r.produce(1, 5)
		stop := start(t, r.loop("a", t.TempDir(), r.counting(func(rec *kgo.Record) error {
			if string(rec.Value) == "2" {
				return schemas.Reject(schemas.ReasonInvalid, errors.New("two is\nnot allowed"))
			}
			return nil
		})))
		defer stop()
		r.counts(1, 4) // 1 to 4: what the rejected one wrote and emitted is gone
		cl := r.client(kgo.ConsumeTopics(r.in+".dead"), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		letter := cl.PollFetches(t.Context()).Records()[0]
		if string(letter.Value) != "2" || string(letter.Key) != "key0" {
			t.Errorf("the letter is %s=%s", letter.Key, letter.Value)
		}
		for name, want := range map[string]string{
			schemas.HeaderReason: "invalid", schemas.HeaderError: "two is not allowed",
			schemas.HeaderTopic: r.in, schemas.HeaderOffset: "2", schemas.HeaderStage: r.name,
		} {
			if got := schemas.Header(letter, name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	})
}

// A burst of rejected records means that something else is wrong: the stage
// stands still and commits none of it, and one that is mended goes on there.
func TestABurstOfDeadLettersHaltsTheStage(t *testing.T) {
	onBrokers(t, func(t *testing.T, brokers []string) {
		r := newRig(t, brokers)
		r.produce(1, 5) // good ones
		broken := r.loop("a", t.TempDir(), r.counting(func(rec *kgo.Record) error {
			if n, err := strconv.Atoi(string(rec.Value)); err != nil || n >= 5 {
				return schemas.Reject(schemas.ReasonInvalid, errors.New("no number under five"))
			}
			return nil
		}))
		broken.MostRejected = 10
		stop := start(t, broken)
		r.counts(1, 5)
		cl := r.client()
		for i := range 40 {
			if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: r.in, Key: []byte("key0"), Value: fmt.Appendf(nil, "%d", 5+i)}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		until(t, "halted", func() bool { return broken.Metrics.Halted(r.name) })
		stop()
		ends, err := kadm.NewClient(cl).ListCommittedOffsets(t.Context(), r.in+".dead")
		if err != nil {
			t.Fatal(err)
		}
		letters := int64(0)
		ends.Each(func(o kadm.ListedOffset) { letters += o.Offset })
		// A letter and its transaction's marker at most, for each of those before the burst was one.
		if letters > 2*10 {
			t.Errorf("%d offsets of dead letters", letters)
		}
		mended := r.loop("b", t.TempDir(), r.counting(nil))
		mended.MostRejected = 10
		defer start(t, mended)()
		r.counts(1, 35)
	})
}

func TestAnyOtherErrorIsTriedAgainAndLosesNothing(t *testing.T) {
	onBrokers(t, func(t *testing.T, brokers []string) {
		r := newRig(t, brokers)
		r.produce(3, 4)
		var failures atomic.Int32
		stop := start(t, r.loop("a", t.TempDir(), r.counting(func(rec *kgo.Record) error {
			if string(rec.Value) == "5" && failures.Add(1) <= 3 {
				if failures.Load() == 2 {
					panic("a bug")
				}
				return errors.New("the registry is away")
			}
			return nil
		})))
		defer stop()
		r.counts(3, 4)
		if failures.Load() != 4 {
			t.Errorf("tried %d times, want 4", failures.Load())
		}
	})
}

func TestStateComesBackFromTheChangelogAlone(t *testing.T) {
	onBrokers(t, func(t *testing.T, brokers []string) {
		r := newRig(t, brokers)
		r.produce(8, 3)
		stop := start(t, r.loop("a", t.TempDir(), r.counting(nil)))
		r.counts(8, 3)
		stop()
		r.produce(8, 2)
		stop = start(t, r.loop("b", t.TempDir(), r.counting(nil)))
		r.counts(8, 5)
		stop()
	})
}
