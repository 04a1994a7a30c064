package stage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"

	"leadline/deploy/boot/burst"
	"leadline/deploy/boot/lag"
	"leadline/processors/state"
	"leadline/schemas"
)

// Loop runs one stage until it is told to stop.
type Loop struct {
	Stage Stage
	Codec *schemas.Codec
	// Kafka are the options of every client of the process: brokers, security,
	// partitioner, limits.
	Kafka []kgo.Opt
	// TransactionalID names this process's producer for the stage. Two that run
	// at the same time must differ.
	TransactionalID string
	// StateDir is where the copy of the stage's state is kept.
	StateDir string
	Metrics  *Metrics
	Log      *slog.Logger
	// MostRejected is how many dead letters in a row the stage makes; the next
	// one halts it. 0: no limit.
	MostRejected int
	// Tracing may be nil: no traces, though those of others are handed on.
	Tracing trace.TracerProvider

	// crash, in tests, is asked at each numbered step; an error ends the run
	// there as a kill would.
	crash func(step int) error

	rejected burst.Row // dead letters in a row, as of the last commit
}

const (
	// FetchBytes is how much the broker gives at a time, as it is stored: some
	// four times as much when it is read. It costs memory four times over (read,
	// decoded, written, and the next being fetched), in each of four stages. A
	// meeting that is larger comes alone.
	FetchBytes   = 2 << 20
	batchRecords = 500
	// How long an open transaction of a process that died holds up the readers
	// behind it. Ours are open for the time it takes to produce a batch.
	transactionTimeout = 30 * time.Second
	// How long the last transaction may take when the process is to stop.
	drainTimeout = 20 * time.Second
)

// Run processes until ctx ends, and then returns nil. Trouble with Kafka is
// waited out; an error that waiting cannot mend is returned.
func (l *Loop) Run(ctx context.Context) error {
	if len(l.Stage.Inputs) == 0 {
		return fmt.Errorf("stage %s reads no topic", l.Stage.Name)
	}
	if ctx.Err() != nil {
		return nil
	}
	l.Metrics.begin(l.Stage.Name)
	store, err := state.Open(context.WithoutCancel(ctx), filepath.Join(l.StateDir, l.Stage.Name+".db"))
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // every change of it is committed
	wait := newBackOff()
	for ctx.Err() == nil {
		began := time.Now()
		err := l.session(ctx, store)
		if err == nil || ctx.Err() != nil {
			break
		}
		var crashed *crashedError
		if errors.As(err, &crashed) {
			return err
		}
		if row, ok := errors.AsType[*burst.Error](err); ok {
			row.Halt(ctx, l.Metrics.halted.WithLabelValues(l.Stage.Name), l.Log.With("stage", l.Stage.Name))
			return nil
		}
		l.Metrics.sessions.WithLabelValues(l.Stage.Name).Inc()
		l.Log.Warn("stage starts over", "stage", l.Stage.Name, "err", err)
		if time.Since(began) > time.Minute {
			wait.Reset()
		}
		sleep(ctx, wait.NextBackOff())
	}
	return nil
}

// session consumes and produces with one client until ctx ends or the client
// cannot go on: a producer that was fenced, or that lost track of a commit, is
// of no more use, and a new one begins where the group's offsets are.
func (l *Loop) session(ctx context.Context, store *state.Store) error {
	s := &session{Loop: l, store: store, restored: make(map[int32]bool), lag: l.Metrics.lag.Member(l.Stage.Name)}
	defer s.lag.Leave()
	topics := make([]string, len(l.Stage.Inputs))
	for i, in := range l.Stage.Inputs {
		topics[i] = in.Spec.Name
	}
	opts := append(append([]kgo.Opt{}, l.Kafka...),
		kgo.ConsumerGroup(l.Stage.Name),
		kgo.ConsumeTopics(topics...),
		// Range gives partition n of every topic to the same member, which is
		// what lets inputs share a state. Sticky ones do not.
		kgo.Balancers(kgo.RangeBalancer()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		// The last offset of a topic that is written by transactions is a marker:
		// without seeing it, a stage that has done everything is one behind.
		kgo.KeepControlRecords(),
		kgo.FetchMaxBytes(FetchBytes),
		kgo.FetchMaxPartitionBytes(FetchBytes/4),
		kgo.TransactionalID(l.TransactionalID),
		kgo.TransactionTimeout(transactionTimeout),
		// Not the revoked callback: the transact session calls it once between
		// two ends, and a second rebalance in that time would go unseen.
		kgo.OnPartitionsAssigned(s.assigned),
	)
	gts, err := kgo.NewGroupTransactSession(opts...)
	if err != nil {
		return fmt.Errorf("building the client of stage %s: %w", l.Stage.Name, err)
	}
	// The last transaction is over when this runs; leaving the group lets the
	// next member go on at once instead of after the session's time-out.
	defer gts.Close()
	s.kafka = gts
	s.admin = kadm.NewClient(gts.Client())
	asking, stop := context.WithCancel(ctx)
	defer stop()
	go s.lag.Ends(asking, s.admin, l.Stage.Name, topics...)
	for ctx.Err() == nil {
		if err := s.batch(ctx); err != nil {
			return err
		}
	}
	return nil
}

// session is the loop between two failures.
type session struct {
	*Loop
	store *state.Store
	kafka *kgo.GroupTransactSession
	admin *kadm.Client
	lag   *lag.Member

	mu         sync.Mutex
	restored   map[int32]bool // partitions whose copy of the state is at its changelog's end
	rebalanced atomic.Bool    // since the batch was polled
}

// assigned forgets that the partitions' state was up to date: another member
// may have changed it while they were not ours.
func (s *session) assigned(_ context.Context, _ *kgo.Client, added map[string][]int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, partitions := range added {
		for _, p := range partitions {
			delete(s.restored, p)
		}
	}
	s.rebalanced.Store(true)
	s.lag.RevokedAll() // the range balancer takes all away before it gives
	s.lag.Assigned(added)
}

// batch takes one batch from poll to commit. A crash
//
//	before 1, or between 1 and 4: nothing has happened; the batch is read again
//	within 4: the transaction is aborted by time-out or by the next producer
//	between 4 and 5: the changelog is ahead of the store, which is read after
//	after 5: the next batch is due
func (s *session) batch(ctx context.Context) error {
	fetches := s.kafka.PollRecords(ctx, batchRecords) // 1
	// A rebalance before this line is the session's to notice, at the end of
	// the transaction; from here on it also spares the work.
	s.rebalanced.Store(false)
	if ctx.Err() != nil || fetches.IsClientClosed() {
		return nil
	}
	if err := s.fetchErrors(fetches); err != nil {
		return err
	}
	polled := fetches.Records()
	s.lag.Holds(polled)
	work := s.split(fetches)
	if len(work) == 0 {
		s.lag.Done(polled) // markers of transactions
		return nil
	}
	if err := s.at(1); err != nil {
		return err
	}
	if err := s.restore(ctx, work); err != nil { // 2
		return err
	}
	if err := s.at(2); err != nil {
		return err
	}
	if !s.compute(ctx, work) { // 3
		if ctx.Err() != nil {
			return nil
		}
		return s.giveBack()
	}
	if err := s.at(3); err != nil {
		return err
	}
	row, err := s.rejected.After(rejections(work), s.MostRejected)
	if err != nil {
		return err
	}
	committed, err := s.transact(ctx, work) // 4
	if err != nil || !committed {
		return err
	}
	s.rejected = row
	if err := s.at(4); err != nil {
		return err
	}
	if err := s.keep(ctx, work); err != nil { // 5
		return err
	}
	s.lag.Done(polled)
	s.measure(work)
	return s.at(5)
}

// fetchErrors returns an error only where the client cannot mend it by itself.
func (s *session) fetchErrors(fetches kgo.Fetches) error {
	for _, e := range fetches.Errors() {
		s.Metrics.fetchErrors.WithLabelValues(s.Stage.Name).Inc()
		return fmt.Errorf("fetching %s: %w", e.Topic, e.Err)
	}
	return nil
}

// giveBack rewinds to the committed offsets: an aborted transaction does that.
func (s *session) giveBack() error {
	if err := s.kafka.Begin(); err != nil {
		return fmt.Errorf("beginning a transaction to abort: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if _, err := s.kafka.End(ctx, kgo.TryAbort); err != nil {
		return fmt.Errorf("giving a batch back: %w", err)
	}
	return nil
}

// keep applies what was committed to the copy on disk. It must not be cut
// short by a stop: the copy would be behind, which costs the next start time.
func (s *session) keep(ctx context.Context, work []*portion) error {
	changes := make([]state.Change, 0, len(work))
	for _, w := range work {
		if w.changelogEnd == 0 {
			continue
		}
		p, err := s.store.Position(context.WithoutCancel(ctx), w.partition)
		if err != nil {
			return err
		}
		p.Next = w.changelogEnd
		changes = append(changes, state.Change{Partition: w.partition, Writes: w.state.Writes(), Position: p})
	}
	if len(changes) == 0 {
		return nil
	}
	return s.store.Apply(context.WithoutCancel(ctx), changes)
}

func (s *session) at(step int) error {
	if s.crash == nil {
		return nil
	}
	if err := s.crash(step); err != nil {
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

// newBackOff waits 100 ms at first and 15 s at most, and never gives up: a
// broker that is down for an hour is an hour's lag and nothing else.
func newBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = 100 * time.Millisecond
	b.MaxInterval = 15 * time.Second
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
