package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// cutTails lists the partitions whose last batch belongs to a transaction that
// a kill cut: no marker follows it.
func cutTails(g generation) (map[string][]int32, error) {
	parts, err := g.partitions()
	if err != nil {
		return nil, err
	}
	cut := make(map[string][]int32)
	for _, p := range parts {
		segs, err := p.segments()
		if err != nil {
			return nil, err
		}
		var open bool
		for _, s := range segs[max(0, len(segs)-2):] { // the last may be empty
			err := eachBatch(p.dat(s), func(b batch) error {
				open = b.isTransactional() && !b.isControl()
				return nil
			})
			if err != nil && !errors.Is(err, errTorn) {
				return nil, fmt.Errorf("reading the end of %s-%d: %w", p.topic, p.partition, err)
			}
		}
		if open {
			cut[p.topic] = append(cut[p.topic], p.partition)
		}
	}
	return cut, nil
}

// closeTails puts an abort marker behind what a kill cut, as a broker of a
// cluster would have. The records before it are invisible either way; but who
// reads committed records to the end of a log learns from the marker that the
// end is reached, and would wait for ever without.
func closeTails(ctx context.Context, brokers []string, boot string, cut map[string][]int32) error {
	if len(cut) == 0 {
		return nil
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.TransactionalID("tails-"+boot),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0))
	if err != nil {
		return fmt.Errorf("closing cut transactions: %w", err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := client.BeginTransaction(); err != nil {
		return fmt.Errorf("closing cut transactions: %w", err)
	}
	var records []*kgo.Record
	for topic, partitions := range cut {
		for _, p := range slices.Sorted(slices.Values(partitions)) {
			records = append(records, &kgo.Record{Topic: topic, Partition: p, Value: []byte("never committed")})
		}
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("closing cut transactions: %w", err)
	}
	if err := client.EndTransaction(ctx, kgo.TryAbort); err != nil {
		return fmt.Errorf("closing cut transactions: %w", err)
	}
	return nil
}
