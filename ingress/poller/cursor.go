package poller

import (
	"context"
	"errors"
	"fmt"
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

// loadCursors reads the cursors' topic to its end, open transactions included: the last owner's commit may have reached
// the group's offsets and not yet the topic.
func (s *session) loadCursors(ctx context.Context) (map[string]cursor, error) {
	committed, err := s.admin.FetchOffsets(kadm.RequireStable(ctx), Group)
	if err = errors.Join(err, committed.Error()); err != nil {
		return nil, fmt.Errorf("fetching the offsets of group %s: %w", Group, err)
	}
	cursors := make(map[string]cursor)
	err = s.readToEnd(ctx, schemas.SyncCursors.Name, func(r *kgo.Record) error {
		if r.Value == nil {
			delete(cursors, string(r.Key))
			return nil
		}
		c, err := s.readCursor(r, committed)
		if _, unreadable := errors.AsType[*schemas.Rejected](err); unreadable {
			// The connection is read from its look-back on; normalize drops what it knows.
			s.metrics.unreadable.Inc()
			s.Log.Warn("cursor cannot be read; its connection is read again", "partition", r.Partition,
				"offset", strconv.FormatInt(r.Offset, 10), "err", schemas.Excerpt(err.Error()))
			delete(cursors, string(r.Key))
			return nil
		}
		if err == nil {
			cursors[string(r.Key)] = c
		}
		return err
	})
	return cursors, err
}
