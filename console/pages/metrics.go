package pages

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	requests *prometheus.CounterVec
	signIns  *prometheus.CounterVec
	reports  prometheus.Counter
	streams  prometheus.Gauge

	hopFailures prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_pages_requests_total", Help: "Pages of the console by route and status of the answer.",
		}, []string{"page", "code"}),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_pages_signins_total", Help: "Tries to sign in: done, refused, limited; and links that were made.",
		}, []string{"result"}),
		reports: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_pages_csp_reports_total", Help: "Reports of browsers that a page broke the content security policy.",
		}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "leadline_pages_streams", Help: "Parts of pages that are being kept up to date in browsers.",
		}),
		hopFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_pages_hop_failures_total", Help: "Times the flow page was shown without how far the pipeline is, because Kafka did not tell.",
		}),
	}
	if r != nil {
		r.MustRegister(m.requests, m.signIns, m.reports, m.streams, m.hopFailures)
	}
	return m
}

func (m *metrics) count(page string, status int) {
	m.requests.WithLabelValues(page, strconv.Itoa(status)).Inc()
}
