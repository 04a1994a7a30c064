package poller_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/ingress/fathom"
	"leadline/ingress/fathom/simulator"
	"leadline/ingress/poller"
	"leadline/schemas"
)

// A year of one customer's meetings, in windows of a second instead of a minute.
func TestAThousandMeetingsWithLimitsAndACrashInTheMiddle(t *testing.T) {
	t.Parallel()
	const meetings, pages = 1000, 100
	limits := simulator.Limits{Calls: 60, Heavy: 30, Window: time.Second}
	r := newRig(t, meetings)
	if err := r.simulator.SetLimits(limits); err != nil {
		t.Fatal(err)
	}
	r.Recorders[schemas.Fathom] = fathom.Recorder{Calls: limits.Calls, Heavy: limits.Heavy, Window: limits.Window}
	r.ask("connect", nil)

	crashing, first := r.poller(nil)
	reached := 0
	crashing.CrashAt(func(step int) error {
		if step == 2 { // read, not committed: the worst place
			if reached++; reached == pages/2 {
				return errors.New("killed")
			}
		}
		return nil
	})
	if err := crashing.Run(t.Context()); err == nil {
		t.Fatal("no crash happened")
	}
	restarted, second := r.poller(func(o *poller.Options) { o.TransactionalID = "poller-1" })
	r.Start(restarted.Run)
	r.untilComplete(pages)
	exactly(t, r.recordings(), meetings)
	times := make(map[string]int)
	for _, query := range r.calls.queries {
		times[query]++
	}
	twice := 0
	for _, n := range times {
		twice += n - 1
	}
	refused := counted(t, first, "leadline_poller_requests_total", "429") + counted(t, second, "leadline_poller_requests_total", "429")
	if twice > 1+int(refused) || len(times) != pages {
		t.Errorf("%d pages, %d calls more than those, %v of them refused", len(times), twice, refused)
	}
	if refused > 1 { // the call in flight
		t.Errorf("%v calls were over the limit", refused)
	}
}

// The page that the recorder refused is asked for again, and what comes after it comes more slowly.
func TestALowerLimitIsFoundOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, 60)
	if err := r.simulator.SetLimits(simulator.Limits{Calls: 60, Heavy: 2, Window: time.Second}); err != nil {
		t.Fatal(err)
	}
	r.Recorders[schemas.Fathom] = fathom.Recorder{Calls: 60, Heavy: 30, Window: time.Second}
	p, metrics := r.poller(nil)
	r.Start(p.Run)
	r.ask("connect", nil)
	r.untilComplete(6)
	exactly(t, r.recordings(), 60)
	if refused := counted(t, metrics, "leadline_poller_requests_total", "429"); refused == 0 || refused > 5 {
		t.Errorf("%v calls were refused, want few and not none", refused)
	}
}

// What a rebalance leaves in the client is given back before there is work: without that the first page of a run is read
// and thrown away.
func TestARebalanceCostsNoCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, 35)
	p, metrics := r.poller(func(o *poller.Options) { o.Interval = time.Minute }) // it looks up from waiting every second
	r.Start(p.Run)
	r.ask("connect", nil)
	r.untilComplete(4)
	other, _ := r.poller(nil)
	stop := r.Start(other.Run)
	r.Until("the other one takes part", func() bool { return len(r.members()) == 2 })
	stop()
	r.Until("alone again", func() bool { return len(r.members()) == 1 })
	// Requests that come with the rebalance are given back in any case; this one comes when the dust has settled.
	<-time.After(1200 * time.Millisecond)
	r.ask("manual", nil)
	r.Until("complete again", func() bool {
		c, _ := r.cursor()
		return c.Page == "" && c.Pages == 4 && c.Source == schemas.SyncManual
	})
	if calls, pages := r.calls.count(), counted(t, metrics, "leadline_poller_pages_total", ""); calls != int(pages) {
		t.Errorf("%d calls for %v pages", calls, pages)
	}
}

func TestLimitsThatCannotBeKeptAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	for _, limits := range []fathom.Recorder{{Calls: -1}, {Heavy: -1}, {Window: -time.Second}} {
		r.Recorders[schemas.Fathom] = limits
		_, err := poller.New(poller.Options{
			Kafka: r.Kafka, Codec: r.Codec, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
			Recorders: r.Recorders, TransactionalID: "x",
		})
		if err == nil {
			t.Errorf("limits %+v were taken", limits)
		}
	}
}
