package embedding

import "github.com/prometheus/client_golang/prometheus"

// Metrics are leadline_embeddings_*.
type Metrics struct {
	embedded, known, refused, failures prometheus.Counter
	questions                          *prometheus.CounterVec
	serving                            prometheus.Gauge
}

// NewMetrics registers them; a nil registerer leaves them unregistered.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "leadline_embeddings_" + name, Help: help})
	}
	m := &Metrics{
		embedded: counter("embedded_total", "Texts of entries that the model was asked for."),
		known:    counter("known_total", "Texts of entries whose vectors were there already."),
		refused:  counter("refused_total", "Texts of entries that the endpoint does not take; they are found by their words."),
		failures: counter("failures_total", "Calls for vectors of entries that failed; they are tried again."),
		questions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_embeddings_questions_total", Help: "Questions of searches, by whether they were embedded, known or failed; those were answered by words alone.",
		}, []string{"result"}),
		serving: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "leadline_embeddings_serving", Help: "1 when every entry was carried into the configured model's space once, and searches use it.",
		}),
	}
	for _, result := range []string{"embedded", "known", "failed"} {
		m.questions.WithLabelValues(result)
	}
	if reg != nil {
		reg.MustRegister(m.embedded, m.known, m.refused, m.failures, m.questions, m.serving)
	}
	return m
}
