package poller_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/fathom/simulator"
	"leadline/ingress/poller"
	"leadline/schemas"
)

func TestFirstSyncReadsEveryPageOnceAndKeepsTheBytes(t *testing.T) {
	t.Parallel()
	r := newRig(t, 35)
	p, _ := r.poller(nil)
	r.Start(p.Run)
	began := time.Now()
	r.ask("connect", nil)
	c := r.untilComplete(4)
	exactly(t, r.recordings(), 35)
	if c.Meetings != 35 || !c.Since.IsZero() || c.Through.Before(began.Add(-time.Second)) || c.Through.After(time.Now()) {
		t.Errorf("cursor %+v", c)
	}
	if n := r.calls.count(); n != 4 {
		t.Errorf("%d calls for 4 pages", n)
	}
	for _, rec := range r.Read(schemas.RawMeetings.Name) {
		o := schemas.OriginOf(rec)
		if o.Event != schemas.FathomMeetingReceived || o.Provider != "fathom" || o.Org != "lanternfish" ||
			o.Connection != "default" || o.Source != schemas.SourcePoll || !strings.Contains(o.Delivery, "/") || o.Received.IsZero() {
			t.Fatalf("origin %+v", o)
		}
		if !strings.Contains(string(rec.Value), `"unknown_field": [1,  2]`) {
			t.Fatalf("bytes were changed: %s", rec.Value)
		}
	}
	for _, part := range []string{"include_transcript=true", "include_summary=true", "include_action_items=true"} {
		if !strings.Contains(r.calls.queries[0], part) {
			t.Errorf("query %q has no %s", r.calls.queries[0], part)
		}
	}
}

func TestACrashAnywhereLosesNothingAndCommitsNothingTwice(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]int{"before the fetch": 1, "between fetch and commit": 2, "after the commit": 3, "inside the transaction": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 35)
			r.ask("connect", nil)
			id, crashes := "", 0
			for {
				p, _ := r.poller(func(o *poller.Options) {
					// A restarted process has the same id, and so ends what its predecessor left open.
					if id == "" {
						id = o.TransactionalID
					}
					o.TransactionalID = id
				})
				reached := 0
				p.CrashAt(func(at int) error {
					// The second page's turn in each life, so that every life gets one page further.
					if at == step {
						if reached++; reached == 2 && crashes < 3 {
							return errors.New("killed")
						}
					}
					return nil
				})
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- p.Run(ctx) }()
				if crashes == 3 {
					r.untilComplete(4)
					cancel()
					if err := <-done; err != nil {
						t.Error(err)
					}
					break
				}
				var err error
				r.Until("crash or end", func() bool {
					select {
					case err = <-done:
						return true
					default:
						c, ok := r.cursor()
						return ok && c.Page == "" && c.Pages == 4
					}
				})
				cancel()
				if err == nil {
					<-done
					break
				}
				crashes++
			}
			if crashes == 0 {
				t.Error("no crash happened")
			}
			exactly(t, r.recordings(), 35)
			if n := r.calls.count(); n > 4+crashes {
				t.Errorf("%d calls for 4 pages and %d crashes: more than the cut pages came twice", n, crashes)
			}
		})
	}
}

func TestLimitsOfTheRecorderAreObeyed(t *testing.T) {
	t.Parallel()
	r := newRig(t, 35)
	if err := r.simulator.SetLimits(simulator.Limits{Calls: 2, Heavy: 2, Window: 4 * time.Second}); err != nil {
		t.Fatal(err)
	}
	p, metrics := r.poller(nil)
	r.Start(p.Run)
	r.ask("connect", nil)
	r.untilComplete(4)
	exactly(t, r.recordings(), 35)
	if refused := counted(t, metrics, "leadline_poller_requests_total", "429"); refused == 0 || refused > 4 {
		t.Errorf("%v calls were refused, want few and not none", refused)
	}
}

func counted(t *testing.T, metrics *prometheus.Registry, name, label string) (sum float64) {
	t.Helper()
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

func TestTwoPollersNeverReadOneConnectionAtATime(t *testing.T) {
	t.Parallel()
	r := newRig(t, 25)
	// A call that has begun goes on for longer than a rebalance takes, so a new owner that does not wait is seen.
	r.calls.latency = 300 * time.Millisecond
	for i := range orgs {
		c := org
		c.Org, c.BaseURL, c.ConnectedAt = fmt.Sprintf("org%d", i), r.url, time.Now()
		r.Connect(c, "key-of-"+c.Org, "")
		connectiontest.Put(r.Rig, schemas.SyncRequests, c.Org+"/fathom/default", &schemas.SyncRequested{
			Org: c.Org, Provider: schemas.Fathom, Connection: "default", Source: "manual", RequestedAt: time.Now(),
		})
	}
	// Members come and go while pages are read: each change takes all partitions away and gives them anew.
	// A member learns of a rebalance from its next heartbeat.
	r.Kafka = append(r.Kafka, kgo.HeartbeatInterval(20*time.Millisecond))
	first, _ := r.poller(nil)
	r.Start(first.Run)
	for i := range 4 {
		r.Until("progress", func() bool { return r.calls.count() > 4*i })
		other, _ := r.poller(nil)
		stop := r.Start(other.Run)
		if i%2 == 0 {
			defer stop()
		} else {
			r.Until("more progress", func() bool { return r.calls.count() > 4*i+4 })
			stop()
		}
	}
	r.Until("all there", func() bool { return len(r.Read(schemas.RawMeetings.Name)) >= orgs*25 })
	r.calls.mu.Lock()
	defer r.calls.mu.Unlock()
	if r.calls.max != 1 {
		t.Errorf("%d calls of one connection at a time", r.calls.max)
	}
}

func TestARequestThatIsThereTwiceIsAPageReadOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, 35)
	p, metrics := r.poller(nil)
	again := true
	p.CrashAt(func(step int) error {
		if step == 3 && again { // the first page is committed; the request for the second is the last record
			again = false
			requests := r.Read(schemas.SyncRequests.Name)
			last := requests[len(requests)-1]
			for range 2 {
				copied := &kgo.Record{Topic: last.Topic, Key: last.Key, Value: last.Value, Headers: last.Headers}
				if err := r.Client().ProduceSync(t.Context(), copied).FirstErr(); err != nil {
					return err
				}
			}
		}
		return nil
	})
	r.Start(p.Run)
	r.ask("connect", nil)
	r.untilComplete(4)
	r.Until("copies answered", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "stale") == 2 })
	exactly(t, r.recordings(), 35)
	if n := r.calls.count(); n != 4 {
		t.Errorf("%d calls for 4 pages", n)
	}
}

func TestATickReadsAnOverlapAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, 3)
	p, _ := r.poller(func(o *poller.Options) { o.Interval, o.Overlap = 400*time.Millisecond, 90*time.Minute })
	r.Start(p.Run)
	r.ask("connect", nil)
	r.untilComplete(1)
	// A recording of an hour ago becomes visible only now.
	if _, _, err := r.simulator.Put(meeting(99, time.Now().Add(-time.Hour)), true); err != nil {
		t.Fatal(err)
	}
	r.Until("the late one", func() bool { return r.recordings()[99] > 0 })
	if n := r.recordings()[3]; n != 1 {
		t.Errorf("a recording outside of the overlap was read %d times", n)
	}
}

func TestAPageAndItsCursorAreThereTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	r := newRig(t, 35)
	p, _ := r.poller(nil)
	at, goOn := make(chan struct{}), make(chan struct{})
	p.CrashAt(func(step int) error {
		if step == 4 { // produced, not committed
			at <- struct{}{}
			<-goOn
		}
		return nil
	})
	r.Start(p.Run)
	r.ask("connect", nil)
	for pages := range 4 {
		<-at
		c, _ := r.cursor()
		meetings := len(r.Read(schemas.RawMeetings.Name))
		if c.Pages != int64(pages) || c.Meetings != int64(meetings) || meetings != 10*pages {
			t.Errorf("in transaction %d: %d meetings, cursor %+v", pages, meetings, c)
		}
		goOn <- struct{}{}
	}
	r.untilComplete(4)
	if n := len(r.Read(schemas.RawMeetings.Name)); n != 35 {
		t.Errorf("%d meetings", n)
	}
}
