package boot

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// tracingAsked says whether OpenTelemetry's variables ask for traces: an address
// to send them to is given, and nothing switches them off. A value that would be
// ignored is an error.
func tracingAsked(env func(string) string) (bool, error) {
	const general, own = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	if env("OTEL_SDK_DISABLED") == "true" || (env(general) == "" && env(own) == "") {
		return false, nil
	}
	switch exporter := env("OTEL_TRACES_EXPORTER"); exporter {
	case "none":
		return false, nil
	case "", "otlp":
	default:
		return false, fmt.Errorf("OTEL_TRACES_EXPORTER=%q: want otlp or none", exporter)
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		switch protocol := env(name); protocol {
		case "":
			continue
		case "http/protobuf":
		default:
			return false, fmt.Errorf("%s=%q: want http/protobuf, which collectors take on port 4318", name, protocol)
		}
		break // the first one counts
	}
	return true, nil
}

// Tracing returns what begins spans, and the role that sends them, which is to
// stop last. Both are nil where OpenTelemetry's variables do not ask for traces:
// then nothing runs and nothing is kept. The SDK and the exporter read the
// variables: address, headers, certificates, sampler, limits, resource. service
// is the name where OTEL_SERVICE_NAME gives none.
func Tracing(ctx context.Context, service string, reg prometheus.Registerer, log *slog.Logger) (trace.TracerProvider, *Role, error) {
	asked, err := tracingAsked(os.Getenv)
	if err != nil || !asked {
		return nil, nil, err
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("building the exporter of traces: %w", err)
	}
	described, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", service)),
		resource.WithTelemetrySDK(), resource.WithHost(), resource.WithFromEnv())
	if err != nil {
		return nil, nil, fmt.Errorf("reading OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	sending := newSending(exporter, reg, log)
	// What the SDK has to say by itself, as of a variable that it cannot read.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(sending.fail))
	provider := sdk.NewTracerProvider(sdk.WithBatcher(sending), sdk.WithResource(described))
	return provider, &Role{Name: "traces", Run: func(ctx context.Context) error {
		<-ctx.Done()
		flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := provider.Shutdown(flush); err != nil {
			sending.fail(err) // spans are lost, which is no reason to end with an error
		}
		return nil
	}}, nil
}

// sending counts what the exporter could not send, and warns once an outage.
type sending struct {
	sdk.SpanExporter
	failures, lost prometheus.Counter
	log            *slog.Logger
	down           atomic.Bool
}

func newSending(e sdk.SpanExporter, reg prometheus.Registerer, log *slog.Logger) *sending {
	s := &sending{
		SpanExporter: e, log: log,
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_traces_errors_total", Help: "Times that spans could not be sent, or that OpenTelemetry complained otherwise.",
		}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_traces_lost_spans_total", Help: "Spans that could not be sent.",
		}),
	}
	reg.MustRegister(s.failures, s.lost)
	return s
}

// ExportSpans returns no error: it has been told.
func (s *sending) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := s.SpanExporter.ExportSpans(ctx, spans); err != nil {
		s.lost.Add(float64(len(spans)))
		s.fail(err)
		return nil
	}
	s.down.Store(false)
	return nil
}

func (s *sending) fail(err error) {
	s.failures.Inc()
	if !s.down.Swap(true) {
		s.log.Warn("traces cannot be sent; nothing else depends on them", "err", err)
	}
}
