package state

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// Source is where a stage's changelog is read from.
type Source struct {
	Client []kgo.Opt // how to reach Kafka
	Topic  string
	// Consumed says, for a record of the changelog, whether the transaction that
	// wrote it also committed the offsets that it consumed.
	//
	// On Kafka that is always so. The embedded broker can be killed between the
	// commit markers of a transaction's partitions: the changelog has its part
	// and the group has not committed its offsets. The stage will compute the
	// same records again, from the state before; so that part is left out.
	Consumed func(r *kgo.Record) bool
	// Transaction tells the records of one transaction from those of the next.
	// Only the last one of a partition can have been cut.
	Transaction func(r *kgo.Record) string
}

// A restore that gets nothing for this long gives up and is tried again: no
// transaction stays open longer (TransactionTimeout), so the log must have
// become readable to its end.
const restoreStall = 90 * time.Second

// barrier is the key of a record that a restore writes behind everything it
// wants to read, and reads up to. The end of a log cannot be told otherwise:
// what is last may be a marker, a record that compaction took, or a transaction
// that was aborted, and a consumer sees none of them. And it is delivered only
// when every transaction before it has ended: one whose offsets are committed
// may still wait for its marker here.
const barrier = "\x00barrier"

// copyLife is for how long a copy may stand still. What was deleted longer ago, the
// changelog may not tell any more; the day is for clocks that differ.
const copyLife = schemas.TombstonesKept - 24*time.Hour

// flushBytes bounds what a restore holds in memory before it goes to disk.
const flushBytes = 8 << 20

// Restore brings partitions of the store up to the end of their changelog and
// says how many records that took. It may be called again after an error; what
// was applied stays.
func (s *Store) Restore(ctx context.Context, src Source, partitions []int32) (int, error) {
	client, err := kgo.NewClient(append(append([]kgo.Opt{}, src.Client...),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
	)...)
	if err != nil {
		return 0, fmt.Errorf("building the restore's client: %w", err)
	}
	defer client.Close()
	left, err := s.begin(ctx, kadm.NewClient(client), src.Topic, partitions)
	if err != nil || len(left) == 0 {
		return 0, err
	}
	offsets := make(map[int32]kgo.Offset, len(left))
	var barriers []*kgo.Record
	for p, r := range left {
		offsets[p] = kgo.NewOffset().At(r.at.Next)
		barriers = append(barriers, &kgo.Record{Topic: src.Topic, Partition: p, Key: []byte(barrier)})
	}
	if err := client.ProduceSync(ctx, barriers...).FirstErr(); err != nil {
		return 0, fmt.Errorf("writing a barrier to %s: %w", src.Topic, err)
	}
	for _, b := range barriers {
		left[b.Partition].end = b.Offset + 1
	}
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{src.Topic: offsets})

	records := 0
	for len(left) > 0 {
		poll, cancel := context.WithTimeout(ctx, restoreStall)
		fetches := client.PollFetches(poll)
		stalled := poll.Err() != nil && ctx.Err() == nil
		cancel()
		if ctx.Err() != nil {
			return records, context.Cause(ctx)
		}
		if stalled {
			return records, fmt.Errorf("restoring %s: nothing to read for %v before offset %v", src.Topic, restoreStall, left)
		}
		if err := fetches.Err0(); err != nil {
			return records, fmt.Errorf("restoring %s: %w", src.Topic, err)
		}
		var failed error
		fetches.EachRecord(func(r *kgo.Record) {
			if p := left[r.Partition]; p != nil && failed == nil {
				records++
				failed = p.take(ctx, s, src, r)
			}
		})
		if failed != nil {
			return records, failed
		}
		for partition, p := range left {
			if p.seen < p.end {
				continue
			}
			if err := p.finish(ctx, s, src); err != nil {
				return records, err
			}
			delete(left, partition)
			client.PauseFetchPartitions(map[string][]int32{src.Topic: {partition}})
		}
	}
	return records, nil
}

// restoring is one partition on its way.
type restoring struct {
	partition int32
	at        Position // what the store has
	seen, end int64    // the next offset to see, and the one behind the barrier
	pending   map[string][]byte
	bytes     int
	last      []*kgo.Record // the transaction that may turn out to be cut
}

func (r *restoring) String() string { return fmt.Sprintf("%d of %d", r.seen, r.end) }

// begin finds out which partitions have something to read, and from where.
func (s *Store) begin(ctx context.Context, admin *kadm.Client, topic string, partitions []int32) (map[int32]*restoring, error) {
	meta, err := admin.Metadata(ctx, topic)
	if err == nil {
		err = meta.Topics[topic].Err
	}
	if err != nil {
		return nil, fmt.Errorf("looking up %s: %w", topic, err)
	}
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err = errors.Join(err, ends.Error()); err != nil {
		return nil, fmt.Errorf("finding the end of %s: %w", topic, err)
	}
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err = errors.Join(err, starts.Error()); err != nil {
		return nil, fmt.Errorf("finding the start of %s: %w", topic, err)
	}
	recent, err := admin.ListOffsetsAfterMilli(ctx, time.Now().Add(-copyLife).UnixMilli(), topic)
	if err = errors.Join(err, recent.Error()); err != nil {
		return nil, fmt.Errorf("finding what %s has of late: %w", topic, err)
	}
	left := make(map[int32]*restoring)
	for _, p := range partitions {
		end, ok := ends.Lookup(topic, p)
		if !ok {
			return nil, fmt.Errorf("%s has no partition %d", topic, p)
		}
		start, _ := starts.Lookup(topic, p)
		at, err := s.Position(ctx, p)
		if err != nil {
			return nil, err
		}
		// One record may be older: it is the marker of our own last transaction.
		fresh, _ := recent.Lookup(topic, p)
		stale := fresh.Offset > at.Next+1
		if id := [16]byte(meta.Topics[topic].ID); at.TopicID != id || at.Next > end.Offset || stale {
			if err := s.Drop(ctx, p); err != nil {
				return nil, err
			}
			at = Position{TopicID: id}
			if err := s.Apply(ctx, []Change{{Partition: p, Position: at}}); err != nil {
				return nil, err
			}
		}
		at.Next = max(at.Next, start.Offset)
		if at.Next < end.Offset {
			left[p] = &restoring{partition: p, at: at, seen: at.Next, pending: make(map[string][]byte)}
		}
	}
	return left, nil
}

// take holds a record back until the next transaction begins.
func (r *restoring) take(ctx context.Context, s *Store, src Source, rec *kgo.Record) error {
	r.seen = rec.Offset + 1
	if string(rec.Key) == barrier {
		return nil // ours, or that of a restore before
	}
	if len(r.last) > 0 && src.Transaction(r.last[0]) != src.Transaction(rec) {
		r.settle()
	}
	r.last = append(r.last, rec)
	if r.bytes < flushBytes {
		return nil
	}
	return r.flush(ctx, s, r.last[0].Offset)
}

// settle adds the held transaction to what goes to disk.
func (r *restoring) settle() {
	for _, rec := range r.last {
		r.pending[string(rec.Key)] = rec.Value
		r.bytes += len(rec.Key) + len(rec.Value)
	}
	r.last = r.last[:0]
}

func (r *restoring) finish(ctx context.Context, s *Store, src Source) error {
	if len(r.last) > 0 && src.Consumed(r.last[0]) {
		r.settle()
	}
	return r.flush(ctx, s, r.seen)
}

func (r *restoring) flush(ctx context.Context, s *Store, next int64) error {
	r.at.Next = next
	err := s.Apply(ctx, []Change{{Partition: r.partition, Writes: r.pending, Position: r.at}})
	r.pending, r.bytes = make(map[string][]byte), 0
	return err
}
