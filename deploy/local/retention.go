package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// trimInterval is how often retention runs, and so for how long the log can exceed its cap. A run only lists directories when there
// is nothing to delete.
const trimInterval = 5 * time.Second

type logSegment struct {
	partitionDir
	segment
}

// logSegments lists all segments of a generation, and their size together.
func logSegments(g generation) (all []logSegment, total int64, err error) {
	parts, err := g.partitions()
	if err != nil {
		return nil, 0, err
	}
	for _, p := range parts {
		segs, err := p.segments()
		if err != nil {
			return nil, 0, err
		}
		for _, s := range segs {
			all = append(all, logSegment{p, s})
			total += s.size
		}
	}
	return all, total, nil
}

// trim applies retention by bytes, then the cap on the whole log, and counts what went.
func (e *Engines) trim(ctx context.Context) error {
	e.trimming.Lock()
	defer e.trimming.Unlock()
	before, _, err := logSegments(e.log)
	if err != nil {
		return err
	}
	// The broker's own cleaner starts when a topic is created or altered, but not when topics are loaded from disk.
	e.cluster.ApplyRetention()
	after, total, err := logSegments(e.log)
	if err != nil {
		return err
	}
	if total > e.cfg.MaxLogBytes {
		deletions, left := shareCap(after, e.trimmed, total, e.cfg.MaxLogBytes)
		if left > e.cfg.MaxLogBytes {
			e.metrics.capExceeded.Inc()
			e.cfg.Log.Warn("log is over its cap and nothing more may be deleted; compacted topics shrink at the next start, others need a retention",
				"bytes", left, "cap", e.cfg.MaxLogBytes)
		}
		if err := e.deleteBefore(ctx, deletions); err != nil {
			return err
		}
		if after, total, err = logSegments(e.log); err != nil {
			return err
		}
	}
	e.metrics.trimmedBytes.Add(float64(gone(before, after)))
	e.metrics.logBytes.Set(float64(total))
	return nil
}

func gone(before, after []logSegment) (bytes int64) {
	path := func(s logSegment) string { return s.dat(s.segment) }
	still := make(map[string]bool, len(after))
	for _, s := range after {
		still[path(s)] = true
	}
	for _, s := range before {
		if !still[path(s)] {
			bytes += s.size
		}
	}
	return bytes
}

// shareCap chooses what to delete so that a log of total bytes comes down to limit, and returns the new start offset of each
// partition that gives something, and the size that is left. Always the largest partition of a trimmed topic gives its oldest
// segment: so partitions are levelled from above, and a quiet topic keeps what it has while a noisy one pays. The last segment
// of a partition stays, because without it the partition restarts at offset 0. Topics that are not trimmed give nothing.
func shareCap(all []logSegment, trimmed map[string]bool, total, limit int64) (kadm.Offsets, int64) {
	type part struct {
		partitionDir
		segs []segment
		size int64
	}
	parts := make(map[string]*part)
	for _, s := range all {
		if !trimmed[s.topic] {
			continue
		}
		p := parts[s.dir]
		if p == nil {
			p = &part{partitionDir: s.partitionDir}
			parts[s.dir] = p
		}
		p.segs = append(p.segs, s.segment)
		p.size += s.size
	}
	starts := make(kadm.Offsets)
	for total > limit {
		var largest *part
		for _, p := range parts {
			if len(p.segs) > 1 && (largest == nil || p.size > largest.size || p.size == largest.size && p.dir < largest.dir) {
				largest = p
			}
		}
		if largest == nil {
			break
		}
		oldest := largest.segs[0]
		largest.segs = slices.Delete(largest.segs, 0, 1)
		largest.size -= oldest.size
		total -= oldest.size
		starts.Add(kadm.Offset{Topic: largest.topic, Partition: largest.partition, At: largest.segs[0].base})
	}
	return starts, total
}

func (e *Engines) deleteBefore(ctx context.Context, starts kadm.Offsets) error {
	if len(starts) == 0 {
		return nil
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(e.Brokers()...))
	if err != nil {
		return fmt.Errorf("trimming the log: %w", err)
	}
	defer client.Close()
	resps, err := kadm.NewClient(client).DeleteRecords(ctx, starts)
	if err := errors.Join(err, resps.Error()); err != nil {
		return fmt.Errorf("trimming the log: %w", err)
	}
	return nil
}

// Run applies retention and the cap until ctx ends, then returns nil. A run that fails is tried again at the next tick.
func (e *Engines) Run(ctx context.Context) error {
	tick := time.NewTicker(e.trimInterval)
	defer tick.Stop()
	for {
		if err := e.trim(ctx); err != nil && ctx.Err() == nil {
			e.metrics.trimFailures.Inc()
			e.cfg.Log.Warn("retention failed and will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
