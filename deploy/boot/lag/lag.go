// Package lag tells how far the members of consumer groups in this process are
// behind. A member that is stuck tells of it too: the end of each partition is
// asked for on the side, and the age is worked out when it is scraped.
package lag

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Gauges are the lag of all members of one kind.
type Gauges struct {
	records, seconds *prometheus.Desc
	now              func() time.Time

	mu      sync.Mutex
	members map[*Member]bool
}

// New makes leadline_<kind>_lag_records and leadline_<kind>_lag_seconds, with
// the labels <kind>, topic and partition. A nil registerer leaves them
// unregistered.
func New(reg prometheus.Registerer, kind string) *Gauges {
	labels := []string{kind, "topic", "partition"}
	g := &Gauges{
		records: prometheus.NewDesc("leadline_"+kind+"_lag_records",
			"Offsets between what is done and the end of the partition; transactions' markers count until they are passed.", labels, nil),
		seconds: prometheus.NewDesc("leadline_"+kind+"_lag_seconds",
			"Age of the oldest record that is not done; 0 where all are.", labels, nil),
		now: time.Now, members: make(map[*Member]bool),
	}
	if reg != nil {
		reg.MustRegister(g)
	}
	return g
}

// Describe is for Prometheus.
func (g *Gauges) Describe(to chan<- *prometheus.Desc) {
	to <- g.records
	to <- g.seconds
}

// Collect is for Prometheus.
func (g *Gauges) Collect(to chan<- prometheus.Metric) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for m := range g.members {
		m.collect(to)
	}
}

// Member joins the gauges under a name, until Leave.
func (g *Gauges) Member(name string) *Member {
	m := &Member{gauges: g, name: name, places: make(map[at]*place), changed: make(chan struct{}, 1)}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.members[m] = true
	return m
}

// Member is one member of a group, from when it joins to when it leaves.
type Member struct {
	gauges  *Gauges
	name    string
	changed chan struct{} // has a value while a new partition has not been asked about

	mu     sync.Mutex
	places map[at]*place
}

type at struct {
	topic     string
	partition int32
}

const unknown = -1

// place is how far one partition is done.
type place struct {
	next   int64     // the first offset that is not done
	end    int64     // of the partition, as last heard
	oldest time.Time // the timestamp of the first record in hand; zero: nothing is in hand
	since  time.Time // when it was first heard that the end is beyond next; zero: it is not
}

// Leave ends it: its partitions are another member's now.
func (m *Member) Leave() {
	m.gauges.mu.Lock()
	defer m.gauges.mu.Unlock()
	delete(m.gauges.members, m)
}

// Assigned adds partitions.
func (m *Member) Assigned(added map[string][]int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for topic, partitions := range added {
		for _, p := range partitions {
			if m.places[at{topic, p}] == nil {
				m.places[at{topic, p}] = &place{next: unknown, end: unknown}
			}
		}
	}
	select {
	case m.changed <- struct{}{}:
	default:
	}
}

// Revoked removes partitions: what is another member's now would be shown with
// its last lag for ever.
func (m *Member) Revoked(gone map[string][]int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for topic, partitions := range gone {
		for _, p := range partitions {
			delete(m.places, at{topic, p})
		}
	}
}

// RevokedAll removes all partitions.
func (m *Member) RevokedAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.places)
}

// Holds tells of records that were polled and are not done, in the order of
// their offsets. Of what was polled before nothing else is in hand.
func (m *Member) Holds(records []*kgo.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen, now := make(map[at]bool), m.gauges.now()
	for _, r := range records {
		key := at{r.Topic, r.Partition}
		p := m.places[key]
		if p == nil {
			continue
		}
		if !seen[key] {
			seen[key] = true
			p.next, p.oldest = r.Offset, time.Time{}
		}
		if p.oldest.IsZero() && !r.Attrs.IsControl() {
			p.oldest = r.Timestamp
		}
		p.heard(r.Offset+1, now)
	}
}

// Done tells that records are processed, and their offsets committed or about to
// be with the next ones.
func (m *Member) Done(records []*kgo.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.gauges.now()
	for _, r := range records {
		if p := m.places[at{r.Topic, r.Partition}]; p != nil {
			p.next, p.oldest, p.since = r.Offset+1, time.Time{}, time.Time{}
			p.heard(p.next, now)
		}
	}
}

// heard notes an end; that of an answer which was overtaken is older than what
// is known.
func (p *place) heard(end int64, now time.Time) {
	p.end = max(p.end, end)
	if p.since.IsZero() && p.next != unknown && p.end > p.next {
		p.since = now
	}
}

func (m *Member) collect(to chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.gauges.now()
	for key, p := range m.places {
		if p.next == unknown || p.end == unknown {
			continue
		}
		behind, age := max(0, p.end-p.next), time.Duration(0)
		if behind > 0 {
			from := p.oldest
			if from.IsZero() {
				from = p.since
			}
			age = max(0, now.Sub(from))
		}
		labels := []string{m.name, key.topic, strconv.Itoa(int(key.partition))}
		to <- prometheus.MustNewConstMetric(m.gauges.records, prometheus.GaugeValue, float64(behind), labels...)
		to <- prometheus.MustNewConstMetric(m.gauges.seconds, prometheus.GaugeValue, age.Seconds(), labels...)
	}
}
