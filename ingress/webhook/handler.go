// Package webhook receives what recorders deliver: it limits, verifies, stores the exact bytes in Kafka, and answers.
// Nothing is understood here; that is for later, where it may be slow and may be repeated.
package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"leadline/ingress/connection"
	"leadline/schemas"
)

// Path is where the handler belongs in a gorilla/mux router, for every method.
const Path = "/api/integrations/{provider}/webhook/{org}"

// Connections is asked once or twice for each delivery. While Fresh is false, Get may miss what exists.
type Connections interface {
	Get(org, provider, name string) (schemas.Connection, bool)
	Fresh() bool
}

// Options of a Handler. Limits may be left zero.
type Options struct {
	Kafka       []kgo.Opt
	Codec       *schemas.Codec // unused by raw records; here so that every constructor takes the same
	Log         *slog.Logger
	Metrics     prometheus.Registerer
	Connections Connections
	Sealer      *connection.Sealer
	Limits      Limits
	Tracing     trace.TracerProvider // nil: no traces
	Now         func() time.Time     // time.Now if nil
}

// Handler answers deliveries:
//
//	202  stored: all replicas have it. Not 200, because nobody has looked at the meeting yet.
//	204  the connection's ingest is off: nothing was stored, and the sender shall not try again
//	400  not UTF-8, or no JSON object         401  signature        404  no such connection
//	405  not POST      408  body too slow     413  too large        415  encoded
//	503  Kafka, our copy of the connections or our memory is not up to it: the sender shall try again
type Handler struct {
	connections Connections
	keys        *keyring
	limits      Limits
	memory      *budget
	kafka       *kgo.Client
	metrics     *metrics
	tracer      trace.Tracer
	log         *slog.Logger
	now         func() time.Time
}

// New checks the options. It opens no connection.
func New(o Options) (*Handler, error) {
	limits, err := o.Limits.complete()
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	client, err := kgo.NewClient(append(slices.Clone(o.Kafka),
		// The promise behind a 2xx. An idempotent producer, kgo's default, would refuse less; it is said all the same.
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.RecordDeliveryTimeout(limits.ProduceTime),
		kgo.MaxBufferedBytes(int(limits.InFlight)),
	)...)
	if err != nil {
		return nil, fmt.Errorf("building the producer of webhooks: %w", err)
	}
	memory := newBudget(limits.InFlight)
	return &Handler{
		connections: o.Connections, keys: newKeyring(o.Sealer), limits: limits, memory: memory,
		kafka: client, metrics: newMetrics(o.Metrics, memory), tracer: newTracer(o.Tracing), log: o.Log, now: o.Now,
	}, nil
}

// Close gives up what is not stored yet. The server must have been shut down before.
func (h *Handler) Close() { h.kafka.Close() }

// ServeHTTP wants the variables of Path in the request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	vars := mux.Vars(r)
	// What the sender says of a trace of his own is not believed: it would choose for us what is sampled.
	ctx, span := h.tracer.Start(r.Context(), "webhook", trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer))
	size, refused := h.receive(w, r.WithContext(ctx), vars["provider"], vars["org"])
	provider := vars["provider"]
	if _, known := senders[provider]; !known {
		provider = "unknown" // what is in a path is anybody's choice, and must not become a label
	}
	result := stored
	switch {
	case refused == nil:
		w.WriteHeader(http.StatusAccepted)
	case refused.status == http.StatusNoContent:
		w.WriteHeader(http.StatusNoContent)
		result = refused.result
	default:
		refused.answer(w)
		result = refused.result
	}
	describe(span, provider, result, size, refused)
	span.End()
	h.metrics.requests.WithLabelValues(provider, result).Inc()
	h.metrics.seconds.WithLabelValues(provider).Observe(time.Since(began).Seconds())
	h.metrics.bytes.WithLabelValues(provider).Observe(float64(size))
}

// receive does the work, and returns nil when the delivery is stored.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request, provider, org string) (size int, refused *refusal) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return 0, refuseMethod
	}
	from, known := senders[provider]
	if !known || schemas.CheckOrg(org) != nil {
		return 0, refuseUnknown
	}
	if !h.connections.Fresh() {
		return 0, refuseNotReady
	}
	c, known := h.connections.Get(org, provider, connection.First)
	if !known || len(c.SealedSecret) == 0 {
		return 0, refuseUnknown
	}
	lease := h.memory.lease()
	body, refused := h.read(w, r, lease)
	if refused != nil {
		lease.end()
		return len(body), refused
	}
	delivery, refused := h.verify(from, c, r.Header, body)
	if refused == nil {
		refused = checkBody(body)
	}
	if refused == nil && !c.Ingest {
		refused = dropped
	}
	if refused != nil {
		lease.end()
		return len(body), refused
	}
	return len(body), h.store(r.Context(), schemas.RawRecord(schemas.Origin{
		Event: from.event, Provider: provider, Org: org, Connection: c.Name, Source: schemas.SourceWebhook,
		Delivery: schemas.Excerpt(delivery), Received: h.now(),
	}, body), lease)
}

func (h *Handler) verify(from sender, c schemas.Connection, header http.Header, body []byte) (string, *refusal) {
	v, fresh, err := h.keys.verifier(from, c)
	if err != nil {
		if fresh {
			h.log.Warn("webhook secret cannot be used; deliveries are answered 503", "org", c.Org, "provider", c.Provider, "err", err)
		}
		return "", refuseSecret
	}
	delivery, err := v.Verify(header, body, h.now())
	if err != nil {
		return "", refuseSignature(from.reason(err))
	}
	return delivery, nil
}

// store returns nil once all replicas have the record. It waits no longer than ProduceTime, though kgo may not be able
// to say by then what became of the record: it may still be stored after the sender was told to try again, and is then
// there twice, which normalize drops.
func (h *Handler) store(ctx context.Context, r *kgo.Record, lease *lease) *refusal {
	ctx, span := h.tracer.Start(ctx, "send "+r.Topic, trace.WithSpanKind(trace.SpanKindProducer))
	defer span.End()
	schemas.SetTrace(ctx, r)
	done := make(chan error, 1)
	// A sender that hangs up changes nothing: a cancelled record would make the producer start over for all.
	h.kafka.TryProduce(context.WithoutCancel(ctx), r, func(_ *kgo.Record, err error) {
		lease.end()
		done <- err
	})
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
		return nil
	case errors.Is(err, kgo.ErrMaxBuffered):
		return refuseBusy
	default:
		span.SetStatus(codes.Error, "not acknowledged")
		h.metrics.produceErrors.Inc()
		return refuseKafka
	}
}
