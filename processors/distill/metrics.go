package distill

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/schemas"
)

type metrics struct {
	calls       prometheus.Counter
	recalled    prometheus.Counter
	late        prometheus.Counter
	ungrounded  prometheus.Counter
	rules       *prometheus.CounterVec
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
		late: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_distill_late_total",
			Help: "Answers that came twice, or to a question that was not open any more.",
		}),
		ungrounded: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_distill_ungrounded_total",
			Help: "Sentences of models that told of more than was said; their quote stands in for them.",
		}),
		rules: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_distill_rules_total",
			Help: "Meetings that a learning rule decided on: excluded, off_topic, about.",
		}, []string{"verdict"}),
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
	for _, c := range []prometheus.Collector{m.calls, m.recalled, m.late, m.ungrounded, m.rules, m.unsupported, m.surplus} {
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
	if schemas.IsKind(kind) {
		return kind
	}
	return "other"
}
