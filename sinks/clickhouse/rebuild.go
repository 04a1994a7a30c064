package clickhouse

import (
	"context"
	"fmt"

	"leadline/sinks/sink"
)

// filled are the tables of each part, and what shows what is there of it now.
var filled = map[sink.Part]struct{ tables, current []string }{
	sink.PartMeetings:  {[]string{"meetings"}, []string{"meetings_current"}},
	sink.PartProgress:  {[]string{"meeting_progress"}, []string{"meeting_progress_current"}},
	sink.PartUsage:     {[]string{"distill_usage"}, []string{"distill_usage_current"}},
	sink.PartHits:      {[]string{"rule_hits"}, []string{"rule_hits_current"}},
	sink.PartDirectory: {[]string{"companies", "end_users", "directory_words"}, []string{"companies_current", "end_users_current", "directory_words FINAL"}},
}

// Count says how much of a part is there, what is gone left out.
func (s *Store) Count(ctx context.Context, part sink.Part) (int, error) {
	sum := 0
	for _, current := range filled[part].current {
		var n uint64
		if err := s.conn.QueryRow(ctx, "SELECT count() FROM "+current).Scan(&n); err != nil {
			return 0, failed(ctx, "counting "+current, err)
		}
		sum += int(n)
	}
	return sum, nil
}

// Empty removes a part, versions and all: what was there may be written again.
// The server forgets the tokens of the batches with their rows, or it would
// drop the same batches as duplicates.
func (s *Store) Empty(ctx context.Context, part sink.Part) error {
	for _, table := range filled[part].tables {
		if err := s.conn.Exec(ctx, fmt.Sprintf("TRUNCATE TABLE %s SYNC", table)); err != nil {
			return failed(ctx, "emptying "+table, err)
		}
	}
	return nil
}
