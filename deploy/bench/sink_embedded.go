package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"leadline/sinks/embedded"
)

// table is rows of SQLite, ready made.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

// embedded measures the store of an embedded Leadline beside SQLite's driver.
func (b *bench) embedded(ctx context.Context, all *sunk) error {
	rows := func(ctx context.Context, s *embedded.Store) error { return write(ctx, s.MeetingSink(), all.rows) }
	if err := b.embeddedTables(ctx, "meetings", "row", all.meetings(), rows, "meetings", "meeting_links"); err != nil {
		return err
	}
	entries := func(ctx context.Context, s *embedded.Store) error { return write(ctx, s.EntrySink(), all.entries) }
	return b.embeddedTables(ctx, "entries", "entry", all.pieces(), entries, "entries", "entry_links")
}

func (b *bench) embeddedTables(ctx context.Context, what, unit string, n int, put func(context.Context, *embedded.Store) error, names ...string) error {
	var made []table // by the first write of the sink
	bySink := func(ctx context.Context) ([]float64, error) {
		return b.inFile(ctx, names, &made, n, func(path string) (_ []float64, err error) {
			s, err := embedded.Open(ctx, path)
			if err != nil {
				return nil, err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			began := start()
			if err := put(ctx, s); err != nil {
				return nil, err
			}
			return began.each(n), nil
		})
	}
	byHand := func(ctx context.Context) ([]float64, error) {
		return b.inFile(ctx, names, &made, n, func(path string) (_ []float64, err error) {
			s, err := embedded.Open(ctx, path) // makes the tables
			if err != nil {
				return nil, err
			}
			if err := s.Close(); err != nil {
				return nil, err
			}
			db, err := openFile(path)
			if err != nil {
				return nil, err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			began := start()
			if err := insertTables(ctx, db, made); err != nil {
				return nil, err
			}
			return began.each(n), nil
		})
	}
	_, err := b.measure(ctx, throughput("embedded sink, "+what, unit, 0.9), bySink, byHand)
	return err
}

// inFile fills a new file, and checks that it holds what every other one held.
func (b *bench) inFile(ctx context.Context, names []string, made *[]table, n int, fill func(path string) ([]float64, error)) (_ []float64, err error) {
	dir, err := os.MkdirTemp(b.Dir, "store-*")
	if err != nil {
		return nil, fmt.Errorf("making a directory for a store: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "store.db")
	values, err := fill(path)
	if err != nil {
		return nil, err
	}
	db, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var held []table
	for _, name := range names {
		t, err := readTable(ctx, db, name)
		if err != nil {
			return nil, err
		}
		held = append(held, t)
	}
	if *made == nil {
		*made = held
	}
	if len(held[0].rows) != n || !reflect.DeepEqual(held, *made) {
		return nil, wrong("%s holds %d rows of %d, or other ones than before", names[0], len(held[0].rows), n)
	}
	return values, nil
}

// openFile opens a store's file with the settings that the store has.
func openFile(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file://"+(&url.URL{Path: path}).EscapedPath()+"?_txlock=immediate"+
		"&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)")
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func readTable(ctx context.Context, db *sql.DB, name string) (t table, err error) {
	found, err := db.QueryContext(ctx, "SELECT * FROM "+name) //nolint:gosec // names are ours
	if err != nil {
		return t, fmt.Errorf("reading %s: %w", name, err)
	}
	defer found.Close() //nolint:errcheck // Err has said it
	t.name = name
	if t.columns, err = found.Columns(); err != nil {
		return t, err
	}
	for found.Next() {
		row, into := make([]any, len(t.columns)), make([]any, len(t.columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := found.Scan(into...); err != nil {
			return t, fmt.Errorf("reading %s: %w", name, err)
		}
		t.rows = append(t.rows, row)
	}
	return t, found.Err()
}

// insertTables writes as many rows of the first table in a transaction as the
// sinks' loop does, and then the rows of the others, all as fast as the driver
// takes them.
func insertTables(ctx context.Context, db *sql.DB, all []table) error {
	for _, t := range all {
		if err := insertTable(ctx, db, t); err != nil {
			return fmt.Errorf("filling %s: %w", t.name, err)
		}
	}
	return nil
}

func insertTable(ctx context.Context, db *sql.DB, t table) (err error) {
	insert, err := db.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)",
		t.name, strings.Join(t.columns, ", "), strings.TrimSuffix(strings.Repeat("?, ", len(t.columns)), ", ")))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	for from := 0; from < len(t.rows) && err == nil; from += batchRows {
		err = insertRows(ctx, db, insert, t.rows[from:min(from+batchRows, len(t.rows))])
	}
	return err
}

func insertRows(ctx context.Context, db *sql.DB, insert *sql.Stmt, rows [][]any) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	statement := tx.StmtContext(ctx, insert)
	defer statement.Close() //nolint:errcheck // it ends with its transaction
	for _, row := range rows {
		if _, err := statement.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
