package erasure

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// read calls f for each committed record of a partition, from the offset to where it ends now, and returns where that is.
func (e *Eraser) read(ctx context.Context, admin *kadm.Client, topic string, partition int32, from int64, f func(*kgo.Record)) (int64, error) {
	ends, err := admin.ListCommittedOffsets(ctx, topic)
	if err = errors.Join(err, ends.Error()); err != nil {
		return from, fmt.Errorf("finding the end of %s: %w", topic, err)
	}
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err = errors.Join(err, starts.Error()); err != nil {
		return from, fmt.Errorf("finding the start of %s: %w", topic, err)
	}
	end, _ := ends.Lookup(topic, partition)
	start, _ := starts.Lookup(topic, partition)
	from = max(from, start.Offset)
	if from >= end.Offset {
		return from, nil
	}
	client, err := kgo.NewClient(append(slices.Clone(e.Options.Kafka),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // the end of a topic of transactions is a marker
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().At(from)}}),
	)...)
	if err != nil {
		return from, fmt.Errorf("building a reader: %w", err)
	}
	defer client.Close()
	for from < end.Offset {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return from, fmt.Errorf("reading %s: %w", topic, err)
		}
		for _, r := range fetches.Records() {
			from = r.Offset + 1
			if !r.Attrs.IsControl() {
				f(r)
			}
		}
	}
	return from, nil
}
