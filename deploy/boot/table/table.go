// Package table keeps a copy of a compacted topic in memory, for processes that
// look things up in it: a global table.
package table

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// Options are what a Table works with.
type Options[T any] struct {
	Topic   schemas.Topic[T]
	Key     func(*T) string // the key that a value belongs under; a record under another cannot be read
	Kafka   []kgo.Opt
	Codec   *schemas.Codec
	Log     *slog.Logger
	Metrics prometheus.Registerer
	Area    string // of the metrics: leadline_<area>_table_*
}

// Table is a copy of the topic. It is safe for concurrent use.
type Table[T any] struct {
	options              Options[T]
	unreadable, restarts prometheus.Counter

	mu       sync.Mutex
	rows     map[string]T // what is served
	filling  map[string]T // what the Run under way has read: rows, once it is complete
	admin    *kadm.Client // of the Run under way
	next     map[int32]int64
	asOf     time.Time     // rows held everything that was committed before
	progress chan struct{} // closed when any of the above changes
}

// New returns an empty table; Run fills it. Make one for a process: its metrics
// can be registered once.
func New[T any](o Options[T]) *Table[T] {
	name := func(what string) string { return "leadline_" + o.Area + "_table_" + what }
	t := &Table[T]{
		options: o, rows: make(map[string]T), progress: make(chan struct{}),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{
			Name: name("unreadable_total"), Help: "Records of " + o.Topic.Name + " that cannot be read; what they are about counts as gone.",
		}),
		restarts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: name("restarts_total"), Help: "Times the copy of " + o.Topic.Name + " was begun anew after an error.",
		}),
	}
	o.Metrics.MustRegister(t.unreadable, t.restarts,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: name("rows"), Help: "Values in this process's copy of " + o.Topic.Name + ".",
		}, func() float64 { return float64(len(t.All())) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: name("age_seconds"), Help: "Time since the copy of " + o.Topic.Name + " was last known to be complete; -1 if never.",
		}, func() float64 {
			if age, known := t.Age(); known {
				return age.Seconds()
			}
			return -1
		}))
	return t
}

// Get returns the value under the key. See Age for what false is worth. What
// the value points to is shared: do not write to it.
func (t *Table[T]) Get(key string) (T, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v, ok := t.rows[key]
	return v, ok
}

// All returns the values by their keys.
func (t *Table[T]) All() map[string]T {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.rows)
}

// Age says how old the copy may be: everything that was committed before that
// is in it. It is not known until the copy was complete once.
func (t *Table[T]) Age() (age time.Duration, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.asOf.IsZero() {
		return 0, false
	}
	return time.Since(t.asOf), true
}

// Ready returns when the table has been complete once, or with ctx's error.
func (t *Table[T]) Ready(ctx context.Context) error {
	return t.wait(ctx, func() bool { return !t.asOf.IsZero() })
}

// CatchUp returns when the table holds everything that was committed before
// the call. It waits for Run to begin.
func (t *Table[T]) CatchUp(ctx context.Context) error {
	topic := t.options.Topic.Name
	var admin *kadm.Client
	if err := t.wait(ctx, func() bool { admin = t.admin; return admin != nil }); err != nil {
		return err
	}
	began := time.Now()
	ends, err := admin.ListCommittedOffsets(ctx, topic)
	if err = errors.Join(err, ends.Error()); err != nil {
		return fmt.Errorf("finding the end of %s: %w", topic, err)
	}
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err = errors.Join(err, starts.Error()); err != nil {
		return fmt.Errorf("finding the start of %s: %w", topic, err)
	}
	err = t.wait(ctx, func() bool {
		caught := true
		ends.Each(func(end kadm.ListedOffset) {
			start, _ := starts.Lookup(end.Topic, end.Partition)
			empty := start.Offset >= end.Offset
			caught = caught && (empty || t.next[end.Partition] >= end.Offset)
		})
		return caught
	})
	if err != nil {
		return err
	}
	t.update(func() {
		// A Run that has ended meanwhile took what it had read with it.
		if t.admin == admin {
			t.rows = t.filling
			if began.After(t.asOf) {
				t.asOf = began
			}
		}
	})
	return nil
}

func (t *Table[T]) update(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
	close(t.progress)
	t.progress = make(chan struct{})
}

// wait returns when done, which is called with the lock held, says so.
func (t *Table[T]) wait(ctx context.Context, done func() bool) error {
	for {
		t.mu.Lock()
		ok, progress := done(), t.progress
		t.mu.Unlock()
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
