package poller

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/codes"

	"leadline/schemas"
)

// transact commits what a batch of requests led to together with their offsets, or nothing of it.
func (s *session) transact(ctx context.Context, work []*outcome) (committed bool, err error) {
	var records []*kgo.Record
	for _, o := range work {
		records = append(records, o.records...)
	}
	ctx, span := s.tracedTransaction(ctx, work)
	defer func() {
		if !committed {
			span.SetStatus(codes.Error, "not committed")
		}
		span.End()
	}()
	if committed, err = s.commit(ctx, records); err != nil {
		return false, fmt.Errorf("committing a page: %w", err)
	}
	return committed, nil
}

// commit is the only place that opens a transaction for records, and does nothing slow in it. The transact session adds
// the offsets of what was polled, and aborts when the group has rebalanced: then committed is false, and what was polled
// comes again.
func (s *session) commit(ctx context.Context, records []*kgo.Record) (committed bool, err error) {
	// A stop lets a transaction that has begun come to its end.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := s.kafka.Begin(); err != nil {
		return false, fmt.Errorf("beginning a transaction: %w", err)
	}
	var (
		mu     sync.Mutex
		failed error
	)
	for _, r := range records {
		s.kafka.Produce(ctx, r, func(_ *kgo.Record, err error) {
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
		})
	}
	if err := s.kafka.Client().Flush(ctx); err != nil {
		return false, fmt.Errorf("producing: %w", err)
	}
	if err := s.at(4); err != nil { // 4: in the transaction
		return false, err
	}
	mu.Lock()
	produced := failed
	mu.Unlock()
	committed, err = s.kafka.End(ctx, kgo.TransactionEndTry(produced == nil))
	if err := errors.Join(produced, err); err != nil {
		return false, err
	}
	if !committed {
		s.metrics.aborts.Inc()
	}
	return committed, nil
}

// measure tells of an outcome that is committed.
func (s *session) measure(o *outcome) {
	s.metrics.runs.WithLabelValues(o.result).Inc()
	s.metrics.restarted.Add(float64(o.restarts))
	s.metrics.meetings.Add(float64(o.meetings))
	s.metrics.tooLarge.Add(float64(o.tooLarge))
	for what, n := range o.counted {
		s.metrics.completeness.WithLabelValues(what).Add(float64(n))
	}
	s.metrics.vanished.WithLabelValues(vanishedErased).Add(float64(o.erased))
	s.metrics.vanished.WithLabelValues(vanishedHeld).Add(float64(o.held))
	v := o.request.value
	if o.held > 0 {
		s.Log.Warn("meetings are not in the listing any more, and too many, or seen by another connection, to be erased for that", "org", v.Org,
			"provider", v.Provider, "connection", v.Connection, "meetings", o.held)
	}
	switch o.result {
	case resultPage, resultComplete:
		s.metrics.pages.Inc()
		s.metrics.behind.Observe(time.Since(o.cursor.run).Seconds())
	case resultFetched:
		s.metrics.fetched.Inc()
	case stoppedGone, stoppedRefused, stoppedInvalid, stoppedTooLarge, stoppedUnavailable, stoppedSecret:
		if v.Source == schemas.SyncPending {
			break // asked again, and in the end told of the meeting
		}
		if v.Recording != "" {
			s.Log.Warn("recording could not be fetched; the next run looks for it in the listing", "org", v.Org, "provider", v.Provider,
				"connection", v.Connection, "recording", schemas.Excerpt(v.Recording), "why", o.result, "err", o.err)
			break
		}
		s.Log.Warn("sync stopped; the next one goes on there", "org", v.Org, "provider", v.Provider,
			"connection", v.Connection, "why", o.result, "pages", o.cursor.Pages, "err", o.err)
	}
	if n := o.counted[resultUntracked]; n > 0 {
		s.Log.Warn("too many meetings are not complete; only the hourly runs look for these", "org", v.Org, "provider", v.Provider,
			"connection", v.Connection, "meetings", n, "most", mostPending)
	}
	if o.tooLarge > 0 {
		s.Log.Warn("meetings do not fit into a record and are left out", "org", v.Org, "provider", v.Provider,
			"connection", v.Connection, "meetings", o.tooLarge)
	}
}
