package poller

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// session is the loop between two failures.
type session struct {
	*Poller
	kafka    *kgo.GroupTransactSession
	admin    *kadm.Client
	cursors  map[string]cursor // of all connections, as of the last assignment and our own commits since
	pending  map[string]ledger // by connection; likewise
	split    int               // number of partitions of the requests
	nextTick time.Time

	mu         sync.Mutex
	owned      map[int32]bool
	rebalanced bool          // since the last giveBack
	cut        func()        // ends the fetching under way
	fetched    chan struct{} // closed when it has ended
}

func (s *session) assigned(_ context.Context, _ *kgo.Client, added map[string][]int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owned = make(map[int32]bool)
	for _, p := range added[schemas.SyncRequests.Name] {
		s.owned[p] = true
	}
	s.rebalanced = true
}

// revoked holds the rebalance up until no call to a recorder is under way: the next owner begins right after it.
func (s *session) revoked(context.Context, *kgo.Client, map[string][]int32) {
	s.mu.Lock()
	s.rebalanced, s.owned = true, nil
	cut, fetched := s.cut, s.fetched
	s.mu.Unlock()
	if cut != nil {
		cut()
		<-fetched
	}
}

// settle makes the session ready for a batch after a rebalance: the transact session forgets the rebalance only at the end
// of a transaction, and until then it neither commits nor tells of another one.
func (s *session) settle(ctx context.Context) error {
	s.mu.Lock()
	rebalanced := s.rebalanced
	s.rebalanced = false
	s.mu.Unlock()
	if !rebalanced {
		return nil
	}
	if err := s.giveBack(); err != nil {
		return err
	}
	// Only now, as owner: what the last owner committed is in the log, and nothing of his can follow.
	cursors, err := s.loadCursors(ctx)
	if err != nil {
		return err
	}
	books, err := s.loadPending(ctx)
	if err != nil {
		return err
	}
	topics, err := s.admin.ListTopics(ctx, schemas.SyncRequests.Name)
	if err = errors.Join(err, topics.Error()); err != nil {
		return fmt.Errorf("looking up %s: %w", schemas.SyncRequests.Name, err)
	}
	s.cursors, s.pending, s.split = cursors, books, len(topics[schemas.SyncRequests.Name].Partitions)
	return nil
}

// giveBack rewinds to the committed offsets: an aborted transaction does that.
func (s *session) giveBack() error {
	if err := s.kafka.Begin(); err != nil {
		return fmt.Errorf("beginning a transaction to abort: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if _, err := s.kafka.End(ctx, kgo.TryAbort); err != nil {
		return fmt.Errorf("giving requests back: %w", err)
	}
	return nil
}

// round takes some requests from poll to commit. A crash
//
//	before 3: nothing has happened; the requests are read again
//	within 3: the transaction is aborted by time-out or by the next producer
//	after 3: the next requests are due
func (s *session) round(ctx context.Context) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	if err := s.tick(ctx); err != nil {
		return err
	}
	poll, cancel := context.WithTimeout(ctx, s.checkEvery())
	fetches := s.kafka.PollRecords(poll, batch) // 1
	cancel()
	if ctx.Err() != nil || fetches.IsClientClosed() {
		return nil
	}
	for _, e := range fetches.Errors() {
		if !errors.Is(e.Err, context.DeadlineExceeded) {
			return fmt.Errorf("fetching %s: %w", e.Topic, e.Err)
		}
	}
	requests := fetches.Records()
	if len(requests) == 0 {
		return nil
	}
	if err := s.at(1); err != nil {
		return err
	}
	work, err := s.fetch(ctx, requests) // 2
	if err != nil || work == nil {
		if ctx.Err() != nil {
			return nil
		}
		return errors.Join(err, s.giveBack())
	}
	if err := s.at(2); err != nil {
		return err
	}
	committed, err := s.transact(ctx, work) // 3
	if err != nil || !committed {
		return err
	}
	for _, o := range work {
		if o.cursor != nil {
			s.cursors[o.request.id] = *o.cursor
		}
		if o.pending != nil {
			s.pending[o.request.id] = o.pending
		}
		s.measure(o)
	}
	return s.at(3)
}

// fetch works out what each request leads to. It returns nil when the requests are not ours any more.
func (s *session) fetch(ctx context.Context, requests []*kgo.Record) ([]*outcome, error) {
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	fetched := make(chan struct{})
	defer close(fetched)
	s.mu.Lock()
	if s.rebalanced {
		s.mu.Unlock()
		return nil, nil
	}
	s.cut, s.fetched = cut, fetched
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.cut = nil
		s.mu.Unlock()
	}()
	caughtUp, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := s.Connections.CatchUp(caughtUp); err != nil {
		if ctx.Err() != nil {
			return nil, nil
		}
		return nil, fmt.Errorf("catching up with the connections: %w", err)
	}
	var order [][]*request // per connection, so that one is never read twice at a time
	place := make(map[string]int)
	for _, record := range requests {
		r, err := s.decode(record)
		if err != nil {
			return nil, err
		}
		i, known := place[r.id]
		if !known {
			i = len(order)
			place[r.id] = i
			order = append(order, nil)
		}
		order[i] = append(order[i], r)
	}
	outcomes := make([][]*outcome, len(order))
	failed := make([]error, len(order))
	var group sync.WaitGroup
	for i, same := range order {
		group.Go(func() { outcomes[i], failed[i] = s.serve(ctx, same) })
	}
	group.Wait()
	if ctx.Err() != nil {
		return nil, nil
	}
	work := []*outcome{}
	for _, o := range outcomes {
		work = append(work, o...)
	}
	return work, errors.Join(failed...)
}

// serve answers the requests for one connection, in their order.
func (s *session) serve(ctx context.Context, same []*request) ([]*outcome, error) {
	var served []*outcome
	at, known := s.cursors[same[0].id]
	book := maps.Clone(s.pending[same[0].id])
	if book == nil {
		book = make(ledger)
	}
	var postponed *outcome
	for _, r := range same {
		if postponed != nil && r.rejected == nil && !r.value.Stored {
			// The recorder is in trouble: those behind wait for the same moment.
			served = append(served, (&outcome{request: r}).postpone(tried(postponed.records[len(postponed.records)-1])))
			continue
		}
		o, err := s.answer(ctx, r, at, known, book)
		if err != nil {
			return nil, err
		}
		if o.cursor != nil {
			at, known = *o.cursor, true
		}
		if o.result == resultPostponed {
			postponed = o
		}
		served = append(served, o)
	}
	return served, nil
}
