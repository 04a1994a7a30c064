package bench

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// feed gives readers of committed records everything at one instant. Otherwise
// the clock would measure how fast the input is written too.
type feed struct{ client *kgo.Client }

func (s *Site) feed() (*feed, error) {
	client, err := s.client(kgo.TransactionalID("bench-feed-" + s.Incarnation))
	if err != nil {
		return nil, fmt.Errorf("building the producer of the input: %w", err)
	}
	return &feed{client}, nil
}

func (f *feed) close() { f.client.Close() }

// put writes what nobody sees yet.
func (f *feed) put(ctx context.Context, records []*kgo.Record) error {
	if err := f.client.BeginTransaction(); err != nil {
		return fmt.Errorf("beginning the input: %w", err)
	}
	if err := f.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("writing the input: %w", err)
	}
	return nil
}

// release lets everybody see it.
func (f *feed) release(ctx context.Context) error {
	if err := f.client.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return fmt.Errorf("releasing the input: %w", err)
	}
	return nil
}
