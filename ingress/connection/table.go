package connection

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"

	"leadline/schemas"
)

// maxAge lets five checks fail, which a broker that restarts causes, before the copy counts as stale.
const maxAge = 6 * checkEvery

// Table is a copy of all connections in memory. Make one for a process: its metrics can be registered once.
type Table struct {
	options              Options
	unreadable, restarts prometheus.Counter

	mu       sync.Mutex
	admin    *kadm.Client // of the Run under way
	rows     map[string]schemas.Connection
	next     map[int32]int64 // partition -> offset after the last one seen, markers included
	asOf     time.Time       // the copy holds everything that was committed before
	progress chan struct{}   // closed when any of the above changes
}

// NewTable returns an empty table; Run fills it.
func NewTable(o Options) *Table {
	t := &Table{
		options: o, rows: make(map[string]schemas.Connection), next: make(map[int32]int64),
		progress: make(chan struct{}),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_connection_unreadable_total", Help: "Records of connections that cannot be read; their connection counts as gone.",
		}),
		restarts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_connection_restarts_total", Help: "Times the copy of the connections was begun anew after an error.",
		}),
	}
	o.Metrics.MustRegister(t.unreadable, t.restarts,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "leadline_connection_known", Help: "Connections in this process's copy.",
		}, func() float64 { return float64(len(t.List())) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "leadline_connection_age_seconds", Help: "Time since the copy of the connections was last known to be complete; -1 if never.",
		}, func() float64 {
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.asOf.IsZero() {
				return -1
			}
			return time.Since(t.asOf).Seconds()
		}))
	return t
}

func (t *Table) update(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
	close(t.progress)
	t.progress = make(chan struct{})
}

// wait returns when done, which is called with the lock held, says so.
func (t *Table) wait(ctx context.Context, done func() bool) error {
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

// Ready returns when the table has been complete once since Run began, or with ctx's error.
func (t *Table) Ready(ctx context.Context) error {
	return t.wait(ctx, func() bool { return !t.asOf.IsZero() })
}

// CatchUp returns when the table holds everything that was committed before the call. It waits for Run to begin.
func (t *Table) CatchUp(ctx context.Context) error {
	var admin *kadm.Client
	if err := t.wait(ctx, func() bool { admin = t.admin; return admin != nil }); err != nil {
		return err
	}
	began := time.Now()
	ends, err := admin.ListCommittedOffsets(ctx, schemas.Connections.Name)
	if err = errors.Join(err, ends.Error()); err != nil {
		return fmt.Errorf("finding the end of %s: %w", schemas.Connections.Name, err)
	}
	starts, err := admin.ListStartOffsets(ctx, schemas.Connections.Name)
	if err = errors.Join(err, starts.Error()); err != nil {
		return fmt.Errorf("finding the start of %s: %w", schemas.Connections.Name, err)
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
		// A Run that has ended meanwhile took its promise with it.
		if t.admin == admin && began.After(t.asOf) {
			t.asOf = began
		}
	})
	return nil
}

// Fresh says whether the table was complete at some time of the last minute. When it is not, a missing connection may
// exist, and one that is there may be gone.
func (t *Table) Fresh() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.asOf.IsZero() && time.Since(t.asOf) < maxAge
}

// Get returns a connection that is not disconnected. See Fresh for what false is worth. The slices are shared: do not
// write to them.
func (t *Table) Get(org, provider, name string) (schemas.Connection, bool) {
	c, ok := t.Lookup(org, provider, name)
	return c, ok && c.DisconnectedAt == nil
}

// Lookup returns a connection, or what is left of one that was disconnected.
func (t *Table) Lookup(org, provider, name string) (schemas.Connection, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, ok := t.rows[schemas.ConnectionID(org, provider, name)]
	return c, ok
}

// List returns all connections that are not disconnected, by their keys.
func (t *Table) List() []schemas.Connection {
	return slices.DeleteFunc(t.All(), func(c schemas.Connection) bool { return c.DisconnectedAt != nil })
}

// All returns all connections and what is left of those that were disconnected, by their keys.
func (t *Table) All() []schemas.Connection {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]schemas.Connection, 0, len(t.rows))
	for _, c := range t.rows {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b schemas.Connection) int {
		return strings.Compare(schemas.ConnectionID(a.Org, a.Provider, a.Name), schemas.ConnectionID(b.Org, b.Provider, b.Name))
	})
	return all
}
