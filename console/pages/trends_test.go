package pages

import (
	"testing"
	"time"
)

func TestMeetingsAreCountedInTheirWeeks(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 23, 12, 0, 0, 0, time.UTC) // a Wednesday
	at := func(day int) time.Time { return time.Date(2026, 9, day, 0, 0, 0, 0, time.UTC) }
	got := weeks(now, 3, []time.Time{at(6), at(7), at(13).Add(23 * time.Hour), at(14), at(21), at(27), at(28)})
	for i, want := range []struct {
		label string
		n     float64
	}{{"7 Sep 2026", 2}, {"14 Sep 2026", 1}, {"21 Sep 2026", 2}} {
		if got[i].Label != want.label || got[i].Value != want.n {
			t.Errorf("week %d is %+v, want %+v", i, got[i], want)
		}
	}
	drawn := plot("id", "title", "Week", "Meetings", got)
	if drawn.Most != "2" || drawn.Bars[0].H != barHeight || drawn.Bars[1].Y != barHeight/2 || drawn.Empty() {
		t.Errorf("%+v", drawn)
	}
	if !plot("id", "title", "Week", "Meetings", weeks(now, 3, nil)).Empty() {
		t.Error("nothing is drawn as something")
	}
}

func TestATimeIsSaidAsPeopleDo(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		time.Second: "1 second", 59 * time.Second: "59 seconds", 90 * time.Second: "1 minute", time.Hour: "1 hour",
		13107 * time.Second: "3 hours 38 minutes",
	} {
		if got := spoken(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
