package poller

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// readStall is longer than any transaction can stay open.
const readStall = 2 * transactionTimeout

// readToEnd hands over the committed records of a topic up to its present end, waiting for transactions that are open.
func (s *session) readToEnd(ctx context.Context, topic string, take func(*kgo.Record) error) error {
	ctx, cancel := context.WithTimeout(ctx, readStall)
	defer cancel()
	ends, err := s.admin.ListEndOffsets(ctx, topic)
	if err = errors.Join(err, ends.Error()); err != nil {
		return fmt.Errorf("finding the end of %s: %w", topic, err)
	}
	starts, err := s.admin.ListStartOffsets(ctx, topic)
	if err = errors.Join(err, starts.Error()); err != nil {
		return fmt.Errorf("finding the start of %s: %w", topic, err)
	}
	left, from := make(map[int32]int64), make(map[int32]kgo.Offset)
	ends.Each(func(end kadm.ListedOffset) {
		if start, _ := starts.Lookup(topic, end.Partition); start.Offset < end.Offset {
			left[end.Partition], from[end.Partition] = end.Offset, kgo.NewOffset().At(start.Offset)
		}
	})
	if len(left) == 0 {
		return nil
	}
	client, err := kgo.NewClient(append(slices.Clone(s.Kafka),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // the end of a topic of transactions is a marker
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}),
	)...)
	if err != nil {
		return fmt.Errorf("building the client that reads %s: %w", topic, err)
	}
	defer client.Close()
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("reading %s, %d partitions left: %w", topic, len(left), err)
		}
		for _, r := range fetches.Records() {
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
			if r.Attrs.IsControl() {
				continue
			}
			if err := take(r); err != nil {
				return err
			}
		}
	}
	return nil
}
