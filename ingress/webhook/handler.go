// Package webhook receives what recorders deliver: it limits, verifies, stores the exact bytes in Kafka, and answers.
// Nothing is understood here; that is for later, where it may be slow and may be repeated.
package webhook

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"

	"leadline/ingress/connection"
	"leadline/ingress/recorder"
	"leadline/schemas"
)

// Where recorders deliver. The plain path of an organisation means its first connection; SharedPath is for recorders that
// have one endpoint for all organisations, and is sorted by the account that the body names.
const (
	SharedPath     = "/api/integrations/{provider}/webhook"
	Path           = SharedPath + "/{org}"
	ConnectionPath = Path + "/{connection}"
)

// Connections is asked a few times for each delivery. While Fresh is false, the others may miss what exists.
type Connections interface {
	Lookup(org, provider, name string) (schemas.Connection, bool)
	All() []schemas.Connection
	Fresh() bool
}

// Options of a Handler. Limits may be left zero.
type Options struct {
	Kafka       []kgo.Opt
	Codec       *schemas.Codec
	Log         *slog.Logger
	Metrics     prometheus.Registerer
	Recorders   recorder.Table
	Connections Connections
	Sealer      *connection.Sealer
	Limits      Limits
	Tracing     trace.TracerProvider // nil: no traces
	Now         func() time.Time     // time.Now if nil
}

// Handler answers deliveries:
//
//	200  a challenge, with what it asked for; or a recording that will be fetched: Zoom wants no other status than this or 204
//	202  stored: all replicas have it. Not 200, because nobody has looked at the meeting yet.
//	204  of no interest, or the connection's ingest is off: nothing was stored, and the sender shall not try again
//	400  not UTF-8, or no JSON object         401  signature        404  no such connection
//	405  not POST      408  body too slow     410  disconnected     413  too large       415  encoded
//	503  Kafka, our copy of the connections or our memory is not up to it: the sender shall try again
type Handler struct {
	recorders   recorder.Table
	connections Connections
	keys        *keyring
	limits      Limits
	memory      *budget
	turns       *turns
	trying      sync.Mutex // held while one body is tried with everybody's secret
	kafka       *kgo.Client
	telling     *kgo.Client // of requests to the poller
	codec       *schemas.Codec
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
	opts := append(slices.Clone(o.Kafka),
		// The promise behind a 2xx. An idempotent producer, kgo's default, would refuse less; it is said all the same.
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.RecordDeliveryTimeout(limits.ProduceTime),
		kgo.MaxBufferedBytes(int(limits.InFlight)),
	)
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("building the producer of webhooks: %w", err)
	}
	// What the poller is told is small, and each write of it would be synced to disk by itself.
	telling, err := kgo.NewClient(append(opts, kgo.ProducerLinger(gather))...)
	if err != nil {
		client.Close()
		return nil, fmt.Errorf("building the producer of requests: %w", err)
	}
	memory := newBudget(limits.InFlight)
	return &Handler{
		recorders: o.Recorders, connections: o.Connections, keys: newKeyring(o.Sealer, o.Now), limits: limits, memory: memory, turns: newTurns(limits.Requests),
		kafka: client, telling: telling, codec: o.Codec, metrics: newMetrics(o.Metrics, memory, o.Recorders), tracer: newTracer(o.Tracing), log: o.Log, now: o.Now,
	}, nil
}

// Close gives up what is not stored yet. The server must have been shut down before.
func (h *Handler) Close() {
	h.kafka.Close()
	h.telling.Close()
}

// Mount puts the handler where it belongs, for every method.
func (h *Handler) Mount(r *mux.Router) {
	for _, path := range []string{SharedPath, Path, ConnectionPath} {
		r.Handle(path, h)
	}
}

// ServeHTTP wants the variables of one of the paths in the request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	vars := mux.Vars(r)
	// What the sender says of a trace of his own is not believed: it would choose for us what is sampled.
	ctx, span := h.tracer.Start(r.Context(), "webhook", trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer))
	provider := vars["provider"]
	at := target{provider: provider, org: vars["org"], connection: vars["connection"]}
	if at.connection == "" {
		at.connection = connection.First
	}
	size, got := h.receive(w, r.WithContext(ctx), at)
	if _, known := h.recorders[provider]; !known {
		provider = "unknown" // what is in a path is anybody's choice, and must not become a label
	}
	got.write(w)
	describe(span, provider, size, got)
	span.End()
	h.metrics.requests.WithLabelValues(provider, got.result).Inc()
	h.metrics.seconds.WithLabelValues(provider).Observe(time.Since(began).Seconds())
	h.metrics.bytes.WithLabelValues(provider).Observe(float64(size))
}

// receive does the work.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request, at target) (size int, got *answer) {
	whole := false
	defer func() {
		if !whole {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(linger)) // a test's writer has no deadlines
		}
	}()
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return 0, refuseMethod
	}
	of, known := h.recorders[at.provider]
	if !known {
		return 0, refuseUnknown
	}
	if !h.connections.Fresh() {
		return 0, refuseNotReady
	}
	// Who is not there is told so before his body is read.
	if refused := h.refuse(of, at); refused != nil {
		return 0, refused
	}
	lease := h.memory.lease(at.sender())
	body, turn, refused := h.read(w, r, lease, at)
	if refused != nil {
		lease.end()
		return len(body), refused
	}
	whole = true
	defer turn.end()
	records, got, delivery := h.accept(of, at, r.Header, body)
	if len(records) == 0 {
		lease.end()
		return len(body), got
	}
	if got = h.store(r.Context(), records, lease); got == stored && delivery.Fetch != "" {
		got = requested
	}
	return len(body), got
}

// accept returns what a body leads to, or the answer where nothing is to be stored.
func (h *Handler) accept(of recorder.Deliveries, at target, header http.Header, body []byte) ([]*kgo.Record, *answer, recorder.Delivery) {
	to, everybody, refused := h.addressees(of, at, body)
	if refused != nil {
		return nil, refused, recorder.Delivery{}
	}
	if everybody {
		// Ten thousand secrets take some ten milliseconds: a stranger gets one processor of us for it, and not all.
		if !h.trying.TryLock() {
			return nil, refuseBusy, recorder.Delivery{}
		}
		defer h.trying.Unlock()
	}
	delivery, to, refused := h.verify(of, to, header, body)
	if refused == nil {
		refused = checkBody(body, delivery)
	}
	if refused != nil {
		return nil, refused, delivery
	}
	records, got, err := h.records(at.provider, to, delivery, body)
	if err != nil {
		h.log.Warn("request for a recording cannot be encoded; the delivery is answered 503", "provider", at.provider, "err", err)
	}
	return records, got, delivery
}

// verify returns what the delivery asks for, and of those that it may be meant for the ones whose secret signed it.
func (h *Handler) verify(of recorder.Deliveries, to []schemas.Connection, header http.Header, body []byte) (
	delivery recorder.Delivery, signed []schemas.Connection, refused *answer,
) {
	for _, c := range to {
		v, fresh, err := h.keys.verifier(of, c)
		if err != nil {
			if fresh {
				h.log.Warn("webhook secret cannot be used; deliveries are answered 503", "org", c.Org, "provider", c.Provider, "err", err)
			}
			refused = refuseSecret
			continue
		}
		d, err := v.Verify(header, body, h.now())
		if err == nil {
			delivery, signed = d, append(signed, c)
		} else if refused == nil {
			refused = refuseSignature(err)
		}
	}
	if len(signed) > 0 {
		return delivery, signed, nil
	}
	return delivery, nil, refused
}

// records are what a verified delivery leads to, or the answer where nothing is to be stored.
func (h *Handler) records(provider string, to []schemas.Connection, d recorder.Delivery, body []byte) ([]*kgo.Record, *answer, error) {
	switch {
	case d.Answer != nil:
		return nil, challenged(d.Answer), nil
	case d.Event == "" && d.Fetch == "":
		return nil, ignored, nil
	}
	var records []*kgo.Record
	for _, c := range to {
		if !c.Ingest {
			continue
		}
		if d.Event != "" {
			records = append(records, schemas.RawRecord(schemas.Origin{
				Event: d.Event, Provider: provider, Org: c.Org, Connection: c.Name, Source: schemas.SourceWebhook,
				Delivery: schemas.Excerpt(d.ID), Received: h.now(), Recording: schemas.Excerpt(d.Recording),
			}, body))
		}
		// The poller fetches it whole, with credentials of its own: the body may hold a token that must not be stored. Of
		// what is stored it only hears, so that somebody can tell whether deliveries come.
		value, err := schemas.Encode(h.codec, schemas.SyncRequests, &schemas.SyncRequested{
			Org: c.Org, Provider: provider, Connection: c.Name, Source: schemas.SyncWebhook,
			RequestedAt: h.now().UTC(), Recording: cmp.Or(d.Fetch, schemas.Excerpt(d.Recording)), Stored: d.Event != "", Gone: d.Gone,
		})
		if err != nil {
			return nil, refuseKafka, err
		}
		id := schemas.ConnectionID(c.Org, provider, c.Name)
		records = append(records, &kgo.Record{Topic: schemas.SyncRequests.Name, Key: []byte(id), Value: value})
	}
	return records, dropped, nil
}
