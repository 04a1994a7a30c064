package stage

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"leadline/schemas"
)

// tracer is silent where nobody asked for traces.
func (l *Loop) tracer() trace.Tracer {
	if l.Tracing == nil {
		return noop.Tracer{}
	}
	return l.Tracing.Tracer("leadline/processors/stage")
}

// traced begins the span of a record, in the trace that the record came with.
// A batch that is computed again has its spans again, in the same traces.
func (s *session) traced(ctx context.Context, r *kgo.Record) (context.Context, trace.Span) {
	ctx = schemas.WithTrace(ctx, r)
	if s.Tracing == nil {
		return ctx, noop.Span{}
	}
	ctx, span := s.tracer().Start(ctx, s.Stage.Name, trace.WithSpanKind(trace.SpanKindConsumer))
	if span.IsRecording() { // else nobody would look at what follows
		span.SetAttributes(
			attribute.String("messaging.system", "kafka"),
			attribute.String("messaging.operation.name", "process"),
			attribute.String("messaging.consumer.group.name", s.Stage.Name),
			attribute.String("messaging.destination.name", r.Topic),
			attribute.Int("messaging.destination.partition.id", int(r.Partition)),
			attribute.Int64("messaging.kafka.offset", r.Offset),
		)
	}
	return ctx, span
}

// tracedTransaction begins the span of a batch's transaction, which is of no
// record's trace: it has a link to the span of each that is sampled.
func (s *session) tracedTransaction(ctx context.Context, work []*portion) (context.Context, trace.Span) {
	var links []trace.Link
	records := 0
	for _, w := range work {
		records += len(w.records)
		for _, c := range w.spans {
			links = append(links, trace.Link{SpanContext: c})
		}
	}
	return s.tracer().Start(ctx, s.Stage.Name+" transaction", trace.WithNewRoot(), trace.WithLinks(links...),
		trace.WithAttributes(attribute.Int("messaging.batch.message_count", records)))
}

// finish ends a span with what became of its work. An error's text may quote
// what somebody said, so that it is not part of it.
func finish(span trace.Span, failure string) {
	if failure != "" {
		span.SetStatus(codes.Error, failure)
	}
	span.End()
}
