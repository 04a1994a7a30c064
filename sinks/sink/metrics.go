package sink

import "github.com/prometheus/client_golang/prometheus"

// Metrics of all loops of a process, labelled by the loop's name.
type Metrics struct {
	rows, retries *prometheus.CounterVec
	dead          *prometheus.CounterVec
	batch         *prometheus.HistogramVec
	seconds       *prometheus.HistogramVec
}

// NewMetrics makes the leadline_sink_* metrics; a nil registerer leaves them
// unregistered. Like any collector they can be registered only once.
func NewMetrics(r prometheus.Registerer) *Metrics {
	label := []string{"sink"}
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
	}
	if r != nil {
		r.MustRegister(m.rows, m.retries, m.dead, m.batch, m.seconds)
	}
	return m
}
