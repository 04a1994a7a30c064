package sink_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"leadline/schemas"
	"leadline/sinks/sink"
)

const group = "sink-test"

var topic = schemas.KnowledgeEntries

type row = sink.Row[schemas.Entry]

// bench is a broker, a registry and a producer, all real and all in memory.
type bench struct {
	*testing.T
	cluster  *kfake.Cluster
	registry *srfake.Registry
	codec    *schemas.Codec
	producer *kgo.Client
	metrics  *prometheus.Registry
	counted  *sink.Metrics
	log      *lines
}

func newBench(t *testing.T, partitions int32) *bench {
	t.Helper()
	b := &bench{T: t, registry: srfake.New(), metrics: prometheus.NewRegistry(), log: new(lines)}
	t.Cleanup(b.registry.Close)
	all, err := schemas.Manifest()
	b.must(err)
	for _, s := range all {
		b.registry.SeedSchema(s.Subject, s.Version, s.ID, sr.Schema{Schema: s.Text})
	}
	client, err := sr.NewClient(sr.URLs(b.registry.URL()))
	b.must(err)
	b.codec, err = schemas.OpenCodec(t.Context(), client)
	b.must(err)
	b.cluster, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, topic.Name, topic.DeadLetters()),
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": fmt.Sprint(schemas.MaxRecordBytes)}))
	b.must(err)
	t.Cleanup(b.cluster.Close)
	b.producer = b.client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	b.counted = sink.NewMetrics(b.metrics)
	return b
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) client(opts ...kgo.Opt) *kgo.Client {
	b.Helper()
	client, err := kgo.NewClient(append(b.dial(), opts...)...)
	b.must(err)
	b.Cleanup(client.Close)
	return client
}

func (b *bench) dial() []kgo.Opt {
	return []kgo.Opt{
		kgo.SeedBrokers(b.cluster.ListenAddrs()...),
		kgo.HeartbeatInterval(50 * time.Millisecond),
		kgo.FetchMaxWait(50 * time.Millisecond),
		kgo.RetryBackoffFn(func(int) time.Duration { return 5 * time.Millisecond }),
	}
}

// put appends a version of a key; an empty text is a tombstone.
func (b *bench) put(partition int32, key string, version uint64, text string) {
	b.Helper()
	b.produce(b.record(partition, key, version, text))
}

func (b *bench) record(partition int32, key string, version uint64, text string) *kgo.Record {
	b.Helper()
	r := &kgo.Record{
		Topic: topic.Name, Partition: partition, Key: []byte(key),
		Headers: []kgo.RecordHeader{schemas.VersionHeader(version)},
	}
	if text != "" {
		raw, err := schemas.Encode(b.codec, topic, &schemas.Entry{ID: key, Text: text})
		b.must(err)
		r.Value = raw
	}
	return r
}

func (b *bench) produce(records ...*kgo.Record) {
	b.Helper()
	b.must(b.producer.ProduceSync(b.Context(), records...).FirstErr())
}

func (b *bench) loop(s sink.Sink[schemas.Entry]) sink.Loop[schemas.Entry] {
	return sink.Loop[schemas.Entry]{
		Name: "test", Group: group, Topic: topic, Codec: b.codec, Version: sink.ByHeader, Sink: s,
		Metrics: b.counted, Log: slog.New(slog.NewTextHandler(b.log, nil)),
		Limits: sink.Limits{Pause: time.Millisecond},
	}
}

// start runs the loop; stop asks it to end and waits.
func (b *bench) start(l sink.Loop[schemas.Entry]) (stop func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx, b.dial()...) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					b.Errorf("Run: %v", err)
				}
			case <-time.After(20 * time.Second):
				b.Error("Run did not end")
			}
		})
	}
	b.Cleanup(stop)
	return stop
}

// until polls a condition.
func (b *bench) until(what string, met func() bool) {
	b.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(15 * time.Second)
	for !met() {
		select {
		case <-tick.C:
		case <-late:
			b.Fatalf("did not happen within 15 s: %s", what)
		}
	}
}

func (b *bench) committed(partition int32) int64 {
	info := b.cluster.GroupInfo(group)
	if info == nil {
		return -1
	}
	c, ok := info.Commits[topic.Name][partition]
	if !ok {
		return -1
	}
	return c.Offset
}

func (b *bench) untilCommitted(partition int32, offset int64) {
	b.Helper()
	b.until(fmt.Sprintf("partition %d is committed up to %d", partition, offset), func() bool {
		return b.committed(partition) == offset
	})
}

// counter sums a metric over its labels.
func (b *bench) counter(name string) float64 {
	b.Helper()
	families, err := b.metrics.Gather()
	b.must(err)
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue()
		}
	}
	return sum
}

func (b *bench) gauge(name string) float64 {
	b.Helper()
	families, err := b.metrics.Gather()
	b.must(err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	return -1 // not yet
}

// memory is a store that keeps the highest version of each key and remembers
// every call. What before returns is what Write returns.
type memory struct {
	mu      sync.Mutex
	rows    map[string]row
	written []sink.Batch[schemas.Entry]
	before  func(ctx context.Context, call int, b sink.Batch[schemas.Entry]) error // counted from 1
}

func (m *memory) Write(ctx context.Context, b sink.Batch[schemas.Entry]) error {
	m.mu.Lock()
	m.written = append(m.written, b)
	call, before := len(m.written), m.before
	m.mu.Unlock()
	var bad *sink.Unstorable
	if before != nil {
		if err := before(ctx, call, b); err != nil && !errors.As(err, &bad) {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = make(map[string]row)
	}
	for i, r := range b {
		if bad != nil && bad.Rows[i] != nil {
			continue
		}
		if had, ok := m.rows[r.Key]; !ok || r.Version > had.Version {
			m.rows[r.Key] = r
		}
	}
	if bad != nil {
		return bad
	}
	return nil
}

func (m *memory) calls() []sink.Batch[schemas.Entry] {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.written[:len(m.written):len(m.written)]
}

// shows is what is not gone.
func (m *memory) shows() map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	live := make(map[string]string)
	for k, r := range m.rows {
		if r.Value != nil {
			live[k] = r.Value.Text
		}
	}
	return live
}

// lines is a log that tests can read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.buf.String(), s)
}
