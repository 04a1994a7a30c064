package bench

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// batchRows is how many rows a sink's loop writes at once.
const batchRows = 500

// sunk is what meetings became, as sinks' loops hand it to stores.
type sunk struct {
	rows    []sink.Batch[schemas.MeetingRow]
	entries []sink.Batch[schemas.Entry]
}

func (s *sunk) meetings() int { return count(s.rows) }
func (s *sunk) pieces() int   { return count(s.entries) }

func count[T any](batches []sink.Batch[T]) (n int) {
	for _, b := range batches {
		n += len(b)
	}
	return n
}

// sinks measures each store's Write beside its bare driver, which is given the
// very values that Write makes of the rows, ready made, and the same batches.
// The rows are those of meetings that went through the chain.
func (b *bench) sinks(ctx context.Context) error {
	_, p, err := b.through(ctx, b.Meetings, b.Size)
	if err != nil {
		return err
	}
	var all sunk
	if all.rows, err = batches(b.Codec, schemas.MeetingRows, p.rowsRaw); err != nil {
		return err
	}
	if all.entries, err = batches(b.Codec, schemas.KnowledgeEntries, p.entries); err != nil {
		return err
	}
	if err := b.embedded(ctx, &all); err != nil {
		return err
	}
	if b.ClickHouse != "" {
		if err := b.clickhouse(ctx, &all); err != nil {
			return err
		}
	}
	if len(b.Elasticsearch) > 0 {
		return b.elasticsearch(ctx, &all)
	}
	return nil
}

func batches[T any](codec *schemas.Codec, topic schemas.Topic[T], records []*kgo.Record) (all []sink.Batch[T], err error) {
	for i, r := range records {
		if i%batchRows == 0 {
			all = append(all, nil)
		}
		row := sink.Row[T]{Key: string(r.Key)}
		if row.Version, err = sink.ByHeader(r); err != nil {
			return nil, fmt.Errorf("reading a row of %s: %w", topic.Name, err)
		}
		if row.Value, err = schemas.Decode(codec, topic, r.Value); err != nil {
			return nil, err
		}
		all[len(all)-1] = append(all[len(all)-1], row)
	}
	return all, nil
}

func write[T any](ctx context.Context, to sink.Sink[T], all []sink.Batch[T]) error {
	for _, b := range all {
		if err := to.Write(ctx, b); err != nil {
			return err
		}
	}
	return nil
}
