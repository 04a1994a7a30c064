package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// transact commits everything the work led to, or nothing of it. It is the
// only place that opens a transaction, and does nothing slow in it.
func (s *session) transact(ctx context.Context, work []*portion) (committed bool, err error) {
	began := time.Now()
	// A stop lets a transaction that has begun come to its end.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	ctx, span := s.tracedTransaction(ctx, work)
	defer func() {
		failure := ""
		if !committed {
			failure = "not committed"
		}
		finish(span, failure)
	}()
	if err := s.kafka.Begin(); err != nil {
		return false, fmt.Errorf("beginning a transaction: %w", err)
	}
	var (
		mu     sync.Mutex
		failed error
	)
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			mu.Lock()
			failed = errors.Join(failed, err)
			mu.Unlock()
		}
	}
	changelog := make(map[*portion][]*kgo.Record)
	for _, w := range work {
		for _, r := range w.emitted {
			s.kafka.Produce(ctx, r, promise)
		}
		changelog[w] = s.changelog(w)
		for _, r := range changelog[w] {
			s.kafka.Produce(ctx, r, promise)
		}
	}
	if err := s.kafka.Client().Flush(ctx); err != nil {
		return false, fmt.Errorf("producing a batch: %w", err)
	}
	mu.Lock()
	produced := failed
	mu.Unlock()
	committed, err = s.kafka.End(ctx, kgo.TransactionEndTry(produced == nil))
	if err = errors.Join(produced, err); err != nil {
		return false, fmt.Errorf("committing a batch: %w", err)
	}
	s.Metrics.transactTime.WithLabelValues(s.Stage.Name).Observe(time.Since(began).Seconds())
	if !committed {
		s.Metrics.aborts.WithLabelValues(s.Stage.Name).Inc()
		return false, nil
	}
	for w, records := range changelog {
		for _, r := range records {
			w.changelogEnd = max(w.changelogEnd, r.Offset+1)
		}
	}
	return true, nil
}

// changelog turns the portion's state into records, in a fixed order.
func (s *session) changelog(w *portion) []*kgo.Record {
	writes := w.state.Writes()
	if len(writes) == 0 {
		return nil
	}
	keys := make([]string, 0, len(writes))
	for k := range writes {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	topic := schemas.StateOf(s.Stage.Name, s.Stage.Inputs[0].Spec).Name
	covers := w.covers()
	records := make([]*kgo.Record, len(keys))
	for i, k := range keys {
		records[i] = &kgo.Record{
			Topic: topic, Partition: w.partition, Key: []byte(k), Value: writes[k],
			Headers: []kgo.RecordHeader{covers},
		}
	}
	return records
}

// rejection tells of a record that becomes a dead letter.
func (s *session) rejection(r *kgo.Record, rejected *schemas.Rejected) ([]*kgo.Record, error) {
	tx := &Tx{stage: s.Stage.Name, record: r, codec: s.Codec}
	err := report(tx, string(r.Key), schemas.OutcomeRejected, schemas.Excerpt(rejected.Error()))
	return tx.emitted, err
}

// measure tells the metrics what a committed batch held.
func (s *session) measure(work []*portion) {
	name := s.Stage.Name
	records := 0
	for _, w := range work {
		records += len(w.records)
		s.Metrics.emitted.WithLabelValues(name).Add(float64(len(w.emitted)))
		for reason, n := range w.rejected {
			s.Metrics.deadLetters.WithLabelValues(name, string(reason)).Add(float64(n))
		}
	}
	s.Metrics.records.WithLabelValues(name).Add(float64(records))
	s.Metrics.batch.WithLabelValues(name).Observe(float64(records))
}
