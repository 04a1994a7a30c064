package pages

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// gauges are what the process's own metrics say, of all organisations together.
// A process that runs no stages and no sinks has none.
type gauges struct {
	Loops       []loop
	DeadLetters float64
}

// loop is a stage or a sink of this process.
type loop struct {
	Name        string
	Records     float64 // behind
	Seconds     float64 // age of the oldest record that is not done
	DeadLetters float64
	Retries     float64
}

// readGauges adds partitions up, and takes the oldest of their ages.
func readGauges(from prometheus.Gatherer) (gauges, error) {
	families, err := from.Gather()
	if err != nil {
		return gauges{}, fmt.Errorf("gathering metrics: %w", err)
	}
	loops := make(map[string]*loop)
	for _, f := range families {
		for _, kind := range []string{"stage", "sink"} {
			for _, m := range f.GetMetric() {
				name := labelOf(m, kind)
				if name == "" {
					continue
				}
				if loops[name] == nil {
					loops[name] = &loop{Name: name}
				}
				loops[name].take(f.GetName(), "leadline_"+kind, m)
			}
		}
	}
	var all gauges
	for _, l := range loops {
		all.Loops = append(all.Loops, *l)
		all.DeadLetters += l.DeadLetters
	}
	slices.SortFunc(all.Loops, func(a, b loop) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

func (l *loop) take(name, prefix string, m *dto.Metric) {
	switch name {
	case prefix + "_lag_records":
		l.Records += m.GetGauge().GetValue()
	case prefix + "_lag_seconds":
		l.Seconds = max(l.Seconds, m.GetGauge().GetValue())
	case prefix + "_dead_letters_total":
		l.DeadLetters += m.GetCounter().GetValue()
	case prefix + "_retries_total":
		l.Retries += m.GetCounter().GetValue()
	}
}

func labelOf(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}
