package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
)

// transact is the loop that anybody would write by hand, as franz-go's own
// example has it: poll, begin, produce, commit. It asks for as much at a time
// as the stages do, and restores, retries and counts nothing.
func (s *Site) transact(name, from string, to func(*kgo.Record) []*kgo.Record) func(context.Context) error {
	return func(ctx context.Context) error {
		session, err := kgo.NewGroupTransactSession(append(slices.Clone(s.Kafka),
			kgo.ConsumerGroup(name), kgo.ConsumeTopics(from), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxBytes(stage.FetchBytes), kgo.FetchMaxPartitionBytes(stage.FetchBytes/4),
			kgo.TransactionalID(name+"-"+s.Incarnation))...)
		if err != nil {
			return fmt.Errorf("building the loop %s: %w", name, err)
		}
		defer session.Close()
		for ctx.Err() == nil {
			fetches := session.PollRecords(ctx, 500)
			if ctx.Err() != nil {
				return nil
			}
			if err := fetches.Err(); err != nil {
				return fmt.Errorf("polling %s: %w", from, err)
			}
			if fetches.Empty() {
				continue
			}
			if err := carry(session, fetches, to); err != nil {
				return fmt.Errorf("loop %s: %w", name, err)
			}
		}
		return nil
	}
}

// carry is not cut short by a stop.
func carry(session *kgo.GroupTransactSession, fetches kgo.Fetches, to func(*kgo.Record) []*kgo.Record) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := session.Begin(); err != nil {
		return err
	}
	var (
		mu     sync.Mutex
		failed error
	)
	fetches.EachRecord(func(r *kgo.Record) {
		for _, out := range to(r) {
			session.Produce(ctx, out, func(_ *kgo.Record, err error) {
				mu.Lock()
				defer mu.Unlock()
				failed = errors.Join(failed, err)
			})
		}
	})
	if err := session.Client().Flush(ctx); err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	_, err := session.End(ctx, kgo.TransactionEndTry(failed == nil))
	return errors.Join(failed, err)
}

// toTopic copies a record's bytes.
func toTopic(topic string) func(*kgo.Record) []*kgo.Record {
	return func(r *kgo.Record) []*kgo.Record {
		return []*kgo.Record{{Topic: topic, Key: r.Key, Value: r.Value, Headers: r.Headers}}
	}
}
