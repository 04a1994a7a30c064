// Package table keeps copies of topics in memory, for processes that look
// things up in them: a Table is a compacted topic by key (a global table), a
// Follower hands the records to who makes something else of them.
package table

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

const (
	// checkEvery is how often the table makes sure that it still follows.
	checkEvery = 10 * time.Second

	// freshFor lets five checks fail, which a broker that restarts causes,
	// before the table counts as stale.
	freshFor = 6 * checkEvery
)

// Options are what a Table works with. All are required.
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
	options    Options[T]
	follower   *Follower
	unreadable prometheus.Counter

	mu       sync.Mutex
	rows     map[string]row[T] // what is served
	filling  map[string]row[T] // what the Run under way has read: rows, once it is complete
	asOf     time.Time         // rows held everything that was committed before
	complete chan struct{}     // closed when asOf is set for the first time
}

// row is the last record of a key.
type row[T any] struct {
	value T
	err   error // why there is no value
}

// New returns an empty table; Run fills it. Make one for a process: its metrics
// can be registered once.
func New[T any](o Options[T]) *Table[T] {
	name := func(what string) string { return "leadline_" + o.Area + "_table_" + what }
	t := &Table[T]{
		options: o, rows: make(map[string]row[T]), filling: make(map[string]row[T]), complete: make(chan struct{}),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{
			Name: name("unreadable_total"), Help: "Records of " + o.Topic.Name + " that cannot be read; what they replaced is not served any more.",
		}),
	}
	t.follower = &Follower{
		Topic: o.Topic.Name, Kafka: o.Kafka, Log: o.Log, Begin: t.begin, Take: t.take, Caught: t.caught,
		Restarts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: name("restarts_total"), Help: "Times the copy of " + o.Topic.Name + " was begun anew after an error.",
		}),
	}
	o.Metrics.MustRegister(t.unreadable, t.follower.Restarts,
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

// Run follows the topic until ctx ends, and then returns nil. It may be called
// again after it returned. Trouble with Kafka is waited out; meanwhile the table
// serves what it has, and its age says so.
func (t *Table[T]) Run(ctx context.Context) error {
	var checking sync.WaitGroup
	defer checking.Wait()
	checking.Go(func() { t.check(ctx) })
	return t.follower.Run(ctx)
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

// Get returns the value under the key. See Age and Fresh for what false is
// worth. What the value points to is shared: do not write to it.
func (t *Table[T]) Get(key string) (T, bool) {
	v, found, err := t.Lookup(key)
	return v, found && err == nil
}

// Lookup is Get for whom a key whose last record cannot be read is something
// else than one that does not exist: the error says why.
func (t *Table[T]) Lookup(key string) (T, bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, ok := t.rows[key]
	return r.value, ok, r.err
}

// All returns the values by their keys.
func (t *Table[T]) All() map[string]T {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make(map[string]T, len(t.rows))
	for key, r := range t.rows {
		if r.err == nil {
			all[key] = r.value
		}
	}
	return all
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

// Fresh says whether the copy was complete at some time of the last minute.
// When it was not, a value that is missing may exist, and one that is there may
// be gone.
func (t *Table[T]) Fresh() bool {
	age, known := t.Age()
	return known && age < freshFor
}

// Ready returns when the table has been complete once, or with ctx's error.
func (t *Table[T]) Ready(ctx context.Context) error {
	select {
	case <-t.complete:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// CatchUp returns when the table holds everything that was committed before
// the call, or with ctx's error. It waits for Run to begin.
func (t *Table[T]) CatchUp(ctx context.Context) error { return t.follower.CatchUp(ctx) }

// AsOf returns when the table holds everything that was committed before the
// time. It asks the broker only where that is not known yet, and never for a
// time to come.
func (t *Table[T]) AsOf(ctx context.Context, at time.Time) error { return t.follower.AsOf(ctx, at) }

// begin keeps what is served: what is gone may have left no trace in the topic
// by now, so the copy is begun anew, and takes the old one's place when it is
// complete.
func (t *Table[T]) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.filling = make(map[string]row[T])
}

func (t *Table[T]) caught(asOf time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.asOf.IsZero() {
		close(t.complete)
	}
	t.rows, t.asOf = t.filling, asOf
}

// take takes one record over.
func (t *Table[T]) take(ctx context.Context, r *kgo.Record) {
	var value *T
	var err error
	if r.Value != nil {
		value, err = t.decode(ctx, r)
	}
	if ctx.Err() != nil {
		return
	}
	t.mu.Lock()
	switch key := string(r.Key); {
	case err != nil:
		// It replaced one that could be read: going on with that one could mean a
		// right that was taken away.
		t.filling[key] = row[T]{err: err}
	case value == nil:
		delete(t.filling, key)
	default:
		t.filling[key] = row[T]{value: *value}
	}
	t.mu.Unlock()
	if err != nil {
		t.unreadable.Inc()
		t.options.Log.Warn("record of a copied topic cannot be read; what it replaced is not served any more",
			"topic", r.Topic, "partition", r.Partition, "offset", r.Offset, "err", schemas.Excerpt(err.Error()))
	}
}

// decode returns an error only where trying again cannot help. The registry
// being away is waited out: the records behind would otherwise overtake.
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
