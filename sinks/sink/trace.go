package sink

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"leadline/schemas"
)

// traced writes a batch within a span of its own, which is of no meeting's trace
// and has a link to each. When the batch is written, each trace gets a span of
// the same time with the number of its rows: a meeting's entries share one.
func (r *running[T]) traced(ctx context.Context, from []*kgo.Record, write func(context.Context) error) error {
	if r.Tracing == nil {
		return write(ctx)
	}
	began, tracer := time.Now(), r.Tracing.Tracer("leadline/sinks/sink")
	rows := make(map[trace.SpanID]int)
	var links []trace.Link
	for _, rec := range from {
		c := schemas.TraceOf(rec)
		if rows[c.SpanID()]++; rows[c.SpanID()] == 1 && c.IsSampled() {
			links = append(links, trace.Link{SpanContext: c})
		}
	}
	ctx, span := tracer.Start(ctx, r.Name+" batch", trace.WithNewRoot(), trace.WithTimestamp(began), trace.WithLinks(links...),
		trace.WithAttributes(attribute.Int("messaging.batch.message_count", len(from))))
	defer span.End()
	err := write(ctx)
	if err != nil {
		// Not the error's text, which may quote a row.
		span.SetStatus(codes.Error, "not written")
		return err
	}
	batch := trace.WithLinks(trace.Link{SpanContext: span.SpanContext()})
	for _, link := range links {
		_, own := tracer.Start(trace.ContextWithRemoteSpanContext(ctx, link.SpanContext), r.Name,
			trace.WithSpanKind(trace.SpanKindConsumer), trace.WithTimestamp(began), batch, trace.WithAttributes(
				attribute.String("messaging.system", "kafka"), attribute.String("messaging.operation.name", "process"),
				attribute.String("messaging.destination.name", r.Topic.Name), attribute.Int("leadline.rows", rows[link.SpanContext.SpanID()]),
			))
		own.End()
	}
	return nil
}
