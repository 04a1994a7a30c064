package table

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// copied is what a follower has taken.
type copied struct {
	mu     sync.Mutex
	begun  int
	values map[string]string
}

func (c *copied) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun, c.values = c.begun+1, make(map[string]string)
}

func (c *copied) take(_ context.Context, r *kgo.Record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[string(r.Key)] = string(r.Value)
}

func (c *copied) has(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.values[key]
}

// followed is a topic, its follower that runs, and what that has taken.
func followed(t *testing.T) ([]kgo.Opt, *Follower, *copied) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	kafka := []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...)}
	client := producer(t, kafka)
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), 3, 1, nil, "small"); err != nil {
		t.Fatal(err)
	}
	c := new(copied)
	f := &Follower{Topic: "small", Kafka: kafka, Log: slog.New(slog.DiscardHandler), Begin: c.begin, Take: c.take}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return kafka, f, c
}

func producer(t *testing.T, kafka []kgo.Opt, more ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(more, kafka...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func TestCatchUpSeesWhatWasWrittenBeforeItByAnybody(t *testing.T) {
	t.Parallel()
	kafka, f, c := followed(t)
	var writers sync.WaitGroup
	for w := range 6 {
		client := producer(t, kafka)
		writers.Go(func() {
			for i := range 25 {
				key, value := fmt.Sprintf("%d/%d", w, i%5), fmt.Sprint(i)
				if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "small", Key: []byte(key), Value: []byte(value)}).FirstErr(); err != nil {
					t.Error(err)
					return
				}
				if err := f.CatchUp(t.Context()); err != nil {
					t.Error(err)
					return
				}
				if got := c.has(key); got != value {
					t.Errorf("%s is %q after %q was acknowledged and caught up with", key, got, value)
				}
			}
		})
	}
	writers.Wait()
}

func TestCatchUpEndsBehindTransactionsThatWereTakenBack(t *testing.T) {
	t.Parallel()
	kafka, f, c := followed(t)
	for i, commit := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit, kgo.TryAbort} {
		client := producer(t, kafka, kgo.TransactionalID(fmt.Sprint("t", i)))
		if err := client.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		client.Produce(t.Context(), &kgo.Record{Topic: "small", Key: []byte("k"), Value: fmt.Append(nil, i)}, nil)
		if err := client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := client.EndTransaction(t.Context(), commit); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := f.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	if got := c.has("k"); got != "1" {
		t.Errorf("k is %q, and only 1 was committed", got)
	}
}

func TestAsOfAsksTheBrokerOnlyForWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	kafka, f, c := followed(t)
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	caught := time.Now()
	client := producer(t, kafka)
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "small", Key: []byte("k"), Value: []byte("1")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel() // whoever asks the broker with it fails
	if err := f.AsOf(gone, caught.Add(-time.Hour)); err != nil {
		t.Errorf("what is known was asked for: %v", err)
	}
	if err := f.AsOf(gone, time.Now().Add(time.Hour)); err == nil {
		t.Error("a time that nobody has caught up with is taken as known")
	}
	if err := f.AsOf(t.Context(), time.Now()); err != nil || c.has("k") != "1" {
		t.Errorf("k is %q, %v", c.has("k"), err)
	}
}

func TestAFollowerThatDoesNotRunIsWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&Follower{}).CatchUp(ctx); err == nil {
		t.Error("a copy that nobody has begun is complete")
	}
}
