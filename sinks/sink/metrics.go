package sink

import (
	"github.com/prometheus/client_golang/prometheus"

	"leadline/deploy/boot/lag"
	"leadline/schemas"
)

// Metrics of all loops of a process, labelled by the loop's name.
type Metrics struct {
	rows, retries *prometheus.CounterVec
	dead          *prometheus.CounterVec
	batch         *prometheus.HistogramVec
	seconds       *prometheus.HistogramVec
	sinceReceipt  *prometheus.HistogramVec
	sinceEnd      *prometheus.HistogramVec
	untimed       *prometheus.CounterVec
	halted        *prometheus.GaugeVec
	lag           *lag.Gauges
}

// NewMetrics makes the leadline_sink_* metrics; a nil registerer leaves them
// unregistered. Like any collector they can be registered only once.
func NewMetrics(r prometheus.Registerer) *Metrics {
	label := []string{"sink"}
	waits := prometheus.ExponentialBuckets(0.1, 2, 18) // 0.1 s to 3.6 h
	m := &Metrics{
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_sink_rows_total", Help: "Rows written, repetitions included.",
		}, label),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_sink_retries_total", Help: "Failures after which the same was tried again.",
		}, label),
		dead: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_sink_dead_letters_total", Help: "Records that can never be stored and were kept as dead letters.",
		}, []string{"sink", "reason"}),
		batch: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leadline_sink_batch_rows", Help: "Rows in a batch.",
			Buckets: prometheus.ExponentialBuckets(1, 4, 6), // 1 to 1024
		}, label),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leadline_sink_write_seconds", Help: "Time of one write to the store, failed ones included.",
			Buckets: prometheus.ExponentialBuckets(0.001, 3, 10), // 1 ms to 20 s
		}, label),
		sinceReceipt: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leadline_sink_since_receipt_seconds", Buckets: waits,
			Help: "From the receipt of a meeting, by webhook, on a page of a poll or fetched because a delivery named it, until it is in the store.",
		}, []string{"sink", "source"}),
		sinceEnd: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leadline_sink_since_meeting_end_seconds", Buckets: waits,
			Help: "From the end of a meeting until it is in the store, for those that came by webhook.",
		}, label),
		untimed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_sink_untimed_total",
			Help: "Meetings that are in no leadline_sink_since_* because they were received or had ended more than a day before.",
		}, label),
		halted: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "leadline_sink_halted", Help: "1 while the sink stands still because record after record would become a dead letter.",
		}, label),
		lag: lag.New(r, "sink"),
	}
	if r != nil {
		r.MustRegister(m.rows, m.retries, m.dead, m.batch, m.seconds, m.sinceReceipt, m.sinceEnd, m.untimed, m.halted)
	}
	return m
}

// begin makes the counters of a sink begin at 0: of one that appears with its
// first event, Prometheus does not see that it rose.
func (m *Metrics) begin(sink string) {
	for _, c := range []*prometheus.CounterVec{m.rows, m.retries, m.untimed} {
		c.WithLabelValues(sink)
	}
	m.halted.WithLabelValues(sink).Set(0)
	for _, reason := range schemas.Reasons {
		m.dead.WithLabelValues(sink, string(reason))
	}
}
