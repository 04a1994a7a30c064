package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"modernc.org/sqlite"
)

// Moment is what a store held when Freeze was called, however much is written
// to it since. While it is open, the file's log of writes grows.
type Moment struct {
	db   *sql.DB
	conn *sql.Conn
}

// Freeze takes milliseconds, beside a process that writes or with none. The file
// may be of any build: nothing of it changes.
func Freeze(ctx context.Context, path string) (_ *Moment, err error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	m := new(Moment)
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("holding the store %s: %w", path, err), m.Close())
		}
	}()
	if m.db, err = connect(path, reading, 1); err != nil {
		return nil, err
	}
	if m.conn, err = m.db.Conn(ctx); err != nil {
		return nil, err
	}
	if _, err = m.conn.ExecContext(ctx, `BEGIN`); err != nil {
		return nil, err
	}
	// A transaction begins with its first read.
	var tables int
	return m, m.conn.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables)
}

// CopyTo writes it to a file that does not exist yet.
func (m *Moment) CopyTo(path string) error {
	err := m.conn.Raw(func(driver any) (err error) {
		source, ok := driver.(interface {
			NewBackup(string) (*sqlite.Backup, error)
		})
		if !ok {
			return errors.New("the driver has no backup")
		}
		backup, err := source.NewBackup(path)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, backup.Finish()) }()
		for more := true; more && err == nil; {
			more, err = backup.Step(-1)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("copying the store to %s: %w", path, err)
	}
	return nil
}

// Close lets the file go.
func (m *Moment) Close() error {
	var errs []error
	if m.conn != nil {
		errs = append(errs, m.conn.Close())
	}
	if m.db != nil {
		errs = append(errs, m.db.Close())
	}
	return errors.Join(errs...)
}
