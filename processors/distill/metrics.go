package distill

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/schemas"
)

type metrics struct {
	calls       prometheus.Counter
	recalled    prometheus.Counter
	unsupported *prometheus.CounterVec
	surplus     *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		calls: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_distill_calls_total",
			Help: "Meetings handed to the distiller.",
		}),
		recalled: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_distill_recalled_total",
			Help: "Meetings whose distillates were remembered.",
		}),
		unsupported: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_distill_unsupported_total",
			Help: "Distillates dropped because the transcript does not have their quote.",
		}, []string{"kind"}),
		surplus: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_distill_surplus_total",
			Help: "Distillates dropped because a meeting had too many of a kind.",
		}, []string{"kind"}),
	}
	// From the start: of a counter that appears with its first event, Prometheus
	// does not see that it rose.
	for _, kind := range schemas.Kinds {
		m.unsupported.WithLabelValues(kind)
		m.surplus.WithLabelValues(kind)
	}
	if r == nil {
		return m, nil
	}
	var all []prometheus.Collector
	for _, c := range []prometheus.Collector{m.calls, m.recalled, m.unsupported, m.surplus} {
		if err := r.Register(c); err != nil {
			for _, c := range all {
				r.Unregister(c)
			}
			return nil, fmt.Errorf("registering metrics of distill: %w", err)
		}
		all = append(all, c)
	}
	return m, nil
}

// label keeps what a distiller invents from becoming a time series.
func label(kind string) string {
	if known(kind) {
		return kind
	}
	return "other"
}
