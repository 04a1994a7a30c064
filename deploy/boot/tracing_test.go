package boot

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestTracesAreSentWhereTheEnvironmentAsksForThem(t *testing.T) {
	t.Parallel()
	const where, here = "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"
	for name, c := range map[string]struct {
		env    map[string]string
		asked  bool
		refuse string
	}{
		"nothing is set":         {},
		"an address":             {env: map[string]string{where: here}, asked: true},
		"an address for traces":  {env: map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": here}, asked: true},
		"no address":             {env: map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SERVICE_NAME": "x"}},
		"switched off":           {env: map[string]string{where: here, "OTEL_SDK_DISABLED": "true"}},
		"no traces":              {env: map[string]string{where: here, "OTEL_TRACES_EXPORTER": "none"}},
		"another exporter":       {env: map[string]string{where: here, "OTEL_TRACES_EXPORTER": "zipkin"}, refuse: "want otlp"},
		"another protocol":       {env: map[string]string{where: here, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, refuse: "want http/protobuf"},
		"ours for traces counts": {env: map[string]string{where: here, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, asked: true},
	} {
		asked, err := tracingAsked(func(name string) string { return c.env[name] })
		refused := err != nil && c.refuse != "" && strings.Contains(err.Error(), c.refuse)
		if asked != c.asked || refused != (c.refuse != "") || (err != nil && !refused) {
			t.Errorf("%s: %t, %v", name, asked, err)
		}
	}
}

type deaf struct {
	sdk.SpanExporter
	err error
}

func (d *deaf) ExportSpans(context.Context, []sdk.ReadOnlySpan) error { return d.err }

func TestACollectorThatIsDownIsWarnedOfOnceAndCounted(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	collector := &deaf{SpanExporter: tracetest.NewNoopExporter(), err: errors.New("refused")}
	s := newSending(collector, prometheus.NewRegistry(), slog.New(slog.NewTextHandler(&said, nil)))
	spans := make([]sdk.ReadOnlySpan, 3)
	for range 4 {
		if err := s.ExportSpans(t.Context(), spans); err != nil {
			t.Error(err)
		}
	}
	if n := strings.Count(said.String(), "level=WARN"); n != 1 || testutil.ToFloat64(s.lost) != 12 || testutil.ToFloat64(s.failures) != 4 {
		t.Errorf("%d warnings, %v lost, %v failures", n, testutil.ToFloat64(s.lost), testutil.ToFloat64(s.failures))
	}
	collector.err = nil
	_ = s.ExportSpans(t.Context(), spans)
	collector.err = errors.New("refused")
	_ = s.ExportSpans(t.Context(), spans)
	if n := strings.Count(said.String(), "level=WARN"); n != 2 {
		t.Errorf("%d warnings of two outages", n)
	}
}
