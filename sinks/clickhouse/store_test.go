package clickhouse_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"leadline/schemas"
	"leadline/sinks/clickhouse"
	"leadline/sinks/sink"
	"leadline/sinks/sink/sinktest"
)

var databases atomic.Int64

// database makes an empty database, and returns its address and a connection
// to it beside the store's.
func database(t testing.TB) (dsn string, conn driver.Conn) {
	t.Helper()
	server := os.Getenv("CLICKHOUSE_DSN")
	if server == "" {
		t.Skip("CLICKHOUSE_DSN names no server: eval \"$(engines/clickhouse/start)\"")
	}
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("leadline_test_%d_%d_%d", os.Getpid(), time.Now().UnixNano(), databases.Add(1))
	outside := dial(t, server)
	exec(t, outside, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		if err := outside.Exec(context.Background(), "DROP DATABASE "+name+" SYNC"); err != nil { //nolint:usetesting // the test's context is over
			t.Error(err)
		}
	})
	address.Path = "/" + name
	return address.String(), dial(t, address.String())
}

func dial(t testing.TB, dsn string) driver.Conn {
	t.Helper()
	options, err := ch.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := ch.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func exec(t testing.TB, conn driver.Conn, query string) {
	t.Helper()
	if err := conn.Exec(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// number reads one number.
func number(t testing.TB, conn driver.Conn, query string) uint64 {
	t.Helper()
	var n uint64
	if err := conn.QueryRow(t.Context(), "SELECT toUInt64(("+query+"))").Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func open(t testing.TB, dsn string) *clickhouse.Store {
	t.Helper()
	s, err := clickhouse.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// fresh is a store with tables and nothing in them.
func fresh(t testing.TB) (*clickhouse.Store, driver.Conn) {
	t.Helper()
	dsn, conn := database(t)
	s := open(t, dsn)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, conn
}

// shared gives each subtest the same store: they work in organisations of
// their own, and so meet each other's rows.
func shared[S any](t *testing.T, of func(*clickhouse.Store) S) sinktest.Open[S] {
	t.Helper()
	s, _ := fresh(t)
	return func(*testing.T) (S, func(context.Context) error) { return of(s), nil }
}

func TestMeetings(t *testing.T) {
	t.Parallel()
	sinktest.Rows(t, shared(t, func(s *clickhouse.Store) sinktest.MeetingStore { return s }))
}

func TestProgress(t *testing.T) {
	t.Parallel()
	sinktest.Progress(t, shared(t, func(s *clickhouse.Store) sinktest.ProgressStore { return s }))
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	sinktest.Directory(t, shared(t, func(s *clickhouse.Store) sinktest.DirectoryStore { return s }))
}

func write[T any](t testing.TB, to sink.Sink[T], rows ...sink.Row[T]) {
	t.Helper()
	if err := to.Write(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
}

const org = "acme-org"

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

func meetingRow(recording string, version uint64, change ...func(*schemas.MeetingRow)) sink.Row[schemas.MeetingRow] {
	m := &schemas.MeetingRow{
		ID: schemas.MeetingID(org, schemas.Fathom, recording), Org: org, Provider: schemas.Fathom, RecordingID: recording,
		State: string(schemas.StateMatched), Title: "Meeting " + recording, Language: "en",
		StartedAt: start, EndedAt: start.Add(30 * time.Minute),
	}
	for _, c := range change {
		c(m)
	}
	return sink.Row[schemas.MeetingRow]{Key: m.ID, Version: version, Value: m}
}

func gone(recording string, version uint64) sink.Row[schemas.MeetingRow] {
	return sink.Row[schemas.MeetingRow]{Key: schemas.MeetingID(org, schemas.Fathom, recording), Version: version}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	sinktest.Usage(t, shared(t, func(s *clickhouse.Store) sinktest.UsageStore { return s }))
}

func TestRuleHits(t *testing.T) {
	t.Parallel()
	sinktest.RuleHits(t, shared(t, func(s *clickhouse.Store) sinktest.RuleHitStore { return s }))
}
