// Package clickhouse is the store of meetings for people who ask in SQL:
// meetings with everybody and everything in them, what became of them, and a
// mirror of the customer directory. The words themselves are in the knowledge
// store.
//
// A version of a meeting is one row: attendees, links, speakers, action items
// and distillates are nested columns of it, and views unfold them into a table
// each. So there is nothing to bring into line: a newer version replaces all
// of an older one at once, whichever was written last, and no reader sees half
// of it. docs/clickhouse.md says what an analyst finds.
package clickhouse

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Store is a database on a server. It is safe for concurrent use.
type Store struct {
	conn driver.Conn
}

// New prepares to connect to clickhouse://user:password@host:9000/database, with ?secure=true
// for TLS, where trust, unless it is nil, says whom to believe and what to show; it does not connect. Migrate or Check must succeed before anything
// else is called. An account that only reads needs
// readonly = 2, because the driver sets max_execution_time from the deadline of
// each call.
func New(dsn string, trust *tls.Config) (*Store, error) {
	options, err := ch.ParseDSN(dsn)
	if err != nil {
		// What url.Parse refuses it quotes, and with it the password.
		var bad *url.Error
		if errors.As(err, &bad) {
			err = bad.Err
		}
		return nil, fmt.Errorf("reading the address of ClickHouse: %w", err)
	}
	// Over HTTP the driver may say nil to a call whose time was up.
	if options.Protocol != ch.Native {
		return nil, errors.New("the address of ClickHouse: want clickhouse://, its native protocol")
	}
	switch encrypted := options.TLS; {
	case encrypted == nil && trust != nil:
		return nil, errors.New("certificates for ClickHouse are given, but its address does not ask for TLS: add ?secure=true")
	case encrypted != nil && encrypted.InsecureSkipVerify:
		return nil, errors.New("the address of ClickHouse: skip_verify would believe anybody; name the authority to be trusted instead")
	case trust != nil:
		options.TLS = trust.Clone()
		options.TLS.ServerName = encrypted.ServerName
	}
	conn, err := ch.Open(options)
	if err != nil {
		return nil, fmt.Errorf("preparing to connect to ClickHouse: %w", err)
	}
	return &Store{conn: conn}, nil
}

// Open is New with a server that answers, and that the system's roots vouch for where there is TLS.
func Open(ctx context.Context, dsn string) (*Store, error) {
	s, err := New(dsn, nil)
	if err != nil {
		return nil, err
	}
	if err := s.conn.Ping(ctx); err != nil {
		return nil, errors.Join(failed(ctx, "connecting to ClickHouse", err), s.Close())
	}
	return s, nil
}

// Close ends the connections.
func (s *Store) Close() error { return s.conn.Close() }

// failed says what was being done. When time is up the driver returns either
// the context's error or, by chance, that of its socket; callers look for the
// first.
func failed(ctx context.Context, doing string, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w: %w", doing, context.DeadlineExceeded, err)
	}
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%s: %w: %w", doing, cause, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// collect reads all rows of a query. Values reach it as parameters of the
// server's, {name:Type}, and so are never part of its text.
func collect[T any](ctx context.Context, s *Store, scan func(driver.Rows) (T, error), query string, args ...any) ([]T, error) {
	found, err := s.conn.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err has said it
	var all []T
	for found.Next() {
		v, err := scan(found)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, found.Err()
}

// scanBody reads a value from the one column of a query.
func scanBody[T any](r driver.Rows) (v T, err error) {
	var body string
	if err := r.Scan(&body); err != nil {
		return v, err
	}
	return v, json.Unmarshal([]byte(body), &v)
}

func named(name string, value any) any { return ch.Named(name, value) }
