package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"

	_ "modernc.org/sqlite" // registers the driver
)

// Store is a copy, on local disk, of the changelogs of one stage's partitions.
// Losing it loses nothing: it is read again from Kafka. It is never ahead of
// what Kafka has committed, because Apply follows the commit.
type Store struct {
	db *sql.DB
	// get and scan are asked for several times a record; preparing them anew
	// costs more than the answer.
	get, scan *sql.Stmt
}

// Position says up to where a partition's changelog is in the store.
type Position struct {
	TopicID [16]byte // a topic that was deleted and made again starts over
	Next    int64    // offset of the first record that is not in the store
}

// Change is what one transaction, or one piece of a restore, does to a partition.
type Change struct {
	Partition int32
	Writes    map[string][]byte // nil: deleted
	Position  Position
}

// layout is the file's user_version. A file of another layout is emptied, and
// read again from the changelog.
const layout = 3

// WITHOUT ROWID the key is stored once and found in one descent. With a rowid it
// stands in an index too: of ten million end users that is twice the file, and
// twice the pages that a lookup misses.
//
// A large value has a row of its own, and its number stands in its place. To
// compare keys SQLite reads a row to its end, and the rows beside a key that is
// looked up are whole meetings.
const tables = `
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS state;
DROP TABLE IF EXISTS large;
DROP TABLE IF EXISTS position;
CREATE TABLE state (
	partition INTEGER NOT NULL,
	key       TEXT    NOT NULL,
	value             NOT NULL, -- a blob, or the integer id of a large one
	PRIMARY KEY (partition, key)
) WITHOUT ROWID;
CREATE TABLE large (
	id    INTEGER PRIMARY KEY,
	value BLOB NOT NULL
);
CREATE TRIGGER replaced AFTER UPDATE ON state WHEN typeof(old.value) = 'integer'
	BEGIN DELETE FROM large WHERE id = old.value; END;
CREATE TRIGGER removed AFTER DELETE ON state WHEN typeof(old.value) = 'integer'
	BEGIN DELETE FROM large WHERE id = old.value; END;
CREATE TABLE position (
	partition INTEGER PRIMARY KEY,
	topic_id  BLOB    NOT NULL,
	next      INTEGER NOT NULL
);
PRAGMA user_version = %d;
COMMIT;`

// A row of a page of 4 KB, as files have that were made earlier, has 1002 bytes
// before it goes on elsewhere (SQLite's file format, 1.6); the rest is the key's.
const largeBytes = 512

const (
	whole    = `CASE typeof(value) WHEN 'integer' THEN (SELECT l.value FROM large l WHERE l.id = state.value) ELSE value END`
	getQuery = `SELECT ` + whole + ` FROM state WHERE partition = ? AND key = ?`
	// BINARY collation compares bytes, as Go compares strings. Both bounds are
	// plain comparisons: with an OR in it SQLite would read on to the end of the
	// partition behind the last key that is wanted.
	scanQuery = `SELECT key, ` + whole + ` FROM state WHERE partition = ? AND key >= ? AND key < ? AND key <> ? ORDER BY key`
	// Above a prefix that is empty, or of 0xff bytes alone, there is no limit.
	scanAllQuery = `SELECT key, ` + whole + ` FROM state WHERE partition = ? AND key >= ? AND (?3 = '' OR key <> ?3) ORDER BY key`
)

// Open opens or makes the file.
//
// Pages are of 16 KB: a meeting is eight of them, and SQLite writes each by two
// calls into its log and by one into the file.
//
// A batch of some twenty meetings has 3 MB of pages that change. Of the 2 MB that
// SQLite keeps by itself they would be written one by one, and some twice.
//
// synchronous=NORMAL: a power cut may lose the last transactions of the file,
// never a part of one, and what is lost is read again from the changelog.
func Open(ctx context.Context, path string) (*Store, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=page_size(16384)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=cache_size(-4000)&_pragma=busy_timeout(5000)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("opening the state %s: %w", path, err)
	}
	if err := prepare(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing the state %s: %w", path, err), db.Close())
	}
	s := &Store{db: db}
	for query, statement := range map[string]**sql.Stmt{getQuery: &s.get, scanQuery: &s.scan} {
		*statement, err = db.PrepareContext(ctx, query) //nolint:sqlclosecheck // Close does
		if err != nil {
			return nil, errors.Join(fmt.Errorf("preparing the state %s: %w", path, err), s.Close())
		}
	}
	return s, nil
}

func prepare(ctx context.Context, db *sql.DB) error {
	var has int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&has); err != nil || has == layout {
		return err
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf(tables, layout))
	return err
}

// Close closes the file.
func (s *Store) Close() error {
	var failed error
	for _, statement := range []*sql.Stmt{s.get, s.scan} {
		if statement != nil {
			failed = errors.Join(failed, statement.Close())
		}
	}
	return errors.Join(failed, s.db.Close())
}

// Position returns where a partition's copy ends; the zero Position is a
// partition that the store has never seen.
func (s *Store) Position(ctx context.Context, partition int32) (Position, error) {
	var (
		id []byte
		p  Position
	)
	err := s.db.QueryRowContext(ctx, `SELECT topic_id, next FROM position WHERE partition = ?`, partition).Scan(&id, &p.Next)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Position{}, nil
	case err != nil:
		return Position{}, fmt.Errorf("reading the state's position: %w", err)
	}
	copy(p.TopicID[:], id)
	return p, nil
}

// Apply makes changes in one transaction of the file: after a crash either all
// of them are there with their positions, or none.
func (s *Store) Apply(ctx context.Context, changes []Change) (err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a change of the state: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("changing the state: %w", err), tx.Rollback())
		}
	}()
	// OR ROLLBACK: where a statement could fail by itself and leave the transaction
	// as it was before, SQLite first copies each page that it changes.
	set, err := tx.PrepareContext(ctx, `INSERT OR ROLLBACK INTO state (partition, key, value) VALUES (?, ?, ?)
		ON CONFLICT (partition, key) DO UPDATE SET value = excluded.value`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	add, err := tx.PrepareContext(ctx, `INSERT INTO large (value) VALUES (?) RETURNING id`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, add.Close()) }()
	remove, err := tx.PrepareContext(ctx, `DELETE FROM state WHERE partition = ? AND key = ?`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove.Close()) }()
	for _, c := range changes {
		// In order, neighbours share a page: at random each write would fetch
		// and dirty one of its own.
		for _, key := range slices.Sorted(maps.Keys(c.Writes)) {
			switch value := c.Writes[key]; {
			case value == nil:
				_, err = remove.ExecContext(ctx, c.Partition, key)
			case len(value) < largeBytes:
				_, err = set.ExecContext(ctx, c.Partition, key, value)
			default:
				var id int64
				if err = add.QueryRowContext(ctx, value).Scan(&id); err == nil {
					_, err = set.ExecContext(ctx, c.Partition, key, id)
				}
			}
			if err != nil {
				return err
			}
		}
		if _, err = tx.ExecContext(ctx, `INSERT INTO position (partition, topic_id, next) VALUES (?, ?, ?)
			ON CONFLICT (partition) DO UPDATE SET topic_id = excluded.topic_id, next = excluded.next`,
			c.Partition, c.Position.TopicID[:], c.Position.Next); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Drop forgets a partition.
func (s *Store) Drop(ctx context.Context, partition int32) error {
	for _, q := range []string{`DELETE FROM position WHERE partition = ?`, `DELETE FROM state WHERE partition = ?`} {
		if _, err := s.db.ExecContext(ctx, q, partition); err != nil {
			return fmt.Errorf("dropping a partition's state: %w", err)
		}
	}
	return nil
}

// Partition reads one partition's state as it was last applied.
func (s *Store) Partition(partition int32) Reader { return reader{s, partition} }

type reader struct {
	store     *Store
	partition int32
}

func (r reader) Get(key string) ([]byte, bool, error) {
	var v []byte
	err := r.store.get.QueryRowContext(context.Background(), r.partition, key).Scan(&v)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("reading the state: %w", err)
	}
	return v, true, nil
}

func (r reader) Scan(prefix string, yield func(string, []byte) error) error {
	return r.ScanAfter(prefix, "", yield)
}

func (r reader) ScanAfter(prefix, after string, yield func(string, []byte) error) (err error) {
	// The larger of both is where the file is entered: what is before costs nothing.
	var rows *sql.Rows
	if limit := above(prefix); limit == "" {
		rows, err = r.store.db.QueryContext(context.Background(), scanAllQuery, r.partition, max(prefix, after), after)
	} else {
		rows, err = r.store.scan.QueryContext(context.Background(), r.partition, max(prefix, after), limit, after)
	}
	if err != nil {
		return fmt.Errorf("scanning the state: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var (
			key   string
			value []byte
		)
		if err := rows.Scan(&key, &value); err != nil {
			return fmt.Errorf("scanning the state: %w", err)
		}
		if err := yield(key, value); err != nil {
			return err
		}
	}
	return rows.Err()
}

// above returns the smallest string above all strings with the prefix, or ""
// where there is none.
func above(prefix string) string {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return ""
}
