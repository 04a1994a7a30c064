package directory

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// Write puts entries into the topic and returns once the broker has
// acknowledged all of them. After an error some may be there; writing them
// again changes nothing.
func Write(ctx context.Context, client *kgo.Client, codec *schemas.Codec, entries []schemas.DirectoryEntry) error {
	var (
		mu     sync.Mutex
		failed error
	)
	for i := range entries {
		value, err := schemas.Encode(codec, schemas.Directory, &entries[i])
		if err != nil {
			return err
		}
		record := &kgo.Record{Topic: schemas.Directory.Name, Key: []byte(Key(entries[i])), Value: value}
		client.Produce(ctx, record, func(_ *kgo.Record, err error) {
			if err != nil {
				mu.Lock()
				failed = errors.Join(failed, err)
				mu.Unlock()
			}
		})
	}
	if err := client.Flush(ctx); err != nil {
		return fmt.Errorf("writing the directory: %w", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if failed != nil {
		return fmt.Errorf("writing the directory: %w", failed)
	}
	return nil
}
