// Package poller reads recorders' listings.
//
// A run of a connection is a chain of records in sync.requested.v1. Whoever asks for it writes the first; reading a page
// is one Kafka transaction that holds the page's meetings, the cursor behind it, the request for the next page, and the
// offset of the request that asked for this one. So
//
//	a page and its cursor are there together or not at all;
//	a crash leaves the last request unread, and the run goes on at the page that it names;
//	two pollers never work on one connection, because its requests are in one partition of one consumer group, and
//	a poller that lost the partition cannot commit, because the offset in the transaction is checked against the group;
//	long runs do not hold up others: their next page queues up behind what was asked meanwhile.
//
// The hourly tick needs no owner of its own: each poller asks for the connections whose requests it will read itself. A
// request too many is harmless. While a run is under way it joins it; after it, the run reads a window again, and
// normalize drops what it knows.
package poller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"

	"leadline/ingress/connection"
	"leadline/ingress/recorder"
	"leadline/schemas"
)

// Group is the consumer group of all pollers.
const Group = "poller"

// Connections is the process's copy of the connections. CatchUp is called before each batch: an error delays it.
type Connections interface {
	CatchUp(ctx context.Context) error
	Get(org, provider, name string) (schemas.Connection, bool)
	List() []schemas.Connection
}

// Options of a Poller. Those below Sealer may be left zero.
type Options struct {
	Kafka       []kgo.Opt
	Codec       *schemas.Codec
	Log         *slog.Logger
	Metrics     prometheus.Registerer
	Connections Connections
	Recorders   recorder.Table
	Sealer      *connection.Sealer
	// TransactionalID names this process's producer. Two that run at the same time must differ.
	TransactionalID string

	Tracing  trace.TracerProvider // no traces if nil
	HTTP     *http.Client         // for calls to recorders; their own if nil
	Interval time.Duration        // between two runs of a connection; an hour
	Overlap  time.Duration        // how much of what it has read a later run reads again; 14 days, see Fathom's late sharing
	Patience time.Duration        // how long one page is tried before its run stops until the next tick; 3 minutes
	// CompleteWithin is how long after its end a meeting without transcript or summary is asked for again, and AskAgain the
	// pause before the first time, which doubles with each; 48 hours and 5 minutes.
	CompleteWithin, AskAgain time.Duration
}

const (
	// batch is how many connections are read at a time. A page can have some 10 MiB, and is held until it is committed.
	batch = 4
	// transactionTimeout is how long an open transaction of a process that died holds up the readers behind it.
	transactionTimeout = 30 * time.Second
	// drainTime is how long the last transaction may take when the process is to stop.
	drainTime = 20 * time.Second
)

// Poller runs syncs. Make one with New.
type Poller struct {
	Options
	metrics *metrics
	paces   *paces
	tracer  trace.Tracer
	ticked  map[string]time.Time // connection id -> when this process last asked for it by itself

	// crash, in tests, is asked at each numbered step; an error ends the run there as a kill would.
	crash func(step int) error
}

// New checks the options. It opens no connection.
func New(o Options) (*Poller, error) {
	if o.TransactionalID == "" {
		return nil, errors.New("poller needs a transactional id")
	}
	if o.Interval == 0 {
		o.Interval = time.Hour
	}
	if o.Overlap == 0 {
		o.Overlap = 14 * 24 * time.Hour
	}
	if o.Patience == 0 {
		o.Patience = 3 * time.Minute
	}
	if o.CompleteWithin == 0 {
		o.CompleteWithin = 48 * time.Hour
	}
	if o.AskAgain == 0 {
		o.AskAgain = 5 * time.Minute
	}
	for name, r := range o.Recorders {
		for _, l := range r.Limits() {
			if l.Calls < 1 || l.Window <= 0 {
				return nil, fmt.Errorf("limit %q of %s: want at least one call in a positive window", l.Name, name)
			}
		}
	}
	paces := &paces{all: make(map[string]*pace)}
	return &Poller{Options: o, metrics: newMetrics(o.Metrics), paces: paces, tracer: newTracer(o.Tracing), ticked: make(map[string]time.Time)}, nil
}

// Run polls until ctx ends, and then returns nil. Trouble with Kafka is waited out. It may be called again after it
// returned.
func (p *Poller) Run(ctx context.Context) error {
	wait := newBackOff()
	for ctx.Err() == nil {
		began := time.Now()
		err := p.session(ctx)
		if err == nil || ctx.Err() != nil {
			break
		}
		if _, crashed := errors.AsType[*crashedError](err); crashed {
			return err
		}
		p.metrics.restarts.Inc()
		p.Log.Warn("poller starts over", "err", err)
		if time.Since(began) > time.Minute {
			wait.Reset()
		}
		sleep(ctx, wait.NextBackOff())
	}
	return nil
}

// session polls with one client until ctx ends or the client cannot go on.
func (p *Poller) session(ctx context.Context) error {
	s := &session{Poller: p}
	kafka, err := kgo.NewGroupTransactSession(append(slices.Clone(p.Kafka),
		kgo.ConsumerGroup(Group),
		kgo.ConsumeTopics(schemas.SyncRequests.Name),
		// Every rebalance takes all partitions away first, so that it is always told of.
		kgo.Balancers(kgo.RangeBalancer()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.TransactionalID(p.TransactionalID),
		kgo.TransactionTimeout(transactionTimeout),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.OnPartitionsAssigned(s.assigned),
		kgo.OnPartitionsRevoked(s.revoked),
		kgo.OnPartitionsLost(s.revoked),
	)...)
	if err != nil {
		return fmt.Errorf("building the poller's client: %w", err)
	}
	// The last transaction is over when this runs; leaving the group lets the next member go on at once.
	defer kafka.Close()
	s.kafka, s.admin = kafka, kadm.NewClient(kafka.Client())
	for ctx.Err() == nil {
		if err := s.round(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *Poller) at(step int) error {
	if p.crash == nil {
		return nil
	}
	if err := p.crash(step); err != nil {
		return &crashedError{step, err}
	}
	return nil
}

type crashedError struct {
	step int
	err  error
}

func (e *crashedError) Error() string { return fmt.Sprintf("crashed at step %d: %v", e.step, e.err) }
func (e *crashedError) Unwrap() error { return e.err }

const (
	maxBackOff = 15 * time.Second
	// maxPause is longer than any that a recorder may ask for.
	maxPause = 24 * time.Hour
)

// newBackOff waits 100 ms at first and 15 s at most, and never gives up.
func newBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = 100*time.Millisecond, maxBackOff
	b.Reset()
	return b
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
