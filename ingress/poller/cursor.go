package poller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// cursor is how far a connection's run has come.
type cursor struct {
	schemas.SyncCursor
	run time.Time
	// torn marks the cursor of a transaction whose offset is not committed. On Kafka there is none. The embedded broker
	// can be killed between the parts of a commit: the cursor is there, its page may not be, and the request will be read
	// again.
	torn bool
}

// underWay says that a run has begun and not ended. One that has read no page yet has no recorder's cursor either.
func (c cursor) underWay() bool { return c.Page != "" || c.Pages == 0 }

func (s *session) cursorRecord(key []byte, c cursor, request *kgo.Record) (*kgo.Record, error) {
	value, err := schemas.Encode(s.Codec, schemas.SyncCursors, &c.SyncCursor)
	if err != nil {
		return nil, err
	}
	return &kgo.Record{Topic: schemas.SyncCursors.Name, Key: key, Value: value, Headers: []kgo.RecordHeader{
		{Key: schemas.HeaderCovers, Value: fmt.Appendf(nil, "%d=%d", request.Partition, request.Offset+1)},
	}}, nil
}

func (s *session) readCursor(r *kgo.Record, committed kadm.OffsetResponses) (cursor, error) {
	value, err := schemas.Decode(s.Codec, schemas.SyncCursors, r.Value)
	if err != nil {
		return cursor{}, err
	}
	c := cursor{SyncCursor: *value}
	// A run without a time is nobody's: requests for its next page do not fit it, and any other begins a new one.
	if value.Run != nil {
		c.run = value.Run.UTC()
	}
	var partition int32
	var next int64
	if n, _ := fmt.Sscanf(schemas.Header(r, schemas.HeaderCovers), "%d=%d", &partition, &next); n == 2 {
		at, ok := committed.Lookup(schemas.SyncRequests.Name, partition)
		c.torn = !ok || at.At < next
	}
	return c, nil
}

// cursorStall is longer than any transaction can stay open.
const cursorStall = 2 * transactionTimeout

// loadCursors reads the cursors' topic to its end, open transactions included: the last owner's commit may have reached
// the group's offsets and not yet the topic.
func (s *session) loadCursors(ctx context.Context) (map[string]cursor, error) {
	ctx, cancel := context.WithTimeout(ctx, cursorStall)
	defer cancel()
	topic := schemas.SyncCursors.Name
	committed, err := s.admin.FetchOffsets(kadm.RequireStable(ctx), Group)
	if err = errors.Join(err, committed.Error()); err != nil {
		return nil, fmt.Errorf("fetching the offsets of group %s: %w", Group, err)
	}
	ends, err := s.admin.ListEndOffsets(ctx, topic)
	if err = errors.Join(err, ends.Error()); err != nil {
		return nil, fmt.Errorf("finding the end of %s: %w", topic, err)
	}
	starts, err := s.admin.ListStartOffsets(ctx, topic)
	if err = errors.Join(err, starts.Error()); err != nil {
		return nil, fmt.Errorf("finding the start of %s: %w", topic, err)
	}
	left, from := make(map[int32]int64), make(map[int32]kgo.Offset)
	ends.Each(func(end kadm.ListedOffset) {
		if start, _ := starts.Lookup(topic, end.Partition); start.Offset < end.Offset {
			left[end.Partition], from[end.Partition] = end.Offset, kgo.NewOffset().At(start.Offset)
		}
	})
	cursors := make(map[string]cursor)
	if len(left) == 0 {
		return cursors, nil
	}
	client, err := kgo.NewClient(append(slices.Clone(s.Kafka),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // the end of a topic of transactions is a marker
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}),
	)...)
	if err != nil {
		return nil, fmt.Errorf("building the client of the cursors: %w", err)
	}
	defer client.Close()
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, fmt.Errorf("reading %s, %d partitions left: %w", topic, len(left), err)
		}
		for _, r := range fetches.Records() {
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
			if r.Attrs.IsControl() {
				continue
			}
			c, err := s.readCursor(r, committed)
			_, unreadable := errors.AsType[*schemas.Rejected](err)
			switch {
			case r.Value == nil:
				delete(cursors, string(r.Key))
			case unreadable:
				// The connection is read from its look-back on; normalize drops what it knows.
				s.metrics.unreadable.Inc()
				s.Log.Warn("cursor cannot be read; its connection is read again", "partition", r.Partition,
					"offset", strconv.FormatInt(r.Offset, 10), "err", schemas.Excerpt(err.Error()))
				delete(cursors, string(r.Key))
			case err != nil:
				return nil, err
			default:
				cursors[string(r.Key)] = c
			}
		}
	}
	return cursors, nil
}
