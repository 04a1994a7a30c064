// Package connectiontest gives tests of the ingress a broker in the process, with every topic, and connections on it.
package connectiontest

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/ingress/connection"
	"leadline/ingress/fathom"
	"leadline/ingress/recorder"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// Partitions of every topic.
const Partitions = 4

// Rig is a broker, a registry and a keyset.
type Rig struct {
	T       testing.TB
	Cluster *kfake.Cluster
	Kafka   []kgo.Opt
	Codec   *schemas.Codec
	Sealer  *connection.Sealer
	// Recorders that there are: Fathom, with limits that nobody feels.
	Recorders recorder.Table
}

// New starts one; it ends with the test.
func New(t testing.TB) *Rig {
	t.Helper()
	var topics []string
	for _, s := range schemas.Topics() {
		topics = append(topics, s.Name)
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(Partitions, topics...),
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": fmt.Sprint(schemas.MaxRecordBytes)}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	sealer, err := connection.OpenSealer("", filepath.Join(t.TempDir(), "keyset.json"))
	if err != nil {
		t.Fatal(err)
	}
	return &Rig{T: t, Cluster: cluster, Codec: schematest.Codec(t), Sealer: sealer, Recorders: recorder.Table{
		schemas.Fathom: fathom.Recorder{Calls: 10000, Heavy: 10000, Window: time.Second},
	}, Kafka: []kgo.Opt{
		kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(schemas.Partitioner()),
		kgo.ProducerBatchMaxBytes(schemas.MaxRecordBytes), kgo.FetchMaxWait(250 * time.Millisecond),
	}}
}

// Client of the broker; it ends with the test.
func (r *Rig) Client(opts ...kgo.Opt) *kgo.Client {
	r.T.Helper()
	client, err := kgo.NewClient(append(append([]kgo.Opt{}, r.Kafka...), opts...)...)
	if err != nil {
		r.T.Fatal(err)
	}
	r.T.Cleanup(client.Close)
	return client
}

// Options of the connection package, with metrics of their own.
func (r *Rig) Options() connection.Options {
	return connection.Options{Kafka: r.Kafka, Codec: r.Codec, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()}
}

// Table runs one until the test ends, and returns it when it is ready.
func (r *Rig) Table() *connection.Table {
	r.T.Helper()
	table := connection.NewTable(r.Options())
	r.Start(table.Run)
	ctx, cancel := context.WithTimeout(r.T.Context(), 20*time.Second)
	defer cancel()
	if err := table.Ready(ctx); err != nil {
		r.T.Fatalf("table is not ready: %v", err)
	}
	return table
}

// Start runs something until stop is called or the test ends.
func (r *Rig) Start(run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			r.T.Errorf("running: %v", err)
		}
	}
	r.T.Cleanup(stop)
	return stop
}

// Connect stores a connection without asking a recorder.
func (r *Rig) Connect(c schemas.Connection, key, secret string) schemas.Connection {
	r.T.Helper()
	if c.Name == "" {
		c.Name = connection.First
	}
	id := schemas.ConnectionID(c.Org, c.Provider, c.Name)
	var err error
	if c.SealedAPIKey, err = r.Sealer.Seal([]byte(key), id+"/api_key"); err == nil && secret != "" {
		c.SealedSecret, err = r.Sealer.Seal([]byte(secret), id+"/webhook_secret")
	}
	if err != nil {
		r.T.Fatal(err)
	}
	Put(r, schemas.Connections, id, &c)
	return c
}

// Put writes a value; nil is a tombstone.
func Put[V any](r *Rig, topic schemas.Topic[V], key string, value *V) {
	r.T.Helper()
	record := &kgo.Record{Topic: topic.Name, Key: []byte(key)}
	if value != nil {
		raw, err := schemas.Encode(r.Codec, topic, value)
		if err != nil {
			r.T.Fatal(err)
		}
		record.Value = raw
	}
	if err := r.Client().ProduceSync(r.T.Context(), record).FirstErr(); err != nil {
		r.T.Fatal(err)
	}
}

// Read returns every committed record of a topic, as of now, partition by partition.
func (r *Rig) Read(topic string) []*kgo.Record {
	r.T.Helper()
	ctx, cancel := context.WithTimeout(r.T.Context(), 20*time.Second)
	defer cancel()
	client := r.Client(kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	ends, err := kadm.NewClient(client).ListCommittedOffsets(ctx, topic)
	if err != nil {
		r.T.Fatal(err)
	}
	left := make(map[int32]int64)
	ends.Each(func(end kadm.ListedOffset) {
		if end.Offset > 0 {
			left[end.Partition] = end.Offset
		}
	})
	var records []*kgo.Record
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			r.T.Fatalf("reading %s: %v", topic, err)
		}
		for _, rec := range fetches.Records() {
			if rec.Offset+1 >= left[rec.Partition] {
				delete(left, rec.Partition)
			}
			if !rec.Attrs.IsControl() {
				records = append(records, rec)
			}
		}
	}
	return records
}

// Until waits for a condition and fails the test when it does not come within two minutes: a machine under load is slow.
func (r *Rig) Until(what string, done func() bool) {
	r.T.Helper()
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			r.T.Fatalf("waited too long: %s", what)
		case <-tick.C:
		}
	}
}
