package clickhouse

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Sources sums up an organisation's meetings by recorder, held back or not. What
// is searchable of them is in the knowledge store.
func (s *Store) Sources(ctx context.Context, org string) ([]schemas.Holding, error) {
	if err := sink.CheckScope(schemas.Scope{Org: org}); err != nil {
		return nil, err
	}
	all, err := collect(ctx, s, func(r driver.Rows) (schemas.Holding, error) {
		source := schemas.Holding{Entries: make(map[string]int)}
		var (
			meetings uint64
			newest   int64
		)
		err := r.Scan(&source.Provider, &meetings, &newest)
		source.Meetings, source.Newest = int(meetings), time.UnixMilli(newest).UTC()
		return source, err
	}, `SELECT provider, count(), max(started_ms) FROM meetings FINAL WHERE org = {org:String} GROUP BY provider ORDER BY provider`, named("org", org))
	if err != nil {
		return nil, failed(ctx, "summing up sources", err)
	}
	return all, nil
}
