package hops

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// headTime bounds the reading of what waits: a hop whose oldest record could
// not be read in time is shown without its age, and is read the next time.
const headTime = 2 * time.Second

// head is the first record at or behind a place. Between them are the markers
// of transactions, or what was compacted away.
type head struct {
	offset int64     // of the record; where there is none, of the end
	at     time.Time // when it was produced; zero where there is none
}

// readHeads finds the first record that waits at each place; the value is the
// end of its partition. What was found before is not read again: a group that
// is stuck stays at its place.
func (w *Watch) readHeads(ctx context.Context, waiting map[place]int64) error {
	known := make(map[place]head)
	missing := make(map[place]int64)
	for at, end := range waiting {
		if h, ok := w.heads[at]; ok && (!h.at.IsZero() || h.offset == end) {
			known[at] = h
		} else {
			missing[at] = end
		}
	}
	w.heads = known
	ctx, cancel := context.WithTimeout(ctx, headTime)
	defer cancel()
	for len(missing) > 0 && ctx.Err() == nil {
		// Groups that wait in one partition at different places have their turns.
		turn := make(map[string]map[int32]place)
		for at := range missing {
			if turn[at.topic] == nil {
				turn[at.topic] = make(map[int32]place)
			}
			turn[at.topic][at.partition] = at
		}
		if err := w.readTurn(ctx, turn, missing); err != nil {
			return err
		}
	}
	return nil
}

// readTurn takes what it finds from missing to the heads.
func (w *Watch) readTurn(ctx context.Context, turn map[string]map[int32]place, missing map[place]int64) error {
	from, left := make(map[string]map[int32]kgo.Offset), 0
	for topic, places := range turn {
		from[topic] = make(map[int32]kgo.Offset)
		for partition, at := range places {
			from[topic][partition] = kgo.NewOffset().At(at.offset)
			left++
		}
	}
	client, err := kgo.NewClient(append(slices.Clone(w.Kafka),
		kgo.ConsumePartitions(from), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		// Without the markers nobody would see that nothing else is left.
		kgo.KeepControlRecords(),
		// The first batch comes whole whatever its size; one is enough.
		kgo.FetchMaxPartitionBytes(1),
	)...)
	if err != nil {
		return fmt.Errorf("building the client that reads what waits: %w", err)
	}
	defer client.Close()
	for left > 0 && ctx.Err() == nil {
		client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			at := turn[r.Topic][r.Partition]
			end, wanted := missing[at]
			switch {
			case !wanted:
				return
			case !r.Attrs.IsControl() && r.Offset < end:
				w.heads[at] = head{r.Offset, r.Timestamp}
			case r.Offset >= end-1:
				w.heads[at] = head{offset: end}
			default:
				return
			}
			delete(missing, at)
			left--
		})
	}
	return nil
}
