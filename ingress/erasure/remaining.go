package erasure

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// copied are the topics that hold whole meetings and are not compacted; meetings.raw.v1 is counted by the sweep.
var copied = []string{schemas.NormalizedMeetings.Name, schemas.MatchedMeetings.Name, schemas.DistilledMeetings.Name}

// remaining counts the copies of the meetings that are gone in topics from which nothing can be taken.
func (w *watch) remaining(ctx context.Context) error {
	if len(w.meetings) == 0 {
		return nil
	}
	topics, err := w.admin.ListTopics(ctx, copied...)
	if err = errors.Join(err, topics.Error()); err != nil {
		return fmt.Errorf("looking up the topics that keep copies: %w", err)
	}
	for _, topic := range copied {
		for partition := range topics[topic].Partitions {
			_, err := w.eraser.read(ctx, w.admin, topic, partition, 0, func(r *kgo.Record) {
				if r.Value != nil && w.meetings[meetingOf(r)] {
					w.receipt.Remaining[topic]++
				}
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
