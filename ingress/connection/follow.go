package connection

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

// checkEvery is how often the copy makes sure that it still follows.
const checkEvery = 10 * time.Second

// Run follows the topic until ctx ends, and then returns nil. It may be called again after it returned. Trouble with
// Kafka is waited out.
func (m *mirror[V]) Run(ctx context.Context) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 100*time.Millisecond, 15*time.Second
	for {
		err := m.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		m.restarts.Inc()
		m.options.Log.Warn("copy of a topic is begun anew", "topic", m.topic.Name, "err", err)
		sleep(ctx, wait.NextBackOff())
	}
}

// follow reads with one client until ctx ends or the client cannot go on.
func (m *mirror[V]) follow(ctx context.Context) error {
	client, err := kgo.NewClient(append(slices.Clone(m.options.Kafka),
		kgo.ConsumeTopics(m.topic.Name),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		// A topic that transactions write ends with a marker. Without the markers the copy would never see itself reach
		// the end.
		kgo.KeepControlRecords(),
	)...)
	if err != nil {
		return fmt.Errorf("building the client of a copied topic: %w", err)
	}
	defer client.Close()
	m.update(func() {
		m.admin, m.next = kadm.NewClient(client), make(map[int32]int64)
		// What is gone may have left no trace in the topic by now.
		m.rows = make(map[string]V)
	})
	defer m.update(func() { m.admin, m.asOf = nil, time.Time{} })

	var checking sync.WaitGroup
	defer checking.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	checking.Go(func() { m.check(ctx) })
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		for _, e := range fetches.Errors() {
			return fmt.Errorf("following %s: %w", e.Topic, e.Err)
		}
		for _, r := range fetches.Records() {
			m.apply(ctx, r)
		}
	}
}

// check looks again and again whether the copy is complete. What keeps it from that shows in its age, and as a Fresh
// that is false; so there is nothing to log.
func (m *mirror[V]) check(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		once, cancel := context.WithTimeout(ctx, checkEvery)
		if err := m.CatchUp(once); err != nil {
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

// apply takes one record over. The registry being away is waited out: the records behind would otherwise overtake.
func (m *mirror[V]) apply(ctx context.Context, r *kgo.Record) {
	key := string(r.Key)
	var row *V
	var err error
	if !r.Attrs.IsControl() && r.Value != nil {
		row, err = m.decode(ctx, r)
	}
	if ctx.Err() != nil {
		return
	}
	m.update(func() {
		m.next[r.Partition] = r.Offset + 1
		if r.Attrs.IsControl() {
			return
		}
		// A record that cannot be read replaced one that could: going on with the old one could mean a key that was taken
		// away.
		if row == nil {
			delete(m.rows, key)
		} else {
			m.rows[key] = *row
		}
	})
	if err != nil {
		m.unreadable.Inc()
		m.options.Log.Warn("record of a copied topic cannot be read and counts as gone", "topic", m.topic.Name, "partition", r.Partition, "offset", r.Offset,
			"err", schemas.Excerpt(err.Error()))
	}
}

// decode returns an error only where trying again cannot help.
func (m *mirror[V]) decode(ctx context.Context, r *kgo.Record) (*V, error) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		v, err := schemas.Decode(m.options.Codec, m.topic, r.Value)
		if err == nil {
			if id := m.id(v); id != string(r.Key) {
				return nil, fmt.Errorf("key %.140q is not that of connection %.140q", r.Key, id)
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
