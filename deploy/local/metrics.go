package local

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	logBytes       prometheus.Gauge
	trimmedBytes   prometheus.Counter
	foldSeconds    prometheus.Histogram
	foldFailures   prometheus.Counter
	capExceeded    prometheus.Counter
	trimFailures   prometheus.Counter
	brokerWarnings prometheus.Counter
	refused        prometheus.Counter
	repairs        prometheus.Counter
}

func newMetrics() *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "leadline_local_" + name, Help: help})
	}
	return &metrics{
		logBytes: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "leadline_local_log_bytes",
			Help: "Size of the embedded broker's log on disk, all topics together.",
		}),
		foldSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "leadline_local_fold_seconds",
			Help:    "How long folding the compacted topics took at start.",
			Buckets: []float64{0.1, 0.5, 1, 2, 5, 10, 30, 60},
		}),
		trimmedBytes:   counter("trimmed_bytes_total", "Bytes of log deleted by retention and by the cap."),
		foldFailures:   counter("fold_failures_total", "Folds given up; the log was used as it was."),
		capExceeded:    counter("cap_exceeded_total", "Checks at which the log stayed over its cap although all that may go was deleted."),
		trimFailures:   counter("trim_failures_total", "Retention runs that failed and will be tried again."),
		brokerWarnings: counter("broker_warnings_total", "Warnings and errors of the embedded broker."),
		refused:        counter("refused_requests_total", "Admin requests refused because they would lose data on the embedded broker."),
		repairs:        counter("repairs_total", "Files mended at start after a process was cut off in the middle of a write."),
	}
}

func (m *metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.logBytes, m.trimmedBytes, m.foldSeconds, m.foldFailures, m.capExceeded, m.trimFailures,
		m.brokerWarnings, m.refused, m.repairs}
}

func (m *metrics) register(r prometheus.Registerer) error {
	if r == nil {
		return nil
	}
	for _, c := range m.all() {
		if err := r.Register(c); err != nil {
			m.unregister(r)
			return fmt.Errorf("registering metrics: %w", err)
		}
	}
	return nil
}

// unregister lets one process open the engines again after it closed them, as the tests and a restart from the console do.
func (m *metrics) unregister(r prometheus.Registerer) {
	if r == nil {
		return
	}
	for _, c := range m.all() {
		r.Unregister(c)
	}
}
