package poller

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/ingress/connection"
	"leadline/schemas"
)

// tickGrace is how long the request that came with a new connection has before the tick asks instead of it. An embedded
// broker that was killed can have lost it.
const tickGrace = 15 * time.Second

// checkEvery looks at the clock sixty times in an interval, so that the spread over it is kept, and as often as a question
// may be due.
func (s *session) checkEvery() time.Duration {
	return min(max(min(s.Interval/60, s.AskAgain), 50*time.Millisecond), 5*time.Second)
}

// tick asks for the runs that are due, of the connections whose requests come to this process.
func (s *session) tick(ctx context.Context) error {
	now := time.Now()
	if now.Before(s.nextTick) || s.split == 0 {
		return nil
	}
	s.nextTick = now.Add(s.checkEvery())
	if err := s.ask(ctx, now); err != nil {
		return fmt.Errorf("asking for meetings that are not complete: %w", err)
	}
	s.trouble()
	var records []*kgo.Record
	var asked []string
	for _, c := range s.Connections.List() {
		id := schemas.ConnectionID(c.Org, c.Provider, c.Name)
		if _, readable := s.Recorders[c.Provider]; !readable || !c.Ingest || !s.owns(id) || !s.due(id, c, now) {
			continue
		}
		r, err := s.requestRecord(schemas.SyncRequested{
			Org: c.Org, Provider: c.Provider, Connection: c.Name, Source: schemas.SyncCron, RequestedAt: now.UTC(),
		})
		if err != nil {
			return err
		}
		records, asked = append(records, r), append(asked, id)
	}
	if len(records) == 0 {
		return nil
	}
	committed, err := s.commit(ctx, records)
	if err != nil {
		return fmt.Errorf("asking for the runs that are due: %w", err)
	}
	if committed {
		for _, id := range asked {
			s.ticked[id] = now
		}
	}
	return nil
}

// trouble counts the problems of the connections whose requests come to this process.
func (s *session) trouble() {
	found := make(map[string]int)
	for _, c := range s.Connections.List() {
		id := schemas.ConnectionID(c.Org, c.Provider, c.Name)
		at, known := s.cursors[id]
		if !known || !s.owns(id) {
			continue
		}
		for _, p := range connection.StatusOf(c, &at.SyncCursor, time.Now()).Problems {
			found[p.Code]++
		}
	}
	for _, code := range connection.ProblemCodes() {
		s.metrics.problems.WithLabelValues(code).Set(float64(found[code]))
	}
}

// owns says whether requests for the connection come to this process.
func (s *session) owns(id string) bool {
	topic := schemas.SyncRequests.Name
	p := schemas.Partitioner().ForTopic(topic).Partition(&kgo.Record{Topic: topic, Key: []byte(id)}, s.split)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owned[int32(p)] //nolint:gosec // numbers of partitions are int32s
}

// due says whether the connection's moment has come since it was last read or asked for. The moment depends on its name
// alone, so that connections are spread over the interval and a restart asks for nothing twice.
func (s *session) due(id string, c schemas.Connection, now time.Time) bool {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(id))
	spread := time.Duration(hash.Sum64() % uint64(s.Interval)) //nolint:gosec // New makes it positive
	slot := func(t time.Time) int64 { return t.Add(spread).UnixNano() / int64(s.Interval) }
	last := s.ticked[id]
	at, known := s.cursors[id]
	if !known && last.IsZero() {
		return now.Sub(c.ConnectedAt) > tickGrace
	}
	if at.UpdatedAt.After(last) {
		last = at.UpdatedAt
	}
	return slot(now) > slot(last)
}
