package webhook

import (
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// newTracer is silent where nobody asked for traces.
func newTracer(p trace.TracerProvider) trace.Tracer {
	if p == nil {
		return noop.Tracer{}
	}
	return p.Tracer("leadline/ingress/webhook")
}

// describe says what became of a delivery, in words of closed lists alone.
func describe(span trace.Span, provider string, size int, got *answer) {
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(
		attribute.String("http.route", Path), attribute.Int("http.response.status_code", got.status),
		attribute.Int("http.request.body.size", size),
		attribute.String("leadline.provider", provider), attribute.String("leadline.result", got.result),
	)
	if got.status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, got.result)
	}
}
