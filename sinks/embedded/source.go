package embedded

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// provider is the second segment of a meeting's id.
const provider = `substr(m.id, length(m.org) + 2, instr(substr(m.id, length(m.org) + 2), '/') - 1)`

// Sources sums up what the store holds of an organisation by recorder, held
// back or not.
func (s *Store) Sources(ctx context.Context, org string) ([]schemas.Holding, error) {
	if err := sink.CheckScope(schemas.Scope{Org: org}); err != nil {
		return nil, err
	}
	var all []schemas.Holding
	err := s.snapshot(ctx, func(tx *sql.Tx) (err error) {
		all, err = collect(ctx, tx, func(r *sql.Rows) (schemas.Holding, error) {
			source := schemas.Holding{Entries: make(map[string]int)}
			var newest int64
			err := r.Scan(&source.Provider, &source.Meetings, &source.Searchable, &newest)
			source.Newest = time.UnixMilli(newest).UTC()
			return source, err
		}, `SELECT `+provider+`, count(*), count(*) FILTER (WHERE EXISTS (SELECT 1 FROM entries e WHERE e.meeting = m.id AND e.live = 1)), max(m.started_at)
			FROM meetings m WHERE m.org = ? AND m.live = 1 GROUP BY 1 ORDER BY 1`, org)
		if err != nil {
			return err
		}
		for _, source := range all {
			n, err := counts(ctx, tx, `SELECT kind, count(*) FROM entries WHERE org = ? AND live = 1 AND provider = ? GROUP BY 1`, org, source.Provider)
			if err != nil {
				return err
			}
			for kind, count := range n {
				source.Entries[kind] = count
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("summing up sources: %w", err)
	}
	return all, nil
}
