package embedded

import (
	"context"
	"errors"
	"fmt"

	"leadline/sinks/sink"
)

// tables of each part. The first has a row for whatever the topic tells of.
var tables = map[sink.Part][]string{
	sink.PartMeetings:  {"meetings", "meeting_links", "meeting_addresses"},
	sink.PartProgress:  {"meeting_progress"},
	sink.PartUsage:     {"distill_usage"},
	sink.PartHits:      {"rule_hits"},
	sink.PartDirectory: {"directory", "company_names"},
	sink.PartEntries:   {"entries", "entry_links"},
}

// Copy writes what the store holds at one moment to a file that must not exist
// yet, while others read and write.
func (s *Store) Copy(ctx context.Context, path string) (err error) {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return fmt.Errorf("copying the store: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	// SQLite takes the new file for a write, too.
	if _, err := conn.ExecContext(ctx, `PRAGMA query_only = 0`); err != nil {
		return fmt.Errorf("copying the store: %w", err)
	}
	if _, err = conn.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		err = fmt.Errorf("copying the store to %s: %w", path, err)
	}
	_, again := conn.ExecContext(context.WithoutCancel(ctx), `PRAGMA query_only = 1`)
	return errors.Join(err, again)
}

// Count says how much of a part is there, what is gone left out.
func (s *Store) Count(ctx context.Context, part sink.Part) (n int, err error) {
	query := `SELECT count(*) FROM ` + tables[part][0]
	if part != sink.PartProgress && part != sink.PartUsage { // of which nothing ever goes
		query += ` WHERE live = 1`
	}
	if err := s.read.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting %s: %w", part, err)
	}
	return n, nil
}

// Empty removes a part, versions and all: what was there may be written again.
// Searches of this Store still know the words; the next one does not.
func (s *Store) Empty(ctx context.Context, part sink.Part) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("emptying %s: %w", part, err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	for i := range tables[part] {
		// From the last: links refer to what they link.
		table := tables[part][len(tables[part])-1-i]
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table); err != nil { //nolint:gosec // of our own list
			return fmt.Errorf("emptying %s: %w", table, err)
		}
	}
	return tx.Commit()
}
