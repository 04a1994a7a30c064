package poller

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// askAtOnce is how many questions of a connection may wait in the queue: its next run stands behind them.
const askAtOnce = 3

// ask puts questions for meetings whose moment has come into the queue, and forgets those of connections that are no more:
// nobody could be asked. A question too many is harmless: it is stale when its meeting has been asked for since.
func (s *session) ask(ctx context.Context, now time.Time) error {
	var records []*kgo.Record
	queued, gone, all := make(map[string][]string), []string{}, 0
	for id, book := range s.pending {
		if len(book) == 0 || !s.owns(id) {
			continue
		}
		all += len(book)
		part := strings.SplitN(id, "/", 3)
		if len(part) < 3 {
			continue
		}
		c, connected := s.Connections.Get(part[0], part[1], part[2])
		if !connected {
			gone = append(gone, id)
			continue
		}
		if _, readable := s.Recorders[c.Provider]; !readable || !c.Ingest {
			continue
		}
		for _, recording := range book.due(now) {
			r, err := s.requestRecord(schemas.SyncRequested{
				Org: c.Org, Provider: c.Provider, Connection: c.Name, Source: schemas.SyncPending, RequestedAt: now.UTC(), Recording: recording,
			})
			if err != nil {
				return err
			}
			records, queued[id] = append(records, r), append(queued[id], recording)
		}
	}
	s.metrics.pending.Set(float64(all))
	gone, err := s.surelyGone(ctx, gone)
	if err != nil {
		return err
	}
	for _, id := range gone {
		for recording := range s.pending[id] {
			records = append(records, pendingRecord(id, recording, nil))
		}
	}
	if len(records) == 0 {
		return nil
	}
	committed, err := s.commit(ctx, records)
	if err != nil || !committed {
		return err
	}
	for _, id := range gone {
		delete(s.pending, id)
	}
	for id, recordings := range queued {
		for _, recording := range recordings {
			p := s.pending[id][recording]
			p.queued = now
			s.pending[id][recording] = p
		}
	}
	return nil
}

// surelyGone keeps the connections that are still missing when the copy of the table is up to date.
func (s *session) surelyGone(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := s.Connections.CatchUp(ctx); err != nil {
		return nil, fmt.Errorf("catching up with the connections: %w", err)
	}
	return slices.DeleteFunc(ids, func(id string) bool {
		part := strings.SplitN(id, "/", 3)
		_, connected := s.Connections.Get(part[0], part[1], part[2])
		return connected
	}), nil
}

// due returns the recordings that are to be asked for now, the longest due first. A question that was not answered within
// stallAfter has been lost.
func (l ledger) due(now time.Time) []string {
	var due []string
	free := askAtOnce
	for recording, p := range l {
		switch {
		case now.Sub(p.queued) < stallAfter:
			free--
		case !now.Before(p.AskAt):
			due = append(due, recording)
		}
	}
	slices.SortFunc(due, func(a, b string) int { return cmp.Or(l[a].AskAt.Compare(l[b].AskAt), cmp.Compare(a, b)) })
	return due[:min(len(due), max(free, 0))]
}
