package grafana

import (
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// Of a counter that appears with its first event Prometheus does not see that it
// rose, and an alert on the increase of a rare one stays silent.
func TestCountersOfAlertsBeginAtZero(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	reg := prometheus.NewRegistry()
	register(t, reg)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{
		// They have the topics that a process reads and writes, and the alert asks
		// whether there is none.
		"leadline_kafka_produced_records_total": true, "leadline_kafka_fetched_records_total": true,
		// Rates over minutes, of which a first event more or less decides nothing.
		"leadline_console_requests_total": true,
	}
	for _, f := range families {
		there[f.GetName()] = true
	}
	checked := 0
	for _, expression := range submatches(alertExpr, string(raw)) {
		u, err := read(expression)
		if err != nil {
			t.Fatal(err)
		}
		for metric := range u.matched {
			// Those of stages and sinks begin when a stage or sink does; their own tests see to it.
			if !strings.HasSuffix(metric, "_total") || strings.HasPrefix(metric, "leadline_stage_") || strings.HasPrefix(metric, "leadline_sink_") {
				continue
			}
			checked++
			if !there[metric] {
				t.Errorf("%s does not exist before its first event", metric)
			}
		}
	}
	if checked < 5 {
		t.Errorf("%d counters were checked", checked)
	}
}
