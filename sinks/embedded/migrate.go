package embedded

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
)

// Migration n takes a file whose user_version is n-1. One that was released is
// never edited.
//
//go:embed migrations
var migrations embed.FS

const newest = 8

// A migration may say, by PRAGMA application_id, which build is the earliest that
// may still write its file. That is so where it only adds what that build need
// not know: columns with a default, or filled by a trigger, tables and indexes
// that triggers keep, and where this build makes do with rows as that build
// writes them. Without the pragma no earlier build may: 0 is what a file of
// version 5 or earlier has.

func migrate(ctx context.Context, db *sql.DB) error {
	for {
		done, err := step(ctx, db)
		if err != nil || done {
			return err
		}
	}
}

// step applies the next migration in a transaction with its number, so that a
// kill leaves either both or none.
func step(ctx context.Context, db *sql.DB) (done bool, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("beginning a migration: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	at, err := version(ctx, tx)
	if err != nil || at == newest {
		return true, err
	}
	if at > newest {
		return true, later(ctx, tx, at)
	}
	text, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", at+1))
	if err != nil {
		return true, fmt.Errorf("reading migration %d: %w", at+1, err)
	}
	// What an earlier migration said of earlier builds does not hold for this one.
	if _, err := tx.ExecContext(ctx, "PRAGMA application_id = 0;\n"+string(text)); err != nil {
		return true, fmt.Errorf("migration %d: %w", at+1, err)
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", at+1)); err != nil {
		return true, fmt.Errorf("migration %d: %w", at+1, err)
	}
	return false, tx.Commit()
}

func checkVersion(ctx context.Context, db *sql.DB) error {
	at, err := version(ctx, db)
	switch {
	case err != nil:
		return err
	case at > newest:
		return later(ctx, db, at)
	case at < newest:
		return fmt.Errorf("its tables are version %d, this build reads %d: open it once for writing", at, newest)
	}
	return nil
}

func version(ctx context.Context, q querier) (int, error) {
	var at int
	if err := q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&at); err != nil {
		return 0, fmt.Errorf("reading the tables' version: %w", err)
	}
	return at, nil
}

// later says whether a file of a later build may be used by this one.
func later(ctx context.Context, q querier, at int) error {
	var earliest int
	if err := q.QueryRowContext(ctx, "PRAGMA application_id").Scan(&earliest); err != nil {
		return fmt.Errorf("reading the tables' version: %w", err)
	}
	if earliest > 0 && earliest <= newest {
		return nil
	}
	return fmt.Errorf("its tables are version %d, this build knows up to %d: run the newer Leadline again, or restore the backup from before it, or move the file away and fill it again with leadline replay --store embedded --yes", at, newest)
}
