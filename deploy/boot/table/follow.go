package table

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// checkEvery is how often the table makes sure that it still follows.
const checkEvery = 10 * time.Second

// Run follows the topic until ctx ends, and then returns nil. Trouble with
// Kafka is waited out; meanwhile the table serves what it has, and its age says
// so.
func (t *Table[T]) Run(ctx context.Context) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 100*time.Millisecond, 15*time.Second
	for {
		err := t.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		t.restarts.Inc()
		t.options.Log.Warn("copy of a topic is begun anew", "topic", t.options.Topic.Name, "err", err)
		sleep(ctx, wait.NextBackOff())
	}
}

// follow reads with one client until ctx ends or the client cannot go on.
func (t *Table[T]) follow(ctx context.Context) error {
	client, err := kgo.NewClient(append(slices.Clone(t.options.Kafka),
		kgo.ConsumeTopics(t.options.Topic.Name),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		// A topic that transactions write ends with a marker. Without the
		// markers the table would never see itself reach the end.
		kgo.KeepControlRecords(),
	)...)
	if err != nil {
		return fmt.Errorf("building the client of %s: %w", t.options.Topic.Name, err)
	}
	defer client.Close()
	t.update(func() {
		// What is gone may have left no trace in the topic by now: the copy is
		// begun anew, and takes the old one's place when it is complete.
		t.admin, t.next, t.filling = kadm.NewClient(client), make(map[int32]int64), make(map[string]T)
	})
	defer t.update(func() { t.admin = nil })

	var checking sync.WaitGroup
	defer checking.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	checking.Go(func() { t.check(ctx) })
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		for _, e := range fetches.Errors() {
			return fmt.Errorf("following %s: %w", e.Topic, e.Err)
		}
		for _, r := range fetches.Records() {
			t.apply(ctx, r)
		}
	}
}

// check looks again and again whether the copy is complete. What keeps it from
// that shows in its age; so there is nothing to log.
func (t *Table[T]) check(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		once, cancel := context.WithTimeout(ctx, checkEvery)
		if err := t.CatchUp(once); err != nil {
			<-once.Done()
		}
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// apply takes one record over. The registry being away is waited out: the
// records behind would otherwise overtake.
func (t *Table[T]) apply(ctx context.Context, r *kgo.Record) {
	var row *T
	var err error
	if !r.Attrs.IsControl() && r.Value != nil {
		row, err = t.decode(ctx, r)
	}
	if ctx.Err() != nil {
		return
	}
	t.update(func() {
		t.next[r.Partition] = r.Offset + 1
		switch {
		case r.Attrs.IsControl():
		case row == nil:
			// A record that cannot be read replaced one that could: going on
			// with the old one could mean a right that was taken away.
			delete(t.filling, string(r.Key))
		default:
			t.filling[string(r.Key)] = *row
		}
	})
	if err != nil {
		t.unreadable.Inc()
		t.options.Log.Warn("record cannot be read and counts as gone", "topic", r.Topic, "partition", r.Partition,
			"offset", r.Offset, "err", schemas.Excerpt(err.Error()))
	}
}

// decode returns an error only where trying again cannot help.
func (t *Table[T]) decode(ctx context.Context, r *kgo.Record) (*T, error) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		v, err := schemas.Decode(t.options.Codec, t.options.Topic, r.Value)
		if err == nil {
			if key := t.options.Key(v); key != string(r.Key) {
				return nil, fmt.Errorf("key %.140q is not that of %.140q", r.Key, key)
			}
			return v, nil
		}
		if _, final := errors.AsType[*schemas.Rejected](err); final {
			return nil, err
		}
		if sleep(ctx, wait); ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
