package pages

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	requests *prometheus.CounterVec
	signIns  *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_pages_requests_total", Help: "Pages of the console by route and status of the answer.",
		}, []string{"page", "code"}),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadline_pages_signins_total", Help: "Tries to sign in: done, refused, limited; and links that were made.",
		}, []string{"result"}),
	}
	if r != nil {
		r.MustRegister(m.requests, m.signIns)
	}
	return m
}

func (m *metrics) count(page string, status int) {
	m.requests.WithLabelValues(page, strconv.Itoa(status)).Inc()
}
