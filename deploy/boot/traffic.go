package boot

import (
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
)

// traffic counts what all clients of the process exchange with the brokers.
// franz-go's own plugin registers its metrics once a client, and a process of
// ours has many, some of which come and go.
type traffic struct {
	produced, fetched               *prometheus.CounterVec
	producedRecords, fetchedRecords *prometheus.CounterVec
	connectErrors                   prometheus.Counter
}

var (
	_ kgo.HookProduceBatchWritten = (*traffic)(nil)
	_ kgo.HookFetchBatchRead      = (*traffic)(nil)
	_ kgo.HookBrokerConnect       = (*traffic)(nil)
)

func newTraffic(reg prometheus.Registerer) *traffic {
	byTopic := func(name, help string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "leadline_kafka_" + name, Help: help}, []string{"topic"})
		reg.MustRegister(c)
		return c
	}
	t := &traffic{
		produced:        byTopic("produced_bytes_total", "Bytes of batches written, compressed."),
		fetched:         byTopic("fetched_bytes_total", "Bytes of batches read, compressed."),
		producedRecords: byTopic("produced_records_total", "Records written, committed or not."),
		fetchedRecords:  byTopic("fetched_records_total", "Records read."),
		connectErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_kafka_connect_errors_total", Help: "Connections to brokers that could not be made.",
		}),
	}
	reg.MustRegister(t.connectErrors)
	return t
}

// OnProduceBatchWritten counts a batch that went out.
func (t *traffic) OnProduceBatchWritten(_ kgo.BrokerMetadata, topic string, _ int32, b kgo.ProduceBatchMetrics) {
	t.produced.WithLabelValues(topic).Add(float64(b.CompressedBytes))
	t.producedRecords.WithLabelValues(topic).Add(float64(b.NumRecords))
}

// OnFetchBatchRead counts a batch that came in.
func (t *traffic) OnFetchBatchRead(_ kgo.BrokerMetadata, topic string, _ int32, b kgo.FetchBatchMetrics) {
	t.fetched.WithLabelValues(topic).Add(float64(b.CompressedBytes))
	t.fetchedRecords.WithLabelValues(topic).Add(float64(b.NumRecords))
}

// OnBrokerConnect counts what failed.
func (t *traffic) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil {
		t.connectErrors.Inc()
	}
}
