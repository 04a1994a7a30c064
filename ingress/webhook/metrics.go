package webhook

import (
	"github.com/prometheus/client_golang/prometheus"

	"leadline/ingress/recorder"
)

type metrics struct {
	requests       *prometheus.CounterVec
	seconds, bytes *prometheus.HistogramVec
	produceErrors  prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, memory *budget, recorders recorder.Table) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_webhook_requests_total", Help: "Deliveries by recorder and by what became of them.",
		}, []string{"provider", "result"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leadline_webhook_seconds", Help: "From the request's headers to the answer.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 15), // 1 ms to 16 s
		}, []string{"provider"}),
		bytes: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leadline_webhook_bytes", Help: "Bytes of bodies that were read to their end.",
			Buckets: prometheus.ExponentialBuckets(1<<10, 4, 8), // 1 KiB to 16 MiB
		}, []string{"provider"}),
		produceErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_webhook_produce_errors_total", Help: "Records that Kafka did not acknowledge in time.",
		}),
	}
	reg.MustRegister(m.requests, m.seconds, m.bytes, m.produceErrors, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "leadline_webhook_in_flight_bytes", Help: "Memory leased to deliveries that are being read or stored.",
	}, func() float64 { return float64(memory.inUse()) }))
	// From the start: of a counter that appears with its first event, Prometheus does not see that it rose.
	for provider := range recorders {
		for _, result := range results() {
			m.requests.WithLabelValues(provider, result)
		}
	}
	m.requests.WithLabelValues("unknown", refuseUnknown.result)
	return m
}
