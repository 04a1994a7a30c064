package pages

import (
	"strconv"
	"time"
)

// bars is a plot that the server draws: numbers by what they are of. Its table
// says the same to who does not see it.
type bars struct {
	ID, Title string
	What      string // heading of the labels: Week
	Unit      string // heading of the numbers: Meetings
	Bars      []bar
	Width     int
	Most      string // the number at the top
	None      string // what to say where there is nothing to draw
}

// bar is one number with its place in a plot of barHeight.
type bar struct {
	Label, Text string
	Value       float64
	X, Y, H     float64
}

const (
	barHeight = 120
	barWidth  = 24 // with the space beside it
)

// plot places the bars: the largest fills the height.
func plot(id, title, what, unit string, all []bar) bars {
	most := 0.0
	top := ""
	for _, b := range all {
		if b.Value > most {
			most, top = b.Value, b.Text
		}
	}
	for i := range all {
		all[i].X = float64(i * barWidth)
		if most > 0 {
			all[i].H = all[i].Value / most * barHeight
		}
		all[i].Y = barHeight - all[i].H
	}
	return bars{ID: id, Title: title, What: what, Unit: unit, Bars: all, Width: max(1, len(all)) * barWidth, Most: top}
}

// First is the label on the left.
func (b bars) First() string { return b.Bars[0].Label }

// Last is the label on the right.
func (b bars) Last() string { return b.Bars[len(b.Bars)-1].Label }

// Empty says that there is nothing to draw.
func (b bars) Empty() bool { return b.Most == "" }

// monday is the start of the week, in UTC.
func monday(at time.Time) time.Time {
	day := at.UTC().Truncate(24 * time.Hour)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

// weeks counts times in the weeks up to now.
func weeks(now time.Time, n int, times []time.Time) []bar {
	first := monday(now).AddDate(0, 0, -7*(n-1))
	all := make([]bar, n)
	for i := range all {
		all[i].Label = first.AddDate(0, 0, 7*i).Format("2 Jan 2006")
	}
	for _, at := range times {
		if i := int(at.Sub(first) / (7 * 24 * time.Hour)); !at.Before(first) && i < n {
			all[i].Value++
		}
	}
	for i := range all {
		all[i].Text = strconv.Itoa(int(all[i].Value))
	}
	return all
}
