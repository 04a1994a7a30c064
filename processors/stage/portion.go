package stage

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"

	"leadline/processors/state"
	"leadline/schemas"
)

// portion is the part of a batch that belongs to one partition of the inputs,
// and what it leads to.
type portion struct {
	partition int32
	records   []*kgo.Record // in the order of the stage's inputs, then of offsets
	state     *state.Overlay
	emitted   []*kgo.Record
	rejected  map[schemas.Reason]int
	outcomes  []bool              // of the records, in their order: rejected or not
	spans     []trace.SpanContext // of the records that are sampled
	// changelogEnd is the offset after the last record of the changelog that
	// the transaction wrote; 0 where it wrote none.
	changelogEnd int64
}

// split sorts a batch by partition.
func (s *session) split(fetches kgo.Fetches) []*portion {
	byPartition := make(map[int32]*portion)
	for _, in := range s.Stage.Inputs {
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			if p.Topic != in.Spec.Name {
				return
			}
			for _, r := range p.Records {
				if r.Attrs.IsControl() {
					continue
				}
				w := byPartition[p.Partition]
				if w == nil {
					w = &portion{partition: p.Partition, rejected: make(map[schemas.Reason]int)}
					byPartition[p.Partition] = w
				}
				w.records = append(w.records, r)
			}
		})
	}
	work := make([]*portion, 0, len(byPartition))
	for _, w := range byPartition {
		work = append(work, w)
	}
	slices.SortFunc(work, func(a, b *portion) int { return int(a.partition) - int(b.partition) })
	return work
}

// restore makes sure that the copy of the state is at the end of its changelog
// for every partition of the work.
func (s *session) restore(ctx context.Context, work []*portion) error {
	s.mu.Lock()
	var missing []int32
	for _, w := range work {
		if !s.restored[w.partition] {
			missing = append(missing, w.partition)
		}
	}
	s.mu.Unlock()
	if len(missing) > 0 {
		began := time.Now()
		committed, err := s.committed(ctx)
		if err != nil {
			return err
		}
		n, err := s.store.Restore(ctx, state.Source{
			Client:      s.Kafka,
			Topic:       schemas.StateOf(s.Stage.Name, s.Stage.Inputs[0].Spec).Name,
			Consumed:    func(r *kgo.Record) bool { return covered(r, committed) },
			Transaction: func(r *kgo.Record) string { return schemas.Header(r, schemas.HeaderCovers) },
		}, missing)
		s.Metrics.restored.WithLabelValues(s.Stage.Name).Add(float64(n))
		if err != nil {
			return err
		}
		s.Metrics.restoreTime.WithLabelValues(s.Stage.Name).Observe(time.Since(began).Seconds())
		s.mu.Lock()
		// An assignment in the meantime has set rebalanced; the batch will be
		// given back, and the next one must restore again.
		for _, p := range missing {
			s.restored[p] = !s.rebalanced.Load()
		}
		s.mu.Unlock()
	}
	for _, w := range work {
		w.state = state.NewOverlay(s.store.Partition(w.partition))
	}
	return nil
}

// committed returns the group's offsets once no transaction that changes them
// is under way: a commit of the partition's last owner may still be pending
// when it becomes ours.
func (s *session) committed(ctx context.Context) (kadm.OffsetResponses, error) {
	wait := newBackOff()
	for {
		offsets, err := s.admin.FetchOffsets(kadm.RequireStable(ctx), s.Stage.Name)
		if err == nil {
			err = offsets.Error()
		}
		if err == nil {
			return offsets, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		s.Metrics.retries.WithLabelValues(s.Stage.Name).Inc()
		d := wait.NextBackOff()
		if d >= wait.MaxInterval {
			return nil, fmt.Errorf("fetching the offsets of group %s: %w", s.Stage.Name, err)
		}
		sleep(ctx, d)
	}
}

// covers is the header that ties a transaction's changelog to its offsets:
// topic=next offset, for each input that it consumed from.
func (w *portion) covers() kgo.RecordHeader {
	next := make(map[string]int64)
	for _, r := range w.records {
		next[r.Topic] = max(next[r.Topic], r.Offset+1)
	}
	parts := make([]string, 0, len(next))
	for t, o := range next {
		parts = append(parts, t+"="+strconv.FormatInt(o, 10))
	}
	slices.Sort(parts)
	return kgo.RecordHeader{Key: schemas.HeaderCovers, Value: []byte(strings.Join(parts, " "))}
}

func covered(r *kgo.Record, committed kadm.OffsetResponses) bool {
	for part := range strings.FieldsSeq(schemas.Header(r, schemas.HeaderCovers)) {
		topic, next, _ := strings.Cut(part, "=")
		n, err := strconv.ParseInt(next, 10, 64)
		if err != nil {
			return true // not of a transaction of ours
		}
		if at, ok := committed.Lookup(topic, r.Partition); !ok || at.At < n {
			return false
		}
	}
	return true
}

// compute applies the stage to every record. It returns false when the work is
// not ours any more, or the process is to stop.
func (s *session) compute(ctx context.Context, work []*portion) bool {
	done := make(chan bool, len(work))
	for _, w := range work {
		go func() { done <- s.computePortion(ctx, w) }()
	}
	all := true
	for range work {
		all = <-done && all
	}
	return all && !s.rebalanced.Load()
}

func (s *session) computePortion(ctx context.Context, w *portion) bool {
	for _, r := range w.records {
		if !s.computeRecord(ctx, w, r) {
			return false
		}
	}
	return true
}

func (s *session) computeRecord(ctx context.Context, w *portion, r *kgo.Record) bool {
	ctx, span := s.traced(ctx, r)
	var wait *backoff.ExponentialBackOff
	for {
		rejected, err := s.apply(ctx, w, r)
		if err == nil {
			w.outcomes = append(w.outcomes, rejected != "")
			if c := span.SpanContext(); c.IsSampled() {
				w.spans = append(w.spans, c)
			}
			finish(span, string(rejected))
			return true
		}
		if ctx.Err() != nil || s.rebalanced.Load() {
			finish(span, "given back")
			return false
		}
		s.Metrics.retries.WithLabelValues(s.Stage.Name).Inc()
		span.AddEvent("tried again")
		if wait == nil {
			wait = newBackOff()
			s.Log.Warn("record is tried again until it succeeds", "stage", s.Stage.Name,
				"topic", r.Topic, "partition", r.Partition, "offset", r.Offset, "err", err)
		}
		sleep(ctx, wait.NextBackOff())
	}
}

// apply computes one record and adds the result to the portion. What is
// Rejected becomes a dead letter there, and the reason is returned.
func (s *session) apply(ctx context.Context, w *portion, r *kgo.Record) (reason schemas.Reason, err error) {
	defer func() {
		// One bad record must not take the process, and with it every other
		// partition, down again and again.
		if p := recover(); p != nil {
			err = fmt.Errorf("stage %s panicked: %v\n%s", s.Stage.Name, p, debug.Stack())
		}
	}()
	res, err := s.Stage.Apply(ctx, s.Codec, w.state, r)
	if err == nil {
		w.emit(ctx, r, res.Emitted)
		w.state.Merge(res.State)
		return "", nil
	}
	rejected, ok := errors.AsType[*schemas.Rejected](err)
	if !ok {
		return "", err
	}
	told, err := s.rejection(r, rejected)
	if err != nil {
		return "", err
	}
	w.emit(ctx, r, told)
	// Byte for byte, headers included.
	w.emitted = append(w.emitted, schemas.DeadLetter(r, s.Stage.Name, rejected))
	w.rejected[rejected.Reason]++
	return rejected.Reason, nil
}

// emit adds what a record led to, with the headers that go with a meeting and
// the trace.
func (w *portion) emit(ctx context.Context, from *kgo.Record, emitted []*kgo.Record) {
	for _, r := range emitted {
		schemas.Carry(from, r)
		schemas.SetTrace(ctx, r)
	}
	w.emitted = append(w.emitted, emitted...)
}
