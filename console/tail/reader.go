// Package tail reads topics from their ends, for people who want to know what
// came last: deliveries, dead letters, versions of a meeting.
package tail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// quiet is how long a read waits for a record that may have been compacted away
// since the end of its partition was asked for.
const quiet = 3 * time.Second

// Reader reads with a client of its own for each call: somebody looks now and
// then. It is safe for concurrent use.
type Reader struct {
	Kafka []kgo.Opt
	Codec *schemas.Codec
}

// span is the offsets of a partition that are to be read, the last one not.
type span struct{ from, to int64 }

// tail calls each for the last n committed records of every partition of the
// topics; within a partition they come in order. With a key it looks into the
// partition of that key alone.
func (r *Reader) tail(ctx context.Context, topics []string, key string, n int64, each func(*kgo.Record)) error {
	client, err := kgo.NewClient(r.Kafka...)
	if err != nil {
		return fmt.Errorf("building the client of what came last: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ends, err := admin.ListCommittedOffsets(ctx, topics...)
	if err = errors.Join(err, ends.Error()); err != nil {
		return fmt.Errorf("finding the ends of topics: %w", err)
	}
	starts, err := admin.ListStartOffsets(ctx, topics...)
	if err = errors.Join(err, starts.Error()); err != nil {
		return fmt.Errorf("finding the starts of topics: %w", err)
	}
	wanted := make(map[string]map[int32]span)
	ends.Each(func(end kadm.ListedOffset) {
		if key != "" && int(end.Partition) != partitionOf(end.Topic, key, len(ends[end.Topic])) {
			return
		}
		start, _ := starts.Lookup(end.Topic, end.Partition)
		if from := max(start.Offset, end.Offset-n); from < end.Offset {
			if wanted[end.Topic] == nil {
				wanted[end.Topic] = make(map[int32]span)
			}
			wanted[end.Topic][end.Partition] = span{from, end.Offset}
		}
	})
	return r.read(ctx, wanted, each)
}

// partitionOf is where the producer of this build puts the key.
func partitionOf(topic, key string, partitions int) int {
	return schemas.Partitioner().ForTopic(topic).Partition(&kgo.Record{Key: []byte(key)}, partitions)
}

// read calls each for the committed records of the spans.
func (r *Reader) read(ctx context.Context, wanted map[string]map[int32]span, each func(*kgo.Record)) error {
	left, from := 0, make(map[string]map[int32]kgo.Offset)
	for topic, spans := range wanted {
		from[topic] = make(map[int32]kgo.Offset)
		for partition, s := range spans {
			from[topic][partition] = kgo.NewOffset().At(s.from)
			left++
		}
	}
	if left == 0 {
		return nil
	}
	client, err := kgo.NewClient(append(slices.Clone(r.Kafka),
		kgo.ConsumePartitions(from), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		// Without the markers of transactions nobody would see that the end is reached.
		kgo.KeepControlRecords(),
	)...)
	if err != nil {
		return fmt.Errorf("building the client of what came last: %w", err)
	}
	defer client.Close()
	done := make(map[string]map[int32]bool)
	for left > 0 {
		waiting, cancel := context.WithTimeout(ctx, quiet)
		fetches := client.PollFetches(waiting)
		cancel()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if fetches.NumRecords() == 0 {
			if err := fetches.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("reading what came last: %w", err)
			}
			return nil
		}
		for _, record := range fetches.Records() {
			s := wanted[record.Topic][record.Partition]
			if record.Offset < s.to && !record.Attrs.IsControl() {
				each(record)
			}
			if record.Offset >= s.to-1 && !done[record.Topic][record.Partition] {
				if done[record.Topic] == nil {
					done[record.Topic] = make(map[int32]bool)
				}
				done[record.Topic][record.Partition] = true
				left--
			}
		}
	}
	return nil
}

// Place is where a record is.
type Place struct {
	Topic     string
	Partition int32
	Offset    int64
}

// at reads one record; false is one that is gone.
func (r *Reader) at(ctx context.Context, p Place) (found *kgo.Record, ok bool, err error) {
	wanted := map[string]map[int32]span{p.Topic: {p.Partition: {p.Offset, p.Offset + 1}}}
	err = r.read(ctx, wanted, func(record *kgo.Record) {
		if record.Offset == p.Offset {
			found = record
		}
	})
	return found, found != nil, err
}
