package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// childEnv names what a re-run of the test binary does instead of running tests.
const childEnv = "LEADLINE_LOCAL_CHILD"

func TestMain(m *testing.M) {
	if role := os.Getenv(childEnv); role != "" {
		if err := child(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func openAt(t *testing.T, cfg Config) *Engines {
	t.Helper()
	e, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeNow(t, e) })
	return e
}

// clients holds the clients of each Engines, because they must be closed before it.
var clients sync.Map

func closeNow(t *testing.T, e *Engines) {
	t.Helper()
	if of, ok := clients.LoadAndDelete(e); ok {
		for _, c := range of.([]*kgo.Client) {
			c.Close()
		}
	}
	closeBeforeClients(t, e)
}

func closeBeforeClients(t *testing.T, e *Engines) {
	t.Helper()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// killedCopy returns a new data directory with what is on disk while e runs, which is what a kill -9 leaves. The caller must not
// produce meanwhile.
func killedCopy(t *testing.T, e *Engines) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, filepath.Base(e.log.dir())), os.DirFS(e.log.dir())); err != nil {
		t.Fatal(err)
	}
	return root
}

func client(t *testing.T, e *Engines, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(e.Brokers()...), kgo.ProducerBatchMaxBytes(maxBatchBytes),
		kgo.RetryTimeout(10 * time.Second)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	of, _ := clients.LoadOrStore(e, []*kgo.Client(nil))
	clients.Store(e, append(of.([]*kgo.Client), c))
	return c
}

func admin(t *testing.T, e *Engines) *kadm.Client { return kadm.NewClient(client(t, e)) }

func createTopics(t *testing.T, e *Engines, topics ...Topic) {
	t.Helper()
	adm := admin(t, e)
	for _, topic := range topics {
		if _, err := adm.CreateTopic(t.Context(), 1, 1, TopicConfig(), topic.Name); err != nil {
			t.Fatal(err)
		}
	}
}

func produce(t *testing.T, c *kgo.Client, records ...*kgo.Record) {
	t.Helper()
	if err := c.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func rec(topic, key, value string) *kgo.Record {
	r := &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte(value)}
	if value == "" {
		r.Value = nil
	}
	return r
}

// transaction produces records in one transaction of its own producer and ends it as told: "commit", "abort" or "open".
func transaction(t *testing.T, e *Engines, id, end string, records ...*kgo.Record) {
	t.Helper()
	c := client(t, e, kgo.TransactionalID(id), kgo.TransactionTimeout(time.Minute))
	if err := c.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, c, records...)
	if end == "open" {
		return
	}
	if err := c.EndTransaction(t.Context(), kgo.TransactionEndTry(end == "commit")); err != nil {
		t.Fatal(err)
	}
}

const sentinel = "end of test"

// readCommitted returns all committed records of partition 0 from an offset on. It marks the end with a record of its own,
// because the last offset of a partition can belong to a marker or to a record that was folded away.
func readCommitted(t *testing.T, e *Engines, topic string, from int64) []*kgo.Record {
	t.Helper()
	produce(t, client(t, e), rec(topic, sentinel, sentinel))
	c := client(t, e, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(from)}}))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var out []*kgo.Record
	end := endOffset(t, e, topic)
	for {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("reading %s after %d records: %v", topic, len(out), err)
		}
		for _, r := range fetches.Records() {
			if r.Offset == end-1 {
				return out
			}
			if string(r.Key) != sentinel {
				out = append(out, r)
			}
		}
	}
}

func startOffset(t *testing.T, e *Engines, topic string) int64 {
	t.Helper()
	return offset(t, topic, admin(t, e).ListStartOffsets)
}

func endOffset(t *testing.T, e *Engines, topic string) int64 {
	t.Helper()
	return offset(t, topic, admin(t, e).ListEndOffsets)
}

func offset(t *testing.T, topic string, list func(context.Context, ...string) (kadm.ListedOffsets, error)) int64 {
	t.Helper()
	offsets, err := list(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	o, ok := offsets.Lookup(topic, 0)
	if !ok || o.Err != nil {
		t.Fatalf("no offset of %s: %v", topic, o.Err)
	}
	return o.Offset
}

func values(records []*kgo.Record) map[string]string {
	out := make(map[string]string)
	for _, r := range records {
		out[string(r.Key)] = string(r.Value)
	}
	return out
}

func count(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	return testutil.ToFloat64(c)
}

// eventually polls until ok, because the thing waited for happens on a timer of the code under test.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("never happened: " + what)
		}
	}
}

func mustGlob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return files
}
