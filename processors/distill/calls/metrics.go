package calls

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	waiting, running                       prometheus.Gauge
	answered, parked, failures, unreadable prometheus.Counter
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &metrics{
		waiting:    gauge("leadline_distill_calls_waiting", "Meetings of this process's partitions that a model is still to be asked about."),
		running:    gauge("leadline_distill_calls_running", "Meetings that a model is being asked about."),
		answered:   counter("leadline_distill_calls_answered_total", "Requests that were answered, parked ones included."),
		parked:     counter("leadline_distill_calls_parked_total", "Requests for which there was no usable answer."),
		failures:   counter("leadline_distill_calls_failures_total", "Calls that came to nothing and are tried again."),
		unreadable: counter("leadline_distill_calls_unreadable_total", "Requests that cannot be read."),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.waiting, m.running, m.answered, m.parked, m.failures, m.unreadable} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("registering metrics of calls: %w", err)
		}
	}
	return m, nil
}
