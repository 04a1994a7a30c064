package schemas

import (
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// HeaderTrace names the span that a record comes from, as the W3C's Trace
// Context writes it: 00-<trace>-<span>-<flags>. Nothing that Leadline computes
// depends on it.
const HeaderTrace = "traceparent"

// traceHeader is a record where a propagator looks for headers. Leadline begins
// its traces itself, so that there is no tracestate to hand on.
type traceHeader struct{ *kgo.Record }

func (t traceHeader) Get(key string) string {
	if key != HeaderTrace {
		return ""
	}
	return Header(t.Record, HeaderTrace)
}

func (t traceHeader) Set(key, value string) {
	if key != HeaderTrace {
		return
	}
	is := func(h kgo.RecordHeader) bool { return h.Key == HeaderTrace }
	t.Headers = append(slices.DeleteFunc(slices.Clone(t.Headers), is), kgo.RecordHeader{Key: HeaderTrace, Value: []byte(value)})
}

func (t traceHeader) Keys() []string { return []string{HeaderTrace} }

// SetTrace makes the record one that comes from the span of ctx; where there is
// none it changes nothing.
func SetTrace(ctx context.Context, r *kgo.Record) {
	propagation.TraceContext{}.Inject(ctx, traceHeader{r})
}

// WithTrace returns ctx with the span that the record comes from as the parent
// of what is begun in it. A header that is missing or malformed is none.
func WithTrace(ctx context.Context, r *kgo.Record) context.Context {
	return propagation.TraceContext{}.Extract(ctx, traceHeader{r})
}

// TraceOf is the span that the record comes from; not valid where there is none.
func TraceOf(r *kgo.Record) trace.SpanContext {
	return trace.SpanContextFromContext(WithTrace(context.Background(), r))
}
