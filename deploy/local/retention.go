package local

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

// trim applies retention by bytes and the cap on the whole log to what every consumer group has read, and counts what went.
func (e *Engines) trim(ctx context.Context) error {
	e.trimming.Lock()
	defer e.trimming.Unlock()
	before, total, err := logSegments(e.log)
	if err != nil {
		return err
	}
	after := before
	if c := newChoice(before, e.retention); total > e.cfg.MaxLogBytes || c.exceeds() {
		client, err := kgo.NewClient(kgo.SeedBrokers(e.Brokers()...))
		if err != nil {
			return fmt.Errorf("trimming the log: %w", err)
		}
		defer client.Close()
		admin := kadm.NewClient(client)
		if c.unread, err = unreadOf(ctx, admin); err != nil {
			return fmt.Errorf("trimming the log: %w", err)
		}
		c.retain()
		if left := c.limit(total, e.cfg.MaxLogBytes); left > e.cfg.MaxLogBytes {
			e.metrics.capExceeded.Inc()
			e.cfg.Log.Warn("log is over its cap and nothing more may be deleted; what a stage or a sink has not read stays, compacted topics shrink at the next start, others need a retention",
				"bytes", left, "cap", e.cfg.MaxLogBytes, "groups", c.behind())
		}
		if err := deleteBefore(ctx, admin, c.starts); err != nil {
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

// choice is of segments to delete: the oldest of a partition of a trimmed topic, if every group has read it. The last segment of a
// partition stays, because without it the partition restarts at offset 0. Topics that are not trimmed give nothing.
type choice struct {
	parts  map[string]*part
	unread unread
	starts kadm.Offsets // the new start of each partition that gives something
	freed  int64
}

type part struct {
	partitionDir
	segs            []segment
	size, retention int64
}

func newChoice(all []logSegment, retention map[string]int64) *choice {
	c := &choice{parts: make(map[string]*part), starts: make(kadm.Offsets)}
	for _, s := range all {
		if retention[s.topic] == 0 {
			continue
		}
		p := c.parts[s.dir]
		if p == nil {
			p = &part{partitionDir: s.partitionDir, retention: retention[s.topic]}
			c.parts[s.dir] = p
		}
		p.segs = append(p.segs, s.segment)
		p.size += s.size
	}
	return c
}

// outgrown says that a partition holds enough without its oldest segment.
func (p *part) outgrown() bool { return len(p.segs) > 1 && p.size-p.segs[0].size >= p.retention }

func (c *choice) exceeds() bool {
	for _, p := range c.parts {
		if p.outgrown() {
			return true
		}
	}
	return false
}

// read says that the oldest segment of a partition was read by everybody who does.
func (c *choice) read(p *part) bool {
	return len(p.segs) > 1 && p.segs[1].base <= c.unread.by(p.topic, p.partition).at
}

// behind names the groups that segments are kept for.
func (c *choice) behind() []string {
	groups := make(map[string]bool)
	for _, p := range c.parts {
		if len(p.segs) > 1 && !c.read(p) {
			groups[c.unread.by(p.topic, p.partition).group] = true
		}
	}
	return slices.Sorted(maps.Keys(groups))
}

func (c *choice) give(p *part) {
	oldest := p.segs[0]
	p.segs = p.segs[1:]
	p.size -= oldest.size
	c.freed += oldest.size
	c.starts.Add(kadm.Offset{Topic: p.topic, Partition: p.partition, At: p.segs[0].base})
}

// retain applies each topic's retention.
func (c *choice) retain() {
	for _, p := range c.parts {
		for p.outgrown() && c.read(p) {
			c.give(p)
		}
	}
}

// limit brings a log of total bytes down to most, or as near as it may, and returns what is left. Always the largest partition gives:
// so partitions are levelled from above, and a quiet topic keeps what it has while a noisy one pays.
func (c *choice) limit(total, most int64) int64 {
	for total-c.freed > most {
		var largest *part
		for _, p := range c.parts {
			if c.read(p) && (largest == nil || p.size > largest.size || p.size == largest.size && p.dir < largest.dir) {
				largest = p
			}
		}
		if largest == nil {
			break
		}
		c.give(largest)
	}
	return total - c.freed
}

func deleteBefore(ctx context.Context, admin *kadm.Client, starts kadm.Offsets) error {
	if len(starts) == 0 {
		return nil
	}
	resps, err := admin.DeleteRecords(ctx, starts)
	if err := errors.Join(err, resps.Error()); err != nil {
		return fmt.Errorf("trimming the log: %w", err)
	}
	return nil
}

// unretain takes back the retention that an earlier build gave its topics: the broker's own cleaner asks nobody whether he has read.
func unretain(ctx context.Context, brokers []string, topics map[string]int64) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		return fmt.Errorf("reading topics' settings: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	existing, err := admin.ListTopics(ctx)
	if err != nil {
		return fmt.Errorf("listing topics: %w", err)
	}
	var old []string
	for _, name := range existing.Names() {
		if topics[name] > 0 {
			old = append(old, name)
		}
	}
	if len(old) == 0 {
		return nil
	}
	configs, err := admin.DescribeTopicConfigs(ctx, old...)
	if err != nil {
		return fmt.Errorf("reading topics' settings: %w", err)
	}
	forever := "-1"
	for _, c := range configs {
		for _, have := range c.Configs {
			if have.Key != "retention.bytes" || have.MaybeValue() == forever {
				continue
			}
			changed, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: have.Key, Value: &forever}}, c.Name)
			for _, r := range changed {
				err = errors.Join(err, r.Err)
			}
			if err != nil {
				return fmt.Errorf("changing the retention of %s: %w", c.Name, err)
			}
		}
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
