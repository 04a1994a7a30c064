package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/state"
	"leadline/schemas"
)

const (
	restored      = 20_000 // records of the changelog
	restoredBytes = 512
	restoredTopic = "state.bench-restore.v1"
)

// restore measures how a stage gets its state back from the changelog, onto
// disk, beside a consumer that reads the same records and forgets them.
func (b *bench) restore(ctx context.Context) error {
	if err := b.topics(ctx, restoredTopic); err != nil {
		return err
	}
	value := []byte(b.recorder.words(restoredBytes))[:restoredBytes]
	records := make([]*kgo.Record, restored)
	all := make([]int32, b.Partitions)
	for i := range records {
		records[i] = &kgo.Record{
			Topic: restoredTopic, Partition: int32(i) % b.Partitions, Key: fmt.Appendf(nil, "key%d", i), Value: value,
			// Transactions of a hundred records of each partition.
			Headers: []kgo.RecordHeader{{Key: schemas.HeaderCovers, Value: fmt.Appendf(nil, "bench=%d", i/100/int(b.Partitions))}},
		}
	}
	for p := range all {
		all[p] = int32(p)
	}
	if err := b.produce(ctx, records); err != nil {
		return fmt.Errorf("writing a changelog: %w", err)
	}
	_, err := b.measure(ctx, throughput("restore of state", "record", 0),
		func(ctx context.Context) ([]float64, error) { return b.restoreState(ctx, all) }, b.consume)
	return err
}

func (b *bench) restoreState(ctx context.Context, partitions []int32) (_ []float64, err error) {
	dir, err := os.MkdirTemp(b.Dir, "restore-*")
	if err != nil {
		return nil, fmt.Errorf("making a directory for the state: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	store, err := state.Open(ctx, filepath.Join(dir, "state.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	began := start()
	_, err = store.Restore(ctx, state.Source{
		Client: b.Kafka, Topic: restoredTopic,
		Consumed:    func(*kgo.Record) bool { return true },
		Transaction: func(r *kgo.Record) string { return schemas.Header(r, schemas.HeaderCovers) },
	}, partitions)
	if err != nil {
		return nil, err
	}
	values := began.each(restored)
	keys := 0
	for _, p := range partitions {
		err := store.Partition(p).Scan("", func(_ string, v []byte) error {
			if len(v) != restoredBytes {
				return wrong("a value of %d bytes", len(v))
			}
			keys++
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if keys != restored {
		return nil, wrong("%d of %d keys are back", keys, restored)
	}
	return values, nil
}

func (b *bench) consume(ctx context.Context) ([]float64, error) {
	began := start()
	client, err := b.client(kgo.ConsumeTopics(restoredTopic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		return nil, err
	}
	reader := &arrivals{client}
	defer reader.close()
	seen := 0
	err = reader.until(ctx, func(r *kgo.Record) bool {
		if len(r.Value) == restoredBytes { // barriers of restores have none
			seen++
		}
		return seen == restored
	})
	if err != nil {
		return nil, err
	}
	values := began.each(restored)
	return values, nil
}
