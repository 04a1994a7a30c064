package table

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Follower reads one topic whole, from its start, and goes on with what comes:
// for whoever makes more of the records than a copy of the latest by key, which
// is a Table.
type Follower struct {
	Topic string
	Kafka []kgo.Opt // brokers, security, limits
	Log   *slog.Logger
	// Restarts counts how often reading started over after an error; nil is not counted.
	Restarts prometheus.Counter
	// Begin is called before the first record, and again whenever reading starts
	// over: what was taken over before may be gone from the topic.
	Begin func()
	// Take is called for each committed record in the order of its partition.
	// Calls do not overlap. It keeps its own errors: a record that cannot be read
	// must not hold up those behind it.
	Take func(context.Context, *kgo.Record)
	// Caught is called whenever all that was committed before the time has been
	// taken since Begin; nil is not called. It must not call the Follower.
	Caught func(asOf time.Time)

	mu       sync.Mutex
	admin    *kadm.Client    // of the Run under way
	next     map[int32]int64 // partition -> offset after the last one seen, markers included
	asOf     time.Time       // everything that was committed before has been taken
	progress chan struct{}   // closed when any of the above changes
}

// Run follows until ctx ends, and then returns nil. It may be called again
// after it returned. Trouble with Kafka is waited out.
func (f *Follower) Run(ctx context.Context) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 100*time.Millisecond, 15*time.Second
	for {
		err := f.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if f.Restarts != nil {
			f.Restarts.Inc()
		}
		f.Log.Warn("copy of a topic is begun anew", "topic", f.Topic, "err", err)
		sleep(ctx, wait.NextBackOff())
	}
}

// follow reads with one client until ctx ends or the client cannot go on.
func (f *Follower) follow(ctx context.Context) error {
	client, err := kgo.NewClient(append(slices.Clone(f.Kafka),
		kgo.ConsumeTopics(f.Topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		// A topic that transactions write ends with a marker. Without the markers
		// nobody would see that the end is reached.
		kgo.KeepControlRecords(),
	)...)
	if err != nil {
		return fmt.Errorf("building the client that follows %s: %w", f.Topic, err)
	}
	defer client.Close()
	f.Begin()
	f.update(func() { f.admin, f.next = kadm.NewClient(client), make(map[int32]int64) })
	defer f.update(func() { f.admin, f.asOf = nil, time.Time{} })
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		for _, e := range fetches.Errors() {
			return fmt.Errorf("following %s: %w", e.Topic, e.Err)
		}
		for _, r := range fetches.Records() {
			if !r.Attrs.IsControl() {
				f.Take(ctx, r)
			}
		}
		// A Take that ctx cut short has not taken its record.
		if ctx.Err() != nil {
			return nil
		}
		f.update(func() {
			for _, r := range fetches.Records() {
				f.next[r.Partition] = r.Offset + 1
			}
		})
	}
}

// CatchUp returns when everything that was committed before the call has been
// taken, or with ctx's error. It waits for Run to begin.
func (f *Follower) CatchUp(ctx context.Context) error {
	var admin *kadm.Client
	if err := f.wait(ctx, func() bool { admin = f.admin; return admin != nil }); err != nil {
		return err
	}
	began := time.Now()
	ends, err := admin.ListCommittedOffsets(ctx, f.Topic)
	if err = errors.Join(err, ends.Error()); err != nil {
		return fmt.Errorf("finding the end of %s: %w", f.Topic, err)
	}
	starts, err := admin.ListStartOffsets(ctx, f.Topic)
	if err = errors.Join(err, starts.Error()); err != nil {
		return fmt.Errorf("finding the start of %s: %w", f.Topic, err)
	}
	over := false
	err = f.wait(ctx, func() bool {
		// A Run that has ended took its promise with it.
		if over = f.admin != admin; over {
			return true
		}
		caught := true
		ends.Each(func(end kadm.ListedOffset) {
			start, _ := starts.Lookup(end.Topic, end.Partition)
			empty := start.Offset >= end.Offset
			caught = caught && (empty || f.next[end.Partition] >= end.Offset)
		})
		if caught && began.After(f.asOf) {
			f.asOf = began
			if f.Caught != nil {
				f.Caught(began)
			}
		}
		return caught
	})
	if err == nil && over {
		return f.CatchUp(ctx)
	}
	return err
}

// AsOf returns when everything that was committed before the time has been
// taken. It asks the broker only where that is not known yet, and never for a
// time to come.
func (f *Follower) AsOf(ctx context.Context, at time.Time) error {
	f.mu.Lock()
	known := !f.asOf.IsZero() && !f.asOf.Before(at)
	f.mu.Unlock()
	if known {
		return nil
	}
	return f.CatchUp(ctx)
}

func (f *Follower) update(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	if f.progress != nil {
		close(f.progress)
	}
	f.progress = make(chan struct{})
}

// wait returns when done, which is called with the lock held, says so.
func (f *Follower) wait(ctx context.Context, done func() bool) error {
	for {
		f.mu.Lock()
		if f.progress == nil {
			f.progress = make(chan struct{})
		}
		ok, progress := done(), f.progress
		f.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-progress:
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
