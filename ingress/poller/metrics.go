package poller

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	runs, requests, completeness, vanished                                      *prometheus.CounterVec
	pages, meetings, fetched, tooLarge, restarted, aborts, restarts, unreadable prometheus.Counter
	behind                                                                      prometheus.Histogram
	pending                                                                     prometheus.Gauge
	problems                                                                    *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "leadline_poller_" + name, Help: help})
		reg.MustRegister(c)
		return c
	}
	vector := func(name, help, label string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "leadline_poller_" + name, Help: help}, []string{label})
		reg.MustRegister(c)
		return c
	}
	m := &metrics{
		vanished: vector("vanished_total", "Meetings that two listings in a row lacked: erased, or held back at the end of a run because they are too many or another connection may see them.", "result"),
		runs:     vector("runs_total", "Requests that were answered, by what became of their run.", "result"),
		requests: vector("requests_total", "Calls to recorders, by the status of their answer.", "status"),
		completeness: vector("completeness_total",
			"Meetings that were not complete: waiting when first read, completed or incomplete in the end, untracked beyond the bound.", "result"),
		pending: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "leadline_poller_pending_meetings", Help: "Meetings that are asked for again, of the connections of this process.",
		}),
		problems: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "leadline_poller_connections_troubled", Help: "Connections of this process that have a problem, by its code; leadline connections says what to do.",
		}, []string{"code"}),
		pages:      counter("pages_total", "Pages read and committed."),
		meetings:   counter("meetings_total", "Meetings read and committed."),
		fetched:    counter("fetched_total", "Recordings fetched because a delivery named them."),
		tooLarge:   counter("too_large_total", "Meetings left out because they do not fit into a record."),
		restarted:  counter("restarted_total", "Runs that began again because the recorder refused its own cursor."),
		aborts:     counter("aborts_total", "Transactions given up because the group rebalanced."),
		restarts:   counter("restarts_total", "Times the poller began anew with a new client."),
		unreadable: counter("unreadable_total", "Cursors that could not be read."),
		behind: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "leadline_poller_behind_seconds", Help: "From the request for a run to the commit of each of its pages.",
			Buckets: prometheus.ExponentialBuckets(0.1, 4, 10), // 0.1 s to 7 h
		}),
	}
	reg.MustRegister(m.behind, m.pending, m.problems)
	// From the start: of a counter that appears with its first event, Prometheus does not see that it rose.
	for _, result := range []string{
		resultPage, resultComplete, resultJoined, resultStale, resultSkipped, resultOff, resultRejected, stoppedRefused,
		stoppedInvalid, stoppedTooLarge, stoppedUnavailable, stoppedSecret, stoppedReplaced, resultPostponed,
		resultWaiting, resultCompleted, resultIncomplete,
	} {
		m.runs.WithLabelValues(result)
	}
	for _, result := range []string{resultWaiting, resultCompleted, resultIncomplete, resultUntracked} {
		m.completeness.WithLabelValues(result)
	}
	for _, result := range []string{vanishedErased, vanishedHeld} {
		m.vanished.WithLabelValues(result)
	}
	for _, status := range []int{0, 200, 400, 401, 403, 429, 500} {
		m.requests.WithLabelValues(statusLabel(status))
	}
	return m
}

// statusLabel keeps the number of labels small, whatever a recorder answers.
func statusLabel(status int) string {
	switch status {
	case 0:
		return "none"
	case http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return strconv.Itoa(status)
	}
	return strconv.Itoa(status/100) + "xx"
}
