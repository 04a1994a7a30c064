package sink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"

	"leadline/deploy/boot/burst"
	"leadline/deploy/boot/lag"
	"leadline/schemas"
)

// Loop carries the records of a topic into a Sink, at least once.
type Loop[T any] struct {
	Name  string // label of the metrics; stage of the dead letters
	Group string // consumer group
	Topic schemas.Topic[T]
	Codec *schemas.Codec
	Sink  Sink[T]
	// Key and Version say which row a record is. Key is ByKey when nil. A
	// record whose version cannot be told becomes a dead letter.
	Key     func(*kgo.Record) string
	Version func(*kgo.Record) (uint64, error)

	Metrics *Metrics             // nil: not counted
	Log     *slog.Logger         // nil: silent
	Tracing trace.TracerProvider // nil: no traces
	Limits  Limits
	// MostRejected is how many dead letters there may be in a row; one more
	// halts the loop. 0: no limit.
	MostRejected int
	// EndAtBurst makes Run return an error instead of halting, where somebody
	// waits for what it does and sees no metrics.
	EndAtBurst bool
}

// Limits bound what a loop does at once. Zero fields take the defaults.
type Limits struct {
	Rows  int // in a batch; 500
	Bytes int // of a batch's values, unless one record alone is larger; 16 MiB
	// Try is how long one Write, one round of dead letters or one commit may
	// take; 15 s. All three together must stay below the group's rebalance
	// timeout, 60 s by default, or the group expels a member that works.
	Try time.Duration
	// Drain is how long the work under way may go on after Run was asked to
	// stop; 15 s.
	Drain time.Duration
	// Pause is the first wait after a failure; 250 ms. It doubles up to 120
	// times its length, 30 s, and stays there.
	Pause time.Duration
}

func (l Limits) withDefaults() Limits {
	or := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	if l.Rows == 0 {
		l.Rows = 500
	}
	if l.Bytes == 0 {
		l.Bytes = 16 << 20
	}
	or(&l.Try, 15*time.Second)
	or(&l.Drain, 15*time.Second)
	or(&l.Pause, 250*time.Millisecond)
	return l
}

// running is a Loop that runs.
type running[T any] struct {
	Loop[T]
	client *kgo.Client
	tenure *tenure
	lag    *lag.Member
	// effects outlives the context of Run by Limits.Drain: a write under way is
	// finished and committed rather than cut off and repeated.
	effects  context.Context
	fetching outage
	share    int     // how many rows the store gets at once; see write
	letters  letters // that the batch before ended with
	burst    *burst.Error
}

// Run consumes until ctx ends, and then finishes the batch under way and leaves
// the group. It returns nil when it was asked to stop; an error means that it
// could not begin, or EndAtBurst. opts say where the broker is; what Run itself sets wins.
func (l Loop[T]) Run(ctx context.Context, opts ...kgo.Opt) error {
	if l.Name == "" || l.Group == "" || l.Codec == nil || l.Sink == nil || l.Version == nil {
		return errors.New("sink: name, group, codec, sink and version are required")
	}
	l.Limits = l.Limits.withDefaults()
	if l.Key == nil {
		l.Key = ByKey
	}
	if l.Log == nil {
		l.Log = slog.New(slog.DiscardHandler)
	}
	if l.Metrics == nil {
		l.Metrics = NewMetrics(nil)
	}
	l.Log = l.Log.With("sink", l.Name)

	l.Metrics.begin(l.Name)
	r := &running[T]{Loop: l, tenure: newTenure(), lag: l.Metrics.lag.Member(l.Name), share: l.Limits.Rows}
	defer r.lag.Leave()
	client, err := kgo.NewClient(append(slices.Clone(opts), l.options(r.tenure, r.lag)...)...)
	if err != nil {
		return fmt.Errorf("sink %s: %w", l.Name, err)
	}
	defer client.CloseAllowingRebalance()
	r.client = client

	effects, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(l.Limits.Drain, cut) })()
	r.effects = effects
	r.fetching = outage{log: r.Log, doing: "fetching " + l.Topic.Name}
	asking, stop := context.WithCancel(ctx)
	defer stop()
	go r.lag.Ends(asking, kadm.NewClient(client), l.Group, l.Topic.Name)

	for ctx.Err() == nil && r.burst == nil {
		r.cycle(ctx)
	}
	switch {
	case r.burst != nil && r.EndAtBurst:
		return fmt.Errorf("sink %s: %w", r.Name, r.burst)
	case r.burst != nil:
		// Its place in the group is kept, so that its lag shows.
		r.burst.Halt(ctx, r.Metrics.halted.WithLabelValues(r.Name), r.Log)
	}
	return nil
}

func (l Loop[T]) options(t *tenure, behind *lag.Member) []kgo.Opt {
	gone := func(ctx context.Context, client *kgo.Client, lost map[string][]int32) {
		t.end(ctx, client, lost)
		behind.Revoked(lost)
	}
	return []kgo.Opt{
		kgo.ConsumerGroup(l.Group),
		kgo.ConsumeTopics(l.Topic.Name),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		// Without the markers the committed offset stays one behind the end of
		// a topic that is written by transactions, and lag never reads zero.
		kgo.KeepControlRecords(),
		// As stored, so four times as much when read; six sinks hold that much each. A record that is larger comes alone.
		kgo.FetchMaxBytes(4 << 20),
		kgo.FetchMaxPartitionBytes(1 << 20),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, added map[string][]int32) { behind.Assigned(added) }),
		kgo.OnPartitionsRevoked(gone),
		kgo.OnPartitionsLost(gone),
		kgo.RecordPartitioner(schemas.Partitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchMaxBytes(schemas.MaxLetterBytes), // it produces nothing else
		// A dead letter that may have been written is written again rather than
		// waited for without end: Run must be able to stop without a broker.
		kgo.AllowIdempotentProduceCancellation(),
	}
}

// cycle is one poll and what follows from it.
func (r *running[T]) cycle(ctx context.Context) {
	fetches := r.client.PollRecords(ctx, r.Limits.Rows)
	// The poll has blocked rebalances until here; from here on the tenure does.
	r.tenure.mu.Lock()
	defer r.tenure.mu.Unlock()
	r.client.AllowRebalance()

	failed := false
	fetches.EachError(func(_ string, _ int32, err error) {
		if ctx.Err() == nil {
			failed = true
			r.fetching.note(err)
			r.Metrics.retries.WithLabelValues(r.Name).Inc()
		}
	})
	records := fetches.Records()
	if !failed && len(records) > 0 {
		r.fetching.over()
	}
	terms := r.tenure.terms(records)
	for len(records) > 0 && ctx.Err() == nil && r.burst == nil {
		r.lag.Holds(records)
		n := firstBytes(records, r.Limits.Bytes)
		if r.carry(ctx, &cargo[T]{records: records[:n], terms: terms}) {
			r.lag.Done(records[:n])
		}
		records = records[n:]
	}
}

// firstBytes counts the leading records whose values fit into limit, at least
// one.
func firstBytes(records []*kgo.Record, limit int) int {
	size := 0
	for i, r := range records {
		if size += len(r.Value); size > limit && i > 0 {
			return i
		}
	}
	return len(records)
}
