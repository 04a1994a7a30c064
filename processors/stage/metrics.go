package stage

import (
	"github.com/prometheus/client_golang/prometheus"

	"leadline/deploy/boot/lag"
	"leadline/schemas"
)

// Metrics are those of all stages of a process.
type Metrics struct {
	records, emitted, retries, aborts, sessions, fetchErrors, restored *prometheus.CounterVec
	deadLetters                                                        *prometheus.CounterVec
	batch, transactTime, restoreTime                                   *prometheus.HistogramVec
	halted                                                             *prometheus.GaugeVec
	lag                                                                *lag.Gauges
}

// NewMetrics registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "leadline_stage_" + name, Help: help},
			append([]string{"stage"}, labels...))
		reg.MustRegister(c)
		return c
	}
	histogram := func(name, help string, buckets []float64) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "leadline_stage_" + name, Help: help, Buckets: buckets},
			[]string{"stage"})
		reg.MustRegister(h)
		return h
	}
	halted := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "leadline_stage_halted", Help: "1 while the stage stands still because record after record would become a dead letter.",
	}, []string{"stage"})
	reg.MustRegister(halted)
	seconds := prometheus.ExponentialBuckets(0.001, 2, 16) // 1 ms to 33 s
	return &Metrics{
		records:      counter("records_total", "Records consumed and committed."),
		emitted:      counter("emitted_total", "Records produced and committed, state apart."),
		retries:      counter("retries_total", "Tries of a record or of a request to Kafka that failed and are made again."),
		aborts:       counter("aborts_total", "Transactions given up because the group rebalanced."),
		sessions:     counter("restarts_total", "Times the stage began anew with a new client."),
		fetchErrors:  counter("fetch_errors_total", "Fetches that failed beyond the client's own retries."),
		restored:     counter("restored_records_total", "Records of the changelog read to restore state."),
		deadLetters:  counter("dead_letters_total", "Records that can never succeed, by reason.", "reason"),
		batch:        histogram("batch_records", "Records per transaction.", prometheus.ExponentialBuckets(1, 2, 12)),
		transactTime: histogram("transaction_seconds", "From the begin of a transaction to its end.", seconds),
		restoreTime:  histogram("restore_seconds", "Time to bring the state of assigned partitions up to date.", seconds),
		halted:       halted,
		lag:          lag.New(reg, "stage"),
	}
}

// begin makes the counters of a stage begin at 0: of one that appears with its
// first event, Prometheus does not see that it rose.
func (m *Metrics) begin(stage string) {
	for _, c := range []*prometheus.CounterVec{m.records, m.emitted, m.retries, m.aborts, m.sessions, m.fetchErrors, m.restored} {
		c.WithLabelValues(stage)
	}
	m.halted.WithLabelValues(stage).Set(0)
	for _, reason := range schemas.Reasons {
		m.deadLetters.WithLabelValues(stage, string(reason))
	}
}
