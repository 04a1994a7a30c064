package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
)

// Row is one line of the table.
type Row struct {
	Name      string  `json:"name"`
	Unit      string  `json:"unit"`
	Leadline  float64 `json:"leadline"`            // the median
	Yardstick float64 `json:"yardstick,omitempty"` // likewise; 0 where there is none
	// Ratio is the median of the rounds' ratios: 1 is as good as the yardstick,
	// less is worse, whether the unit counts speed or cost. Low and High are
	// the worst and the best round.
	Ratio  float64 `json:"ratio,omitempty"`
	Low    float64 `json:"low,omitempty"`
	High   float64 `json:"high,omitempty"`
	Goal   float64 `json:"goal,omitempty"` // least ratio that is wanted
	Most   float64 `json:"most,omitempty"` // most of the unit that Leadline may take
	Rounds int     `json:"rounds"`
}

// metric is one of the numbers that a side returns.
type metric struct {
	name, unit string
	rate       bool // more is better
	goal       float64
	most       float64
}

// side does the work once, checks what came of it, and returns a value of each
// metric.
type side func(ctx context.Context) ([]float64, error)

// compare lets both sides take turns, first one and then the other ahead, so
// that a machine that gets slower meanwhile slows both. A first round of each
// is not counted: caches fill, groups form, files grow.
func compare(ctx context.Context, rounds int, metrics []metric, leadline, yardstick side) ([]Row, error) {
	ours, theirs := make([][]float64, len(metrics)), make([][]float64, len(metrics))
	for round := range rounds + 1 {
		turns := []struct {
			name string
			do   side
			into [][]float64
		}{{"leadline", leadline, ours}, {"yardstick", yardstick, theirs}}
		if round%2 == 1 {
			slices.Reverse(turns)
		}
		for _, t := range turns {
			if t.do == nil {
				continue
			}
			runtime.GC() // the other's garbage is not this one's work
			values, err := t.do(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", metrics[0].name, t.name, err)
			}
			for i := range metrics {
				if round > 0 {
					t.into[i] = append(t.into[i], values[i])
				}
			}
		}
	}
	rows := make([]Row, len(metrics))
	for i, m := range metrics {
		rows[i] = m.row(ours[i], theirs[i])
	}
	return rows, nil
}

// row sums up the rounds; theirs is empty where there is no yardstick.
func (m metric) row(ours, theirs []float64) Row {
	r := Row{Name: m.name, Unit: m.unit, Leadline: median(ours), Goal: m.goal, Most: m.most, Rounds: len(ours)}
	if len(theirs) == 0 {
		return r
	}
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = theirs[i] / ours[i]
		if m.rate {
			ratios[i] = ours[i] / theirs[i]
		}
	}
	r.Yardstick, r.Ratio, r.Low, r.High = median(theirs), median(ratios), slices.Min(ratios), slices.Max(ratios)
	return r
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// percentile is the least value that so many of a hundred are not above.
func percentile(values []float64, p int) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)*p+99)/100-1]
}
