package pages

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"leadline/schemas"
)

const (
	trendWeeks = 12
	trendDays  = 14
	// mostCounted bounds what a plot of meetings reads; a quarter of a busy team is some 3,000.
	mostCounted = 10_000
)

type trendsPage struct {
	Meetings, Searchable, Spend bars
	Cut                         bool // there are more meetings than were counted
}

// trends draws what people would rather look at than read.
func (s *Site) trends(ctx context.Context, v *visit) (answer, error) {
	now := time.Now()
	var made trendsPage
	times, cut, err := s.started(ctx, v.scope(), monday(now).AddDate(0, 0, -7*(trendWeeks-1)))
	if err != nil {
		return answer{}, err
	}
	made.Cut = cut
	made.Meetings = plot("meetings", "Meetings a week", "Week from", "Meetings", weeks(now, trendWeeks, times))
	made.Meetings.None = "No meeting in these weeks."
	spent, err := s.spent(ctx, v.session.org, now)
	if err != nil {
		return answer{}, err
	}
	made.Spend = plot("spend", "Spent on learning a day", "Day", "Spent", spent)
	made.Spend.None = "Nothing was spent in these two weeks: no model that costs has been asked."
	if s.Gatherer != nil {
		waits, err := waitsOf(s.Gatherer)
		if err != nil {
			return answer{}, err
		}
		made.Searchable = plot("searchable", "From receipt to searchable, in this process", "Within", "Meetings", waits)
		made.Searchable.None = "This process has stored nothing since it started."
	}
	return answer{name: "trends", title: "Trends", data: made}, nil
}

// started is when the meetings since then started.
func (s *Site) started(ctx context.Context, scope schemas.Scope, since time.Time) (times []time.Time, cut bool, err error) {
	q := schemas.MeetingQuery{Scope: scope, Since: since, Limit: 500}
	for {
		page, err := s.local.Meetings(ctx, q)
		if err != nil {
			return nil, false, err
		}
		for _, m := range page {
			times = append(times, m.StartedAt)
		}
		if len(page) < q.Limit {
			return times, false, nil
		}
		if len(times) >= mostCounted {
			return times, true, nil
		}
		q.Before = page[len(page)-1].ID
	}
}

// spent is by day. The store sums up from a time on, so a day is the difference
// of two sums.
func (s *Site) spent(ctx context.Context, org string, now time.Time) ([]bar, error) {
	today := now.UTC().Truncate(24 * time.Hour)
	all := make([]bar, trendDays)
	var later int64
	for i := range all {
		day := today.AddDate(0, 0, -i)
		costs, err := s.Store.Costs(ctx, schemas.CostQuery{Org: org, Since: day})
		if err != nil {
			return nil, err
		}
		spent := float64(costs.Total.Micros-later) / 1e6
		later = costs.Total.Micros
		all[trendDays-1-i] = bar{Label: day.Format("2 Jan 2006"), Value: spent, Text: strconv.FormatFloat(spent, 'f', 2, 64)}
	}
	return all, nil
}

// waitsOf is how many meetings were searchable within which time, of those that
// this process has stored entries of.
func waitsOf(from prometheus.Gatherer) ([]bar, error) {
	families, err := from.Gather()
	if err != nil {
		return nil, fmt.Errorf("gathering metrics: %w", err)
	}
	within := make(map[float64]uint64) // upper bound, in seconds -> meetings
	for _, f := range families {
		if f.GetName() != "leadline_sink_since_receipt_seconds" {
			continue
		}
		for _, m := range f.GetMetric() {
			if !strings.HasSuffix(labelOf(m, "sink"), "-entries") {
				continue
			}
			for _, b := range m.GetHistogram().GetBucket() {
				within[b.GetUpperBound()] += b.GetCumulativeCount()
			}
		}
	}
	bounds := make([]float64, 0, len(within))
	for bound := range within {
		bounds = append(bounds, bound)
	}
	slices.SortFunc(bounds, cmp.Compare)
	var all []bar
	before := uint64(0)
	for _, bound := range bounds {
		n := within[bound] - before
		before = within[bound]
		label := strconv.FormatFloat(bound, 'g', 3, 64) + " s"
		switch {
		case math.IsInf(bound, 1):
			label = "longer"
		case bound >= 60:
			label = spoken(time.Duration(bound) * time.Second)
		}
		all = append(all, bar{Label: label, Value: float64(n), Text: strconv.FormatUint(n, 10)})
	}
	return all, nil
}

func labelOf(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}
