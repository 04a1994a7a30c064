package model

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	answers  *prometheus.CounterVec
	tokens   *prometheus.CounterVec
	withheld prometheus.Counter
	duration prometheus.Histogram
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_distill_answers_total",
			Help: "Calls of the model by what came of them: usable, invalid, truncated, refused, failed.",
		}, []string{"outcome"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_distill_tokens_total",
			Help: "Tokens that the model read (in) and wrote (out).",
		}, []string{"direction"}),
		withheld: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_distill_withheld_turns_total",
			Help: "Turns that speak to programs and were not shown to the model.",
		}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "leadline_distill_call_seconds",
			Help:    "How long calls of the model took.",
			Buckets: prometheus.ExponentialBuckets(0.1, 2, 12), // to 205 s
		}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.answers, m.tokens, m.withheld, m.duration} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("registering metrics of the model: %w", err)
		}
	}
	return m, nil
}
