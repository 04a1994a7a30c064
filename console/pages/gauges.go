package pages

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"leadline/schemas"
)

// gauges are what the process's own metrics say, of all organisations together.
// A process that runs no stages and no sinks has none.
type gauges struct {
	Hops        []hopGauges
	DeadLetters float64
}

// hopGauges is a part of the pipeline that runs in this process.
type hopGauges struct {
	Name        string
	Input       string // the topic that it reads; empty for what comes from outside
	Total       float64
	PerMinute   *float64 // nil until there are two readings
	Records     float64  // behind
	Seconds     float64  // age of the oldest record that is not done
	DeadLetters float64
	Retries     float64
}

// late is when a record that waits is worth a colour: the promise is seconds.
const late = 60

// Late says that somebody should look.
func (h hopGauges) Late() bool { return h.Seconds > late }

// families are the metrics that make up a hop: the family's name after its
// prefix, and what it adds to.
var families = map[string]func(*hopGauges, float64){
	"records_total":      func(h *hopGauges, n float64) { h.Total += n },
	"rows_total":         func(h *hopGauges, n float64) { h.Total += n },
	"lag_records":        func(h *hopGauges, n float64) { h.Records += n },
	"lag_seconds":        func(h *hopGauges, n float64) { h.Seconds = max(h.Seconds, n) },
	"dead_letters_total": func(h *hopGauges, n float64) { h.DeadLetters += n },
	"retries_total":      func(h *hopGauges, n float64) { h.Retries += n },
}

// intake are the hops at which meetings come in: the metric that counts what
// came, and the one that counts what went wrong.
var intake = []struct{ name, came, wrong string }{
	{"webhook", "leadline_webhook_requests_total", "leadline_webhook_produce_errors_total"},
	{"poller", "leadline_poller_meetings_total", "leadline_poller_restarts_total"},
}

// readGauges adds partitions up, and takes the oldest of their ages.
func readGauges(from prometheus.Gatherer) (gauges, error) {
	all, err := from.Gather()
	if err != nil {
		return gauges{}, fmt.Errorf("gathering metrics: %w", err)
	}
	hops := make(map[string]*hopGauges)
	at := func(name string) *hopGauges {
		if hops[name] == nil {
			hops[name] = &hopGauges{Name: name, Input: inputOf(name)}
		}
		return hops[name]
	}
	for _, f := range all {
		for _, in := range intake {
			for _, m := range f.GetMetric() {
				switch f.GetName() {
				case in.came:
					at(in.name).Total += valueOf(m)
				case in.wrong:
					at(in.name).Retries += valueOf(m)
				}
			}
		}
		for _, kind := range []string{"stage", "sink"} {
			what, ours := strings.CutPrefix(f.GetName(), "leadline_"+kind+"_")
			add := families[what]
			if !ours || add == nil {
				continue
			}
			for _, m := range f.GetMetric() {
				if name := labelOf(m, kind); name != "" {
					add(at(name), valueOf(m))
				}
			}
		}
	}
	var found gauges
	for _, h := range hops {
		found.Hops = append(found.Hops, *h)
		found.DeadLetters += h.DeadLetters
	}
	slices.SortFunc(found.Hops, func(a, b hopGauges) int {
		return cmp.Or(cmp.Compare(placeOf(a.Name), placeOf(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	return found, nil
}

func valueOf(m *dto.Metric) float64 { return m.GetGauge().GetValue() + m.GetCounter().GetValue() }

func labelOf(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

// inputOf is the topic that a stage or a sink reads.
func inputOf(hop string) string {
	for _, s := range schemas.Stages {
		if s.Name == hop {
			return s.Input.Name
		}
	}
	for suffix, topic := range map[string]string{
		"-meetings": schemas.MeetingRows.Name, "-entries": schemas.KnowledgeEntries.Name, "-progress": schemas.MeetingProgress.Name,
		"-usage": schemas.DistillationUsage.Name, "-directory": schemas.Directory.Name,
	} {
		if strings.HasSuffix(hop, suffix) {
			return topic
		}
	}
	return ""
}

const (
	// rateOver is long enough for a rate that does not jump, and short enough to
	// see that something stands still.
	rateOver = time.Minute
	// sampleEvery keeps at most some 60 readings, however many look.
	sampleEvery = time.Second
)

// meter makes rates of counters: it remembers what they were when somebody
// looked before.
type meter struct {
	from prometheus.Gatherer
	now  func() time.Time

	mu   sync.Mutex
	past []reading // oldest first
}

type reading struct {
	at     time.Time
	totals map[string]float64
}

func newMeter(from prometheus.Gatherer) *meter { return &meter{from: from, now: time.Now} }

// read is the gauges with rates over the last minute, or what is known of it.
func (m *meter) read() (gauges, error) {
	if m.from == nil {
		return gauges{}, nil
	}
	g, err := readGauges(m.from)
	if err != nil {
		return g, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	for len(m.past) > 1 && now.Sub(m.past[0].at) > rateOver {
		m.past = m.past[1:]
	}
	for i := range g.Hops {
		h := &g.Hops[i]
		if len(m.past) == 0 || now.Sub(m.past[0].at) < sampleEvery {
			continue
		}
		rate := max(0, h.Total-m.past[0].totals[h.Name]) / now.Sub(m.past[0].at).Minutes()
		h.PerMinute = &rate
	}
	if len(m.past) == 0 || now.Sub(m.past[len(m.past)-1].at) >= sampleEvery {
		totals := make(map[string]float64)
		for _, h := range g.Hops {
			totals[h.Name] = h.Total
		}
		m.past = append(m.past, reading{now, totals})
	}
	return g, nil
}
