package table

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// writeTime bounds a change: somebody waits for it.
const writeTime = 20 * time.Second

// Put writes values under their keys, nil to delete, and returns when the table
// has them. After an error some may have been written; the same again is safe.
func (t *Table[T]) Put(ctx context.Context, values map[string]*T) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	if err := t.Produce(ctx, values); err != nil {
		return err
	}
	return t.CatchUp(ctx)
}

// Produce is Put for who does not wait until the table has it.
func (t *Table[T]) Produce(ctx context.Context, values map[string]*T) error {
	// Changes are rare: a client of its own for each is simpler than one that is kept.
	client, err := kgo.NewClient(t.options.Kafka...)
	if err != nil {
		return fmt.Errorf("building the producer of %s: %w", t.options.Topic.Name, err)
	}
	defer client.Close()
	records := make([]*kgo.Record, 0, len(values))
	for key, value := range values {
		record := &kgo.Record{Topic: t.options.Topic.Name, Key: []byte(key)}
		if value != nil {
			if record.Value, err = schemas.Encode(t.options.Codec, t.options.Topic, value); err != nil {
				return err
			}
		}
		records = append(records, record)
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("writing to %s: %w", t.options.Topic.Name, err)
	}
	return nil
}
