package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// blindTails lists the partitions whose end no reader of committed records sees:
// the last batch belongs to a transaction that a kill cut, with no marker behind
// it, or a fold has left nothing in it.
func blindTails(g generation) (map[string][]int32, error) {
	parts, err := g.partitions()
	if err != nil {
		return nil, err
	}
	blind := make(map[string][]int32)
	for _, p := range parts {
		segs, err := p.segments()
		if err != nil {
			return nil, err
		}
		var unseen bool
		for _, s := range segs[max(0, len(segs)-2):] { // the last may be empty
			err := eachBatch(p.dat(s), func(b batch) error {
				unseen = b.numRecords() == 0 || b.isTransactional() && !b.isControl()
				return nil
			})
			if err != nil && !errors.Is(err, errTorn) {
				return nil, fmt.Errorf("reading the end of %s-%d: %w", p.topic, p.partition, err)
			}
		}
		if unseen {
			blind[p.topic] = append(blind[p.topic], p.partition)
		}
	}
	return blind, nil
}

// closeTails puts an abort marker behind them, as a broker of a cluster would
// have behind what was cut. Who reads committed records to the end of a log
// learns from the marker that the end is reached, and would wait for ever
// without.
func closeTails(ctx context.Context, brokers []string, boot string, blind map[string][]int32) error {
	if len(blind) == 0 {
		return nil
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.TransactionalID("tails-"+boot),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0))
	if err != nil {
		return fmt.Errorf("closing the ends of logs: %w", err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := client.BeginTransaction(); err != nil {
		return fmt.Errorf("closing the ends of logs: %w", err)
	}
	var records []*kgo.Record
	for topic, partitions := range blind {
		for _, p := range slices.Sorted(slices.Values(partitions)) {
			records = append(records, &kgo.Record{Topic: topic, Partition: p, Value: []byte("never committed")})
		}
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("closing the ends of logs: %w", err)
	}
	if err := client.EndTransaction(ctx, kgo.TryAbort); err != nil {
		return fmt.Errorf("closing the ends of logs: %w", err)
	}
	return nil
}
