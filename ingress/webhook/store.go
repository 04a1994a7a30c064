package webhook

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"leadline/schemas"
)

// store returns "stored" once all replicas have the records. It waits no longer than ProduceTime, though kgo may not be
// able to say by then what became of them: they may still be stored after the sender was told to try again, and are then
// there twice, which normalize drops.
func (h *Handler) store(ctx context.Context, records []*kgo.Record, lease *lease) *answer {
	var (
		mu     sync.Mutex
		left   = len(records)
		failed error
	)
	ctx, span := h.tracer.Start(ctx, "send "+records[0].Topic, trace.WithSpanKind(trace.SpanKindProducer))
	defer span.End()
	done := make(chan error, 1)
	for _, r := range records {
		schemas.SetTrace(ctx, r)
		by := h.kafka
		if r.Topic == schemas.SyncRequests.Name {
			by = h.telling
		}
		// A sender that hangs up changes nothing: a cancelled record would make the producer start over for all.
		by.TryProduce(context.WithoutCancel(ctx), r, func(_ *kgo.Record, err error) {
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
			if left--; left == 0 {
				lease.end()
				done <- failed
			}
		})
	}
	timer := time.NewTimer(h.limits.ProduceTime)
	defer timer.Stop()
	var err error
	select {
	case err = <-done:
	case <-timer.C:
		err = context.DeadlineExceeded
	}
	switch {
	case err == nil:
		return stored
	case errors.Is(err, kgo.ErrMaxBuffered):
		return refuseBusy
	default:
		span.SetStatus(codes.Error, "not acknowledged")
		h.metrics.produceErrors.Inc()
		return refuseKafka
	}
}
