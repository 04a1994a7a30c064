package poller_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/poller"
	"leadline/schemas"
)

func TestARefusedKeyStopsTheRunAndIsNotTriedInALoop(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 15)
			p, metrics := r.poller(nil)
			r.Start(p.Run)
			r.calls.refusing(func(query string) int {
				if strings.Contains(query, "cursor=") {
					return status
				}
				return 0
			})
			r.ask("connect", nil)
			r.Until("stopped", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "refused") == 1 })
			calls := r.calls.count()
			// The next request goes on at the page where the run stopped.
			r.calls.refusing(nil)
			r.ask("cron", nil)
			r.untilComplete(2)
			if calls != 2 || r.calls.count() != 3 {
				t.Errorf("%d calls before the stop and %d in all, want 2 and 3", calls, r.calls.count())
			}
			exactly(t, r.recordings(), 15)
		})
	}
}

func TestAnExpiredCursorBeginsTheRunAgainOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, 25)
	p, metrics := r.poller(nil)
	r.Start(p.Run)
	refusals := 0
	r.calls.refusing(func(query string) int {
		if strings.Contains(query, "cursor=") && refusals == 0 {
			refusals++
			return http.StatusBadRequest
		}
		return 0
	})
	r.ask("connect", nil)
	r.untilComplete(3)
	if len(r.recordings()) != 25 || counted(t, metrics, "leadline_poller_restarted_total", "") != 1 {
		t.Errorf("%d recordings, %v restarts", len(r.recordings()), counted(t, metrics, "leadline_poller_restarted_total", ""))
	}
	r.calls.refusing(func(query string) int {
		if strings.Contains(query, "cursor=") {
			return http.StatusBadRequest
		}
		return 0
	})
	before := r.calls.count()
	r.ask("connect", nil)
	r.Until("stopped", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "invalid") == 1 })
	if n := r.calls.count() - before; n != 4 {
		t.Errorf("%d calls, want first page, refusal, first page, refusal", n)
	}
}

func TestTroubleIsTriedAgainAndLosesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, 15)
	p, _ := r.poller(nil)
	r.Start(p.Run)
	n := 0
	r.calls.refusing(func(string) int {
		if n++; n%2 == 1 {
			return http.StatusBadGateway
		}
		return 0
	})
	r.ask("connect", nil)
	r.untilComplete(2)
	exactly(t, r.recordings(), 15)
}

// A recorder in trouble costs the other connections of the batch, and those
// behind it, a turn and not its whole patience.
func TestOneRecordersTroubleDoesNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, 15)
	dead := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	t.Cleanup(dead.Close)
	c := schemas.Connection{Org: "org0", Provider: schemas.Fathom, Ingest: true, LookBackDays: -1, BaseURL: dead.URL, ConnectedAt: time.Now()}
	r.Connect(c, "key-of-org0", "")
	for range 3 { // each would have had a patience of its own
		connectiontest.Put(r.Rig, schemas.SyncRequests, "org0/fathom/default", &schemas.SyncRequested{
			Org: "org0", Provider: schemas.Fathom, Connection: "default", Source: schemas.SyncConnect, RequestedAt: time.Now().UTC(),
		})
	}
	r.ask("connect", nil)
	p, metrics := r.poller(func(o *poller.Options) { o.Patience = 12 * time.Second })
	began := time.Now()
	r.Start(p.Run)
	r.untilComplete(2)
	if took := time.Since(began); took > 11*time.Second {
		t.Errorf("it took %v, with another connection's patience of 12s", took)
	}
	exactly(t, r.recordings(), 15)
	r.Until("given up", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "unavailable") == 3 })
	if n := counted(t, metrics, "leadline_poller_runs_total", "postponed"); n < 3 {
		t.Errorf("postponed %v times", n)
	}
}

// An account that does not answer any more must not hold up the one that took
// its place, whether it refuses or takes the call and says nothing.
func TestAReplacedConnectionIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(*calls){
		"refuses":      func(c *calls) { c.refusing(func(string) int { return http.StatusBadGateway }) },
		"says nothing": func(c *calls) { c.hanging(true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 15)
			p, metrics := r.poller(nil)
			trouble(r.calls)
			r.Start(p.Run)
			r.ask("connect", nil)
			r.Until("tried in vain", func() bool { return r.calls.count() >= 1 })
			c := org
			c.BaseURL, c.ConnectedAt = r.url, time.Now()
			r.Connect(c, apiKey, "")
			r.Until("given up", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "replaced") == 1 })
			r.calls.refusing(nil)
			r.calls.hanging(false)
			r.ask("connect", nil)
			r.untilComplete(2)
			exactly(t, r.recordings(), 15)
		})
	}
}

func TestRequestsThatCannotBeServedLeaveTheQueue(t *testing.T) {
	t.Parallel()
	r := newRig(t, 5)
	p, metrics := r.poller(nil)
	r.Start(p.Run)
	off := org
	off.Name, off.Ingest, off.BaseURL = "off", false, r.url
	r.Connect(off, apiKey, "")
	for _, name := range []string{"gone", "off"} {
		connectiontest.Put(r.Rig, schemas.SyncRequests, "lanternfish/fathom/"+name, &schemas.SyncRequested{
			Org: "lanternfish", Provider: schemas.Fathom, Connection: name, Source: "manual", RequestedAt: time.Now(),
		})
	}
	bad := &kgo.Record{Topic: schemas.SyncRequests.Name, Key: []byte("lanternfish/fathom/default"), Value: []byte("not a value")}
	if err := r.Client().ProduceSync(t.Context(), bad).FirstErr(); err != nil {
		t.Fatal(err)
	}
	r.ask("manual", nil)
	r.untilComplete(1)
	letters := r.Read(schemas.SyncRequests.DeadLetters())
	if len(letters) != 1 || string(letters[0].Value) != "not a value" {
		t.Errorf("dead letters %v", letters)
	}
	for _, result := range []string{"skipped", "off", "rejected", "complete"} {
		if n := counted(t, metrics, "leadline_poller_runs_total", result); n != 1 {
			t.Errorf("%v requests were %s", n, result)
		}
	}
	if n := r.calls.count(); n != 1 {
		t.Errorf("%d calls", n)
	}
	if o := schemas.OriginOf(r.Read(schemas.RawMeetings.Name)[0]); o.Source != schemas.SourceManual {
		t.Errorf("source %s", o.Source)
	}
}
