package clickhouse

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// record is a sound row with its value as JSON, which is what reads give back.
type record[T any] struct {
	sink.Row[T]
	body string // empty for one that is gone
}

func (r record[T]) deleted() uint8 {
	if r.Value == nil {
		return 1
	}
	return 0
}

// into makes a Sink. A row whose value JSON cannot say, such as a year of five
// digits, would fail at every try.
func into[T any](check func(sink.Row[T]) error, put func(context.Context, []record[T]) error) sink.Sink[T] {
	return sink.Func[T](func(ctx context.Context, b sink.Batch[T]) error {
		bad := sink.Check(b, check)
		sound := make([]record[T], 0, len(b))
		for i, r := range b {
			if bad[i] != nil {
				continue
			}
			var body []byte
			if r.Value != nil {
				var err error
				if body, err = json.Marshal(r.Value); err != nil {
					bad[i] = schemas.Reject(schemas.ReasonInvalid, err)
					continue
				}
			}
			sound = append(sound, record[T]{r, string(body)})
		}
		if err := put(ctx, sound); err != nil {
			return err
		}
		if len(bad) > 0 {
			return &sink.Unstorable{Rows: bad}
		}
		return nil
	})
}

// column is a column of a batch: a slice with a value of each row.
type column struct {
	name   string
	values any
}

// insert writes a batch as one block. Without partitions that is one part,
// which appears whole or not at all.
//
// A batch whose acknowledgement was lost comes again; the server knows it by
// its token and writes nothing. That saves work only: rows that are there
// twice replace each other.
func insert[T any](ctx context.Context, s *Store, table string, records []record[T], columns []column) error {
	if len(records) == 0 {
		return nil
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = "`" + c.name + "`"
	}
	// Since 26.2 the server queues inserts unless it is told not to. The queue
	// would mix our batches with others, and has a deduplication of its own.
	ctx = ch.Context(ctx, ch.WithSettings(ch.Settings{
		"async_insert": 0, "insert_deduplicate": 1, "insert_deduplication_token": token(records),
	}))
	doing := "writing to " + table
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+")")
	if err != nil {
		return failed(ctx, doing, err)
	}
	defer batch.Close() //nolint:errcheck // after Send it has nothing to do
	for i, c := range columns {
		if err := batch.Column(i).Append(c.values); err != nil {
			return fmt.Errorf("%s: column %s: %w", doing, c.name, err)
		}
	}
	if err := batch.Send(); err != nil {
		return failed(ctx, doing, tooMuch(err))
	}
	return nil
}

// memoryLimit is ClickHouse's code for a query that would take more memory than
// it may, or than the server has.
const memoryLimit = 241

func tooMuch(err error) error {
	if refused := new(ch.Exception); errors.As(err, &refused) && refused.Code == memoryLimit {
		return fmt.Errorf("%w: %w", sink.ErrTooMuch, err)
	}
	return err
}

// token names a batch by its content. The number of the newest migration is
// part of it: when a build adds a column, reading a topic again must fill it.
func token[T any](records []record[T]) string {
	h := sha256.New()
	number := func(n uint64) { _ = binary.Write(h, binary.BigEndian, n) } // a hash takes everything
	number(newest)
	for _, r := range records {
		number(uint64(len(r.Key)))
		h.Write([]byte(r.Key))
		number(r.Version)
		number(uint64(len(r.body)))
		h.Write([]byte(r.body))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// each is a column's values.
func each[R, V any](all []R, of func(R) V) []V {
	values := make([]V, len(all))
	for i, r := range all {
		values[i] = of(r)
	}
	return values
}

// nested is the values of one field of a nested column.
func nested[R, C, V any](all []R, children func(R) []C, of func(C) V) [][]V {
	return each(all, func(r R) []V { return each(children(r), of) })
}
