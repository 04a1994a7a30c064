// Package embedded is the store of a Leadline that has nothing but its data
// directory: meetings, their progress, the directory and the knowledge entries
// in one SQLite file, searched by an index in memory.
//
// It is meant for up to some 500,000 entries; beyond that a search by words
// that are everywhere takes longer than a person waits.
package embedded

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	_ "modernc.org/sqlite" // the driver "sqlite", in plain Go

	"leadline/schemas"
	"leadline/sinks/embedding"
	"leadline/sinks/sink"
)

// Store is an open file. It is safe for concurrent use: SQLite takes one
// writer at a time, so the sinks wait for each other; readers wait for nobody.
type Store struct {
	write     *sql.DB // nil when read only
	read      *sql.DB
	put       statements
	words     *words
	vectors   vectors
	questions embedding.Asker // nil: searches are by words alone
	wrote     chan struct{}   // has an element when there are new entries
	stop      func()          // ends what follows them; nil when read only
}

// reading: with SQLite's own 2 MiB of cache a search over 10,000 entries takes
// four times as long; four readers hold at most 128 MiB.
const (
	readers = 4
	reading = "mode=rw&_pragma=query_only(1)&_pragma=cache_size(-32768)"
)

// Open opens the file, creates it if there is none, and brings its tables up
// to this build. A file of a newer build is an error.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("creating the store's directory: %w", err)
	}
	s := newStore()
	write, err := connect(path, "mode=rwc&_txlock=immediate", 1)
	if err != nil {
		return nil, err
	}
	s.write = write
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("store %s: %w", path, err), s.Close())
	}
	if s.put, err = prepare(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("store %s: %w", path, err), s.Close())
	}
	if s.read, err = connect(path, reading, readers); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	keeping, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() { s.keep(keeping) })
	s.stop = func() { cancel(); done.Wait() }
	return s, nil
}

// OpenReadOnly opens a file that exists, beside a process that writes to it or
// with none. Its sinks fail. Searches read the file's own index, which is slow
// where there are many entries, until Warm.
func OpenReadOnly(ctx context.Context, path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	s := newStore()
	// Not mode=ro: a file that was left by a kill has a log that must be
	// recovered before it can be read, and that is a write.
	read, err := connect(path, reading, readers)
	if err != nil {
		return nil, err
	}
	s.read = read
	if err := checkVersion(ctx, read); err != nil {
		return nil, errors.Join(fmt.Errorf("store %s: %w", path, err), s.Close())
	}
	return s, nil
}

func newStore() *Store { return &Store{words: newWords(), wrote: make(chan struct{}, 1)} }

func connect(path, options string, connections int) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	// secure_delete overwrites what is deleted: an erased person's words must
	// not be found in the file's free pages.
	name := "file://" + (&url.URL{Path: filepath.ToSlash(absolute)}).EscapedPath() + "?" + options +
		"&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)" +
		"&_pragma=foreign_keys(1)&_pragma=secure_delete(1)"
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// Close waits for calls under way.
func (s *Store) Close() error {
	if s.stop != nil {
		s.stop()
	}
	var errs []error
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	return errors.Join(errs...)
}

var errReadOnly = errors.New("the store was opened for reading")

// into makes a Sink whose batches are one transaction each: put writes a row,
// if it is newer than what is there.
func into[T any](s *Store, check func(sink.Row[T]) error, put func(context.Context, *writing, sink.Row[T]) error) sink.Sink[T] {
	return sink.Func[T](func(ctx context.Context, b sink.Batch[T]) error {
		if s.write == nil {
			return errReadOnly
		}
		bad := sink.Check(b, check)
		tx, err := s.write.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("beginning a transaction: %w", err)
		}
		defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
		w := newWriting(tx)
		for i, r := range b {
			if bad[i] != nil {
				continue
			}
			err := put(ctx, w, r)
			// A year that JSON cannot say: at every try, and before anything of the row is written.
			if unsayable := (*json.MarshalerError)(nil); errors.As(err, &unsayable) {
				bad[i] = schemas.Reject(schemas.ReasonInvalid, err)
				continue
			}
			if err != nil {
				return fmt.Errorf("writing %.200q: %w", r.Key, err)
			}
		}
		if w.words != nil {
			if err := w.words.finish(ctx, w); err != nil {
				return err
			}
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("committing: %w", err)
		}
		if len(bad) > 0 {
			return &sink.Unstorable{Rows: bad}
		}
		return nil
	})
}

// body is a value as it stands in a body column; nil for one that is gone.
func body[T any](v *T) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}

// scanBody reads a value from the one column of a query.
func scanBody[T any](r *sql.Rows) (v T, err error) {
	var raw []byte
	if err := r.Scan(&raw); err != nil {
		return v, err
	}
	return v, json.Unmarshal(raw, &v)
}

// snapshot runs reads that belong together on one state of the file.
func (s *Store) snapshot(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("beginning to read: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // there is nothing to undo
	return do(tx)
}

// querier is what *sql.DB and *sql.Tx share.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err has said it
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}
