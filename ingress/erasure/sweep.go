package erasure

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// sweep reads an organisation's raw records for those of one connection, and goes on where it stopped.
type sweep struct {
	eraser     *Eraser
	connection schemas.Connection
	admin      *kadm.Client
	from       int64                // next offset; 0 is the start
	others     map[string]bool      // recordings that came by another connection that lives
	kept       map[string]bool      // of those found
	received   map[string]time.Time // of every recording of the organisation, when last, by the clocks of who received it
	records    int                  // of the connection
	unreadable int
}

func (e *Eraser) newSweep(c schemas.Connection, admin *kadm.Client) *sweep {
	return &sweep{eraser: e, connection: c, admin: admin, others: make(map[string]bool), kept: make(map[string]bool),
		received: make(map[string]time.Time)}
}

// next returns the recordings that came by the connection, and by no other that lives, since the last call.
func (s *sweep) next(ctx context.Context) ([]string, error) {
	topic := schemas.RawMeetings.Name
	topics, err := s.admin.ListTopics(ctx, topic)
	if err = errors.Join(err, topics.Error()); err != nil {
		return nil, fmt.Errorf("looking up %s: %w", topic, err)
	}
	partition := int32(schemas.Partitioner().ForTopic(topic).Partition( //nolint:gosec // numbers of partitions are int32s
		&kgo.Record{Topic: topic, Key: []byte(s.connection.Org)}, len(topics[topic].Partitions)))
	living := make(map[string]bool)
	for _, c := range s.eraser.Connections.List() {
		if c.Org == s.connection.Org && c.Provider == s.connection.Provider && c.Name != s.connection.Name {
			living[c.Name] = true
		}
	}
	found := make(map[string]bool)
	s.from, err = s.eraser.read(ctx, s.admin, topic, partition, s.from, func(r *kgo.Record) {
		o := schemas.OriginOf(r)
		if o.Org != s.connection.Org || o.Provider != s.connection.Provider || o.Source == schemas.SourceErase {
			return
		}
		if o.Received.After(s.received[o.Recording]) {
			s.received[o.Recording] = o.Received
		}
		switch {
		case living[o.Connection]:
			s.others[o.Recording] = true
		case o.Connection == s.connection.Name && schemas.CheckSegment("recording", o.Recording) != nil:
			s.records++
			s.unreadable++
		case o.Connection == s.connection.Name:
			s.records++
			found[o.Recording] = true
		}
	})
	if err != nil {
		return nil, err
	}
	for recording := range found {
		if s.others[recording] {
			s.kept[recording] = true
			delete(found, recording)
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// gone is the time at which a recording is gone. What was received of it is gone too where a receiver's clock is ahead of
// ours: normalize takes what was received later for a new meeting.
func (s *sweep) gone(recording string) time.Time {
	if at := time.Now(); at.After(s.received[recording]) {
		return at
	}
	return s.received[recording]
}
