package lag

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

const (
	// askEvery is below the 15 s in which Prometheus scrapes.
	askEvery = 10 * time.Second
	askFor   = 10 * time.Second
)

// Ends asks for the ends of the partitions until ctx ends. A broker that does
// not answer leaves the last known: ages grow without it.
func (m *Member) Ends(ctx context.Context, admin *kadm.Client, group string, topics ...string) {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.changed:
		case <-tick.C:
		}
		try, cancel := context.WithTimeout(ctx, askFor)
		if m.any(func(p *place) bool { return p.next == unknown }) {
			m.begin(try, admin, group, topics)
		}
		if m.any(func(*place) bool { return true }) {
			m.ask(try, admin, topics)
		}
		cancel()
	}
}

func (m *Member) any(is func(*place) bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.places {
		if is(p) {
			return true
		}
	}
	return false
}

// begin finds where partitions begin from which nothing has been polled: at the
// group's offset, or at their start.
func (m *Member) begin(ctx context.Context, admin *kadm.Client, group string, topics []string) {
	committed, err := admin.FetchOffsetsForTopics(ctx, group, topics...)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) { // one that has committed nothing
		return
	}
	starts, err := admin.ListStartOffsets(ctx, topics...)
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, p := range m.places {
		start, known := starts.Lookup(key.topic, key.partition)
		if p.next != unknown || !known || start.Err != nil {
			continue
		}
		p.next = start.Offset
		if at, ok := committed.Lookup(key.topic, key.partition); ok && at.Err == nil {
			p.next = max(p.next, at.At)
		}
	}
}

func (m *Member) ask(ctx context.Context, admin *kadm.Client, topics []string) {
	ends, err := admin.ListEndOffsets(ctx, topics...)
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.gauges.now()
	for key, p := range m.places {
		if end, known := ends.Lookup(key.topic, key.partition); known && end.Err == nil {
			p.heard(end.Offset, now)
		}
	}
}
