package poller

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"leadline/schemas"
)

// newTracer is silent where nobody asked for traces.
func newTracer(p trace.TracerProvider) trace.Tracer {
	if p == nil {
		return noop.Tracer{}
	}
	return p.Tracer("leadline/ingress/poller")
}

// traced begins the trace of a page, which goes on with each of its meetings. It has a link to the page before or to who
// asked: the thousand pages of a first sync are no one trace. A single recording goes on with the trace of the delivery that
// announced it.
func (s *session) traced(ctx context.Context, r *request) (context.Context, trace.Span) {
	what := trace.WithAttributes(attribute.String("leadline.provider", r.value.Provider), attribute.String("leadline.source", r.value.Source))
	if r.value.Recording != "" {
		return s.tracer.Start(schemas.WithTrace(ctx, r.record), "poll recording", trace.WithSpanKind(trace.SpanKindClient), what)
	}
	var links []trace.Link
	if c := schemas.TraceOf(r.record); c.IsSampled() {
		links = append(links, trace.Link{SpanContext: c})
	}
	return s.tracer.Start(ctx, "poll page", trace.WithNewRoot(), trace.WithLinks(links...), trace.WithSpanKind(trace.SpanKindClient), what)
}

// finish ends the span of a page with what became of it, and puts its records into its trace.
func (o *outcome) finish(ctx context.Context, span trace.Span) {
	o.span = span.SpanContext()
	for _, r := range o.records {
		if r.Topic != schemas.SyncCursors.Name { // a cursor leads to nothing
			schemas.SetTrace(ctx, r)
		}
	}
	span.SetAttributes(attribute.String("leadline.result", o.result), attribute.Int("leadline.meetings", o.meetings))
	if o.err != nil {
		span.SetStatus(codes.Error, o.result)
	}
	span.End()
}

// tracedTransaction begins the span of a transaction, which has a link to each page in it.
func (s *session) tracedTransaction(ctx context.Context, work []*outcome) (context.Context, trace.Span) {
	var links []trace.Link
	for _, o := range work {
		if o.span.IsSampled() {
			links = append(links, trace.Link{SpanContext: o.span})
		}
	}
	return s.tracer.Start(ctx, "poller transaction", trace.WithNewRoot(), trace.WithLinks(links...))
}
