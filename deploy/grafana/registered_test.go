package grafana

import (
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"leadline/console"
	tokens "leadline/console/token"
	"leadline/deploy/boot"
	"leadline/deploy/local"
	"leadline/ingress/connection"
	"leadline/ingress/poller"
	"leadline/ingress/webhook"
	"leadline/processors/distill"
	locally "leadline/processors/distill/local"
	"leadline/processors/stage"
	"leadline/sinks/elasticsearch"
	"leadline/sinks/sink"
)

// registered are the series that a Prometheus can have of Leadline, each with
// its labels. It is filled by what the product itself calls to register its
// metrics, and asks for descriptions and not for values: a counter that has
// counted nothing yet has no series.
type registered map[string][]string

var _ prometheus.Registerer = registered{}

var description = regexp.MustCompile(`^Desc\{fqName: "([^"]+)", .*constLabels: \{(.*)\}, variableLabels: \{(.*)\}\}$`)

// Register notes the collector's names and takes any.
func (r registered) Register(c prometheus.Collector) error {
	descriptions := make(chan *prometheus.Desc)
	go func() {
		c.Describe(descriptions)
		close(descriptions)
	}()
	for d := range descriptions {
		m := description.FindStringSubmatch(d.String())
		if m == nil {
			continue // no name of ours is such that it does not match; it would be missing
		}
		var labels []string
		if m[3] != "" {
			labels = strings.Split(m[3], ",")
		}
		switch c.(type) {
		case *prometheus.HistogramVec, prometheus.Histogram:
			r[m[1]+"_bucket"] = append(slices.Clone(labels), "le")
			r[m[1]+"_sum"], r[m[1]+"_count"] = labels, labels
		default:
			r[m[1]] = labels
		}
	}
	return nil
}

// MustRegister registers all.
func (r registered) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		_ = r.Register(c) // it has no errors
	}
}

// Unregister keeps it: a series does not cease to exist for Prometheus.
func (registered) Unregister(prometheus.Collector) bool { return true }

// everything is what every role registers.
func everything(t *testing.T) registered {
	t.Helper()
	r := registered{
		"up": nil, // Prometheus' own
	}
	register(t, r)
	return r
}

// register calls the constructors that main calls. None of them dials.
func register(t *testing.T, r prometheus.Registerer) {
	t.Helper()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	log := slog.New(slog.DiscardHandler)
	kafka := boot.Kafka{Brokers: []string{"127.0.0.1:1"}, ClientID: "test"}.Options(r, log)
	options := connection.Options{Kafka: kafka, Log: log, Metrics: r}
	table := connection.NewTable(options)
	connection.NewConnector(options, nil, table, nil, nil)
	receiving, err := webhook.New(webhook.Options{Kafka: kafka, Log: log, Metrics: r, Connections: table})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(receiving.Close)
	if _, err := poller.New(poller.Options{Kafka: kafka, Log: log, Metrics: r, Connections: table, TransactionalID: "test"}); err != nil {
		t.Fatal(err)
	}
	if _, err := distill.New(distill.ByWords(locally.New()), distill.Options{Metrics: r}); err != nil {
		t.Fatal(err)
	}
	stage.NewMetrics(r)
	r.MustRegister(new(boot.Process))
	elasticsearch.NewPurging(nil, 0, r, log)
	sink.NewMetrics(r)
	console.NewMetrics(r)
	tokens.New(tokens.Options{Kafka: kafka, Log: log, Metrics: r})
	engines, err := local.Open(t.Context(), local.Config{
		Dir: t.TempDir(), MaxLogBytes: 1 << 30, Log: log, Registerer: r,
		Topics: []local.Topic{{Name: "test"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // which takes their metrics back
		if err := engines.Close(); err != nil {
			t.Error(err)
		}
	})
}
