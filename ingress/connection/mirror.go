package connection

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"

	"leadline/schemas"
)

// maxAge lets five checks fail, which a broker that restarts causes, before the copy counts as stale.
const maxAge = 6 * checkEvery

// mirror is a copy of a compacted topic in memory, by connection.
type mirror[V any] struct {
	options              Options
	topic                schemas.Topic[V]
	id                   func(*V) string // the key that a value should have
	unreadable, restarts prometheus.Counter

	mu       sync.Mutex
	admin    *kadm.Client // of the Run under way
	rows     map[string]V
	next     map[int32]int64 // partition -> offset after the last one seen, markers included
	asOf     time.Time       // the copy holds everything that was committed before
	progress chan struct{}   // closed when any of the above changes
}

// newMirror returns an empty copy; Run fills it. Its metrics begin with the prefix and speak of things.
func newMirror[V any](o Options, topic schemas.Topic[V], id func(*V) string, prefix, things string) *mirror[V] {
	m := &mirror[V]{
		options: o, topic: topic, id: id, rows: make(map[string]V), next: make(map[int32]int64), progress: make(chan struct{}),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{
			Name: prefix + "unreadable_total", Help: "Records of " + things + " that cannot be read and count as gone.",
		}),
		restarts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: prefix + "restarts_total", Help: "Times the copy of the " + things + " was begun anew after an error.",
		}),
	}
	o.Metrics.MustRegister(m.unreadable, m.restarts,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: prefix + "known", Help: "Number of " + things + " in this process's copy.",
		}, func() float64 {
			m.mu.Lock()
			defer m.mu.Unlock()
			return float64(len(m.rows))
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: prefix + "age_seconds", Help: "Time since the copy of the " + things + " was last known to be complete; -1 if never.",
		}, func() float64 {
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.asOf.IsZero() {
				return -1
			}
			return time.Since(m.asOf).Seconds()
		}))
	return m
}

// get returns one value. Its slices are shared: do not write to them.
func (m *mirror[V]) get(id string) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.rows[id]
	return v, ok
}

// all returns every value, by their keys.
func (m *mirror[V]) all() []V {
	m.mu.Lock()
	defer m.mu.Unlock()
	values := make([]V, 0, len(m.rows))
	for _, id := range slices.Sorted(maps.Keys(m.rows)) {
		values = append(values, m.rows[id])
	}
	return values
}

func (m *mirror[V]) update(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
	close(m.progress)
	m.progress = make(chan struct{})
}

// wait returns when done, which is called with the lock held, says so.
func (m *mirror[V]) wait(ctx context.Context, done func() bool) error {
	for {
		m.mu.Lock()
		ok, progress := done(), m.progress
		m.mu.Unlock()
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

// Ready returns when the copy has been complete once since Run began, or with ctx's error.
func (m *mirror[V]) Ready(ctx context.Context) error {
	return m.wait(ctx, func() bool { return !m.asOf.IsZero() })
}

// CatchUp returns when the copy holds everything that was committed before the call. It waits for Run to begin.
func (m *mirror[V]) CatchUp(ctx context.Context) error {
	var admin *kadm.Client
	if err := m.wait(ctx, func() bool { admin = m.admin; return admin != nil }); err != nil {
		return err
	}
	began := time.Now()
	ends, err := admin.ListCommittedOffsets(ctx, m.topic.Name)
	if err = errors.Join(err, ends.Error()); err != nil {
		return fmt.Errorf("finding the end of %s: %w", m.topic.Name, err)
	}
	starts, err := admin.ListStartOffsets(ctx, m.topic.Name)
	if err = errors.Join(err, starts.Error()); err != nil {
		return fmt.Errorf("finding the start of %s: %w", m.topic.Name, err)
	}
	err = m.wait(ctx, func() bool {
		caught := true
		ends.Each(func(end kadm.ListedOffset) {
			start, _ := starts.Lookup(end.Topic, end.Partition)
			empty := start.Offset >= end.Offset
			caught = caught && (empty || m.next[end.Partition] >= end.Offset)
		})
		return caught
	})
	if err != nil {
		return err
	}
	m.update(func() {
		// A Run that has ended meanwhile took its promise with it.
		if m.admin == admin && began.After(m.asOf) {
			m.asOf = began
		}
	})
	return nil
}

// Fresh says whether the copy was complete at some time of the last minute. When it is not, a missing connection may
// exist, and one that is there may be gone.
func (m *mirror[V]) Fresh() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.asOf.IsZero() && time.Since(m.asOf) < maxAge
}
