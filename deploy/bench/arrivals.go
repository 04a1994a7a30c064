package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// arrivals reads what is committed to topics from now on.
type arrivals struct{ client *kgo.Client }

func (s *Site) arrivals(ctx context.Context, topics ...string) (*arrivals, error) {
	at := make(map[string]map[int32]kgo.Offset)
	err := s.administer(func(admin *kadm.Client) error {
		ends, err := admin.ListEndOffsets(ctx, topics...)
		if err = errors.Join(err, ends.Error()); err != nil {
			return fmt.Errorf("finding the end of %v: %w", topics, err)
		}
		ends.Each(func(o kadm.ListedOffset) {
			if at[o.Topic] == nil {
				at[o.Topic] = make(map[int32]kgo.Offset)
			}
			at[o.Topic][o.Partition] = kgo.NewOffset().At(o.Offset)
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	client, err := s.client(kgo.ConsumePartitions(at), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		return nil, fmt.Errorf("building the reader of %v: %w", topics, err)
	}
	return &arrivals{client}, nil
}

func (a *arrivals) close() { a.client.Close() }

// until hands on what arrives until take says that it was all. The patience is
// for each next one: of a burst the last come late.
func (a *arrivals) until(ctx context.Context, take func(*kgo.Record) (last bool)) error {
	for {
		next, cancel := context.WithTimeout(ctx, patience)
		fetches := a.client.PollFetches(next)
		waited := context.Cause(next)
		cancel()
		if waited != nil {
			return fmt.Errorf("waiting for results: %w", waited)
		}
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("reading results: %w", err)
		}
		last := false
		fetches.EachRecord(func(r *kgo.Record) { last = take(r) || last })
		if last {
			return nil
		}
	}
}

// collect returns the next n.
func (a *arrivals) collect(ctx context.Context, n int) (all []*kgo.Record, err error) {
	err = a.until(ctx, func(r *kgo.Record) bool {
		all = append(all, r)
		return len(all) >= n
	})
	return all, err
}
