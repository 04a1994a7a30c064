package poller_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/ingress/poller"
	"leadline/schemas"
)

// A meeting of the last day is read by each hourly run, and an older one once a day
// and never less.
func TestHourlyRunsReadWhatIsOldOnceADay(t *testing.T) {
	t.Parallel()
	p, err := poller.New(poller.Options{TransactionalID: "t", Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 2, 0, 20, 0, 0, time.UTC)
	connected := start.AddDate(0, -1, 0)
	reads := make(map[string]int)
	const days, meetings = 3, 200
	for hour := range days * 24 {
		id := start.Add(time.Duration(hour) * time.Hour)
		through := id.Add(-time.Hour)
		spare := p.Spared(schemas.SyncCron, through.Add(-14*24*time.Hour), id, through, connected)
		for n := range meetings {
			if name := fmt.Sprint(n); !spare(name, start.Add(-48*time.Hour)) {
				reads[name]++
			}
		}
		if spare("young", through.Add(-23*time.Hour)) || spare("late", id) {
			t.Fatalf("hour %d: a meeting of the last day is left out", hour)
		}
	}
	for n := range meetings {
		if got := reads[fmt.Sprint(n)]; got != days {
			t.Errorf("meeting %d was read %d times in %d days", n, got, days)
		}
	}
}

// Nothing is left out by a run that may be the first to see it.
func TestARunThatIsNoOverlapReadsEverything(t *testing.T) {
	t.Parallel()
	p, err := poller.New(poller.Options{TransactionalID: "t", Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 2, 0, 20, 0, 0, time.UTC)
	through, overlap := now.Add(-time.Hour), now.Add(-time.Hour).AddDate(0, 0, -14)
	for name, spare := range map[string]func(string, time.Time) bool{
		"by hand":                    p.Spared(schemas.SyncManual, overlap, now, through, time.Time{}),
		"after a pause":              p.Spared(schemas.SyncResume, overlap, now, through, time.Time{}),
		"the first":                  p.Spared(schemas.SyncConnect, overlap, now, time.Time{}, time.Time{}),
		"a tick that is the first":   p.Spared(schemas.SyncCron, overlap, now, time.Time{}, time.Time{}),
		"a tick that ends an older":  p.Spared(schemas.SyncCron, overlap.Add(-time.Hour), now, through, time.Time{}),
		"a tick for another account": p.Spared(schemas.SyncCron, overlap, now, through, through.Add(time.Minute)),
	} {
		if spare != nil {
			t.Errorf("%s leaves something out", name)
		}
	}
}
