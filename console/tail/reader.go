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
	kept, err := r.kept(ctx, topics, func(string) string { return key })
	if err != nil {
		return err
	}
	for _, spans := range kept {
		for partition, s := range spans {
			spans[partition] = span{max(s.from, s.to-n), s.to}
		}
	}
	_, err = r.read(ctx, kept, each)
	return err
}

// kept is what the topics have: of each the partition of the key that keyOf
// says for it, or all of them where it says none. What is empty is left out.
func (r *Reader) kept(ctx context.Context, topics []string, keyOf func(topic string) string) (map[string]map[int32]span, error) {
	client, err := kgo.NewClient(r.Kafka...)
	if err != nil {
		return nil, fmt.Errorf("building the client of what came last: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ends, err := admin.ListCommittedOffsets(ctx, topics...)
	if err = errors.Join(err, ends.Error()); err != nil {
		return nil, fmt.Errorf("finding the ends of topics: %w", err)
	}
	starts, err := admin.ListStartOffsets(ctx, topics...)
	if err = errors.Join(err, starts.Error()); err != nil {
		return nil, fmt.Errorf("finding the starts of topics: %w", err)
	}
	kept := make(map[string]map[int32]span)
	ends.Each(func(end kadm.ListedOffset) {
		if key := keyOf(end.Topic); key != "" && int(end.Partition) != partitionOf(end.Topic, key, len(ends[end.Topic])) {
			return
		}
		start, _ := starts.Lookup(end.Topic, end.Partition)
		if start.Offset < end.Offset {
			if kept[end.Topic] == nil {
				kept[end.Topic] = make(map[int32]span)
			}
			kept[end.Topic][end.Partition] = span{start.Offset, end.Offset}
		}
	})
	return kept, nil
}

// partitionOf is where the producer of this build puts the key.
func partitionOf(topic, key string, partitions int) int {
	return schemas.Partitioner().ForTopic(topic).Partition(&kgo.Record{Key: []byte(key)}, partitions)
}

// read calls each for the committed records of the spans. It is not whole where
// a span's end was waited for in vain.
func (r *Reader) read(ctx context.Context, wanted map[string]map[int32]span, each func(*kgo.Record)) (whole bool, err error) {
	left, from := 0, make(map[string]map[int32]kgo.Offset)
	for topic, spans := range wanted {
		from[topic] = make(map[int32]kgo.Offset)
		for partition, s := range spans {
			from[topic][partition] = kgo.NewOffset().At(s.from)
			left++
		}
	}
	if left == 0 {
		return true, nil
	}
	client, err := kgo.NewClient(append(slices.Clone(r.Kafka),
		kgo.ConsumePartitions(from), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		// Without the markers of transactions nobody would see that the end is reached.
		kgo.KeepControlRecords(),
	)...)
	if err != nil {
		return false, fmt.Errorf("building the client of what came last: %w", err)
	}
	defer client.Close()
	done := make(map[string]map[int32]bool)
	for left > 0 {
		waiting, cancel := context.WithTimeout(ctx, quiet)
		fetches := client.PollFetches(waiting)
		cancel()
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if fetches.NumRecords() == 0 {
			if err := fetches.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				return false, fmt.Errorf("reading what came last: %w", err)
			}
			return false, nil
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
	return true, nil
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
	_, err = r.read(ctx, wanted, func(record *kgo.Record) {
		if record.Offset == p.Offset {
			found = record
		}
	})
	return found, found != nil, err
}
