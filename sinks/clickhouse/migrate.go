package clickhouse

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"

	ch "github.com/ClickHouse/clickhouse-go/v2"
)

// Migration n takes a database of version n-1. One that was released is never
// edited. ClickHouse has no transactions for tables, so each statement must be
// one that may run again, also at the same time: IF NOT EXISTS, OR REPLACE.
// Statements end with a semicolon at the end of a line.
//
//go:embed migrations
var migrations embed.FS

const newest = 6

const createVersions = `CREATE TABLE IF NOT EXISTS leadline_migrations (version UInt32, applied_at DateTime DEFAULT now())
	ENGINE = ReplacingMergeTree ORDER BY version`

// Migrate brings the tables up to this build. One process shall do it, at
// start; the others call Check. Where two do it all the same, both run the
// same statements, of which the second changes nothing, and both note the same
// number. A kill in between leaves the number unwritten, and the next Migrate
// runs that migration again. Tables of a newer build are an error.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.conn.Exec(ctx, createVersions); err != nil {
		return failed(ctx, "creating the table of migrations", err)
	}
	at, err := s.version(ctx)
	if err != nil {
		return err
	}
	if at > newest {
		return tooNew(at)
	}
	for n := at + 1; n <= newest; n++ {
		if err := s.apply(ctx, n); err != nil {
			return failed(ctx, fmt.Sprintf("migration %d", n), err)
		}
	}
	return nil
}

func (s *Store) apply(ctx context.Context, n uint32) error {
	text, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", n))
	if err != nil {
		return err
	}
	for statement := range strings.SplitSeq(string(text), ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if err := s.conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return s.conn.Exec(ctx, "INSERT INTO leadline_migrations (version) SETTINGS async_insert = 0 VALUES ({n:UInt32})", named("n", n))
}

// Check says whether the tables are those of this build. It is for processes
// that must not change them.
func (s *Store) Check(ctx context.Context) error {
	at, err := s.version(ctx)
	switch {
	case err != nil:
		return err
	case at > newest:
		return tooNew(at)
	case at < newest:
		return fmt.Errorf("ClickHouse: the tables are version %d, this build needs %d: migrate them first", at, newest)
	}
	return nil
}

// unknownTable is ClickHouse's code for a table that is not there.
const unknownTable = 60

// version is 0 in an empty database.
func (s *Store) version(ctx context.Context) (uint32, error) {
	var (
		at      uint32
		refused *ch.Exception
	)
	err := s.conn.QueryRow(ctx, "SELECT max(version) FROM leadline_migrations").Scan(&at)
	if errors.As(err, &refused) && refused.Code == unknownTable {
		return 0, nil
	}
	if err != nil {
		return 0, failed(ctx, "reading the tables' version", err)
	}
	return at, nil
}

func tooNew(at uint32) error {
	return fmt.Errorf("ClickHouse: the tables are version %d, this build knows up to %d", at, newest)
}
