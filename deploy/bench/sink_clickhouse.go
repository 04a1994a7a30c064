package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"leadline/schemas"
	"leadline/sinks/clickhouse"
	"leadline/sinks/sink"
)

// clickhouse measures its sink of meetings beside its driver, in a database of
// the run's own.
func (b *bench) clickhouse(ctx context.Context, all *sunk) (err error) {
	to, err := url.Parse(b.ClickHouse)
	if err != nil {
		return errors.New("reading CLICKHOUSE_DSN: it is no URL") // which may hold a password
	}
	options, err := ch.ParseDSN(b.ClickHouse)
	if err != nil {
		return errors.New("reading CLICKHOUSE_DSN: it is no address of ClickHouse")
	}
	options.Auth.Database = ""
	conn, err := ch.Open(options)
	if err != nil {
		return fmt.Errorf("connecting to ClickHouse: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	database := "leadline_bench_" + strings.ToLower(b.Incarnation)
	if err := conn.Exec(ctx, "CREATE DATABASE "+database); err != nil {
		return fmt.Errorf("making a database: %w", err)
	}
	defer func() {
		err = errors.Join(err, conn.Exec(context.WithoutCancel(ctx), "DROP DATABASE "+database+" SYNC"))
	}()
	to.Path = "/" + database
	store, err := clickhouse.Open(ctx, to.String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.Migrate(ctx); err != nil {
		return err
	}
	return b.clickhouseTable(ctx, conn, database+".meetings", store, all.rows)
}

func (b *bench) clickhouseTable(ctx context.Context, conn driver.Conn, table string, store *clickhouse.Store, all []sink.Batch[schemas.MeetingRow]) error {
	n := count(all)
	if err := write(ctx, store.MeetingSink(), all); err != nil {
		return err
	}
	columns, rows, err := readRows(ctx, conn, table)
	if err != nil {
		return err
	}
	inTable := func(fill func(context.Context) error) side {
		return func(ctx context.Context) ([]float64, error) {
			if err := conn.Exec(ctx, "TRUNCATE TABLE "+table+" SYNC"); err != nil {
				return nil, fmt.Errorf("emptying the table: %w", err)
			}
			began := start()
			if err := fill(ctx); err != nil {
				return nil, err
			}
			values := began.each(n)
			_, held, err := readRows(ctx, conn, table)
			if err != nil {
				return nil, err
			}
			if len(held) != n || !sameBut(columns, held, rows) {
				return nil, wrong("the table holds %d rows of %d, or other ones than before", len(held), n)
			}
			return values, nil
		}
	}
	version := uint64(0)
	bySink := inTable(func(ctx context.Context) error {
		// A batch that the server has seen before it would not write again.
		version++
		for _, rows := range all {
			for i := range rows {
				rows[i].Version += version
			}
		}
		return write(ctx, store.MeetingSink(), all)
	})
	byHand := inTable(func(ctx context.Context) error {
		ctx = ch.Context(ctx, ch.WithSettings(ch.Settings{"async_insert": 0, "insert_deduplicate": 0}))
		for from := 0; from < len(rows); from += batchRows {
			if err := appendRows(ctx, conn, table, columns, rows[from:min(from+batchRows, len(rows))]); err != nil {
				return err
			}
		}
		return nil
	})
	_, err = b.measure(ctx, throughput("ClickHouse sink, meetings", "row", 0.9), bySink, byHand)
	return err
}

func appendRows(ctx context.Context, conn driver.Conn, table string, columns []string, rows [][]any) error {
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO "+table+" (`"+strings.Join(columns, "`, `")+"`)")
	if err != nil {
		return fmt.Errorf("preparing a batch: %w", err)
	}
	defer batch.Close() //nolint:errcheck // after Send it has nothing to do
	for _, r := range rows {
		if err := batch.Append(r...); err != nil {
			return fmt.Errorf("filling a batch: %w", err)
		}
	}
	return batch.Send()
}

// readRows returns what a table holds, as values that the driver takes back.
func readRows(ctx context.Context, conn driver.Conn, table string) (columns []string, rows [][]any, err error) {
	found, err := conn.Query(ctx, "SELECT * FROM "+table+" ORDER BY meeting_id")
	if err != nil {
		return nil, nil, fmt.Errorf("reading the table: %w", err)
	}
	defer found.Close() //nolint:errcheck // Err has said it
	columns = found.Columns()
	for found.Next() {
		into := make([]any, len(columns))
		for i, t := range found.ColumnTypes() {
			into[i] = reflect.New(t.ScanType()).Interface()
		}
		if err := found.Scan(into...); err != nil {
			return nil, nil, fmt.Errorf("reading the table: %w", err)
		}
		for i, v := range into {
			into[i] = reflect.ValueOf(v).Elem().Interface()
		}
		rows = append(rows, into)
	}
	return columns, rows, found.Err()
}

// sameBut compares all columns but those that each write gives a new value.
func sameBut(columns []string, a, b [][]any) bool {
	for i := range a {
		for c, name := range columns {
			if name != "version" && name != "written_at" && !reflect.DeepEqual(a[i][c], b[i][c]) {
				return false
			}
		}
	}
	return true
}
