package poller_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/ingress/fathom"
	"leadline/ingress/fathom/simulator"
	"leadline/ingress/poller"
	"leadline/ingress/recorder"
	"leadline/ingress/zoom"
	zoomsimulator "leadline/ingress/zoom/simulator"
	"leadline/schemas"
)

const (
	yearMeetings = 1000
	yearEvery    = 365 * 24 * time.Hour / yearMeetings
)

// year is a customer's year at a recorder that counts calls, with its time made short.
type year struct {
	*rig
	provider   string
	begin      func()   // a process begins, and knows nothing of what the one before knew
	recordings []string // what has to be there
	listing    string   // what only the path of a page of the listing has in it
	perPage    int      // most calls that a page takes, all told
	inFlight   int      // most calls at a time
}

// fathomYear has windows of a second instead of a minute.
func fathomYear(t *testing.T) year {
	t.Helper()
	limits := simulator.Limits{Calls: 60, Heavy: 30, Window: time.Second}
	r := newRigOf(t, yearMeetings, yearEvery)
	if err := r.simulator.SetLimits(limits); err != nil {
		t.Fatal(err)
	}
	y := year{rig: r, provider: schemas.Fathom, listing: "/meetings?", perPage: 1, inFlight: 1}
	y.begin = func() {
		r.Recorders[schemas.Fathom] = fathom.Recorder{Calls: limits.Calls, Heavy: limits.Heavy, Window: limits.Window}
	}
	for i := range yearMeetings {
		y.recordings = append(y.recordings, fmt.Sprint(i+1))
	}
	return y
}

// hurry is how many times faster time goes by for the simulated Zoom, which counts by seconds, and for what keeps to its limits.
const hurry = 40

type hurried struct{ *zoom.Recorder }

func (h hurried) Limits() []recorder.Limit {
	limits := h.Recorder.Limits()
	for i := range limits {
		limits[i].Window /= hurry
	}
	return limits
}

// zoomYear is of four hosts with a Pro account. In every tenth meeting there is somebody without an address, whom only the
// report may know: a heavy call.
func zoomYear(t *testing.T) year {
	t.Helper()
	began := time.Now()
	credential := zoom.Credential{AccountID: "account", ClientID: "client", ClientSecret: apiKey}
	sim, err := zoomsimulator.New(zoomsimulator.Options{
		Credential: credential, SecretToken: apiKey, Limits: zoomsimulator.ProLimits(),
		Clock: func() time.Time { return began.Add(hurry * time.Since(began)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	key, err := credential.Text()
	if err != nil {
		t.Fatal(err)
	}
	y := year{rig: newRig(t, 0), provider: schemas.Zoom, listing: "/users/", perPage: 1 + 10*6, inFlight: 4}
	y.begin = func() { y.Recorders[schemas.Zoom] = hurried{zoom.New(zoom.Pro)} }
	for i := range yearMeetings {
		uuid, start := fmt.Sprintf([]string{"/%dAAAA==", "%d//B+B==", "%dCCCC=="}[i%3], i), began.Add(-time.Duration(i)*yearEvery).UTC().Format(time.RFC3339)
		host, guest := fmt.Sprintf("host%d@ours.example", i%4), "guest@customer.example"
		if i%10 == 0 {
			guest = ""
		}
		recording, err := schemas.ZoomRecordingID(uuid)
		if err != nil {
			t.Fatal(err)
		}
		y.recordings = append(y.recordings, recording)
		if _, err := sim.Put(zoomsimulator.Meeting{
			Host: zoomsimulator.Host{ID: host, Email: host, Name: host},
			Recording: map[string]any{
				"uuid": uuid, "id": float64(80_000_000_000 + i), "start_time": start, "duration": 12.0,
				"recording_files": []any{map[string]any{"id": fmt.Sprint(i), "file_type": "TRANSCRIPT", "recording_start": start}},
			},
			Participants: []map[string]any{{"name": "Host", "user_email": host}, {"name": "Guest", "user_email": guest}},
			Summary:      map[string]any{"summary_content": "As agreed."}, VTT: []string{"WEBVTT\n\n00:01.000 --> 00:02.000\nHost: Hello.\n"},
		}, true); err != nil {
			t.Fatal(err)
		}
	}
	// The rig's Fathom is switched off: it would be read, too.
	off := org
	off.Ingest = false
	y.Connect(off, apiKey, "")
	y.Connect(schemas.Connection{
		Org: org.Org, Provider: schemas.Zoom, Ingest: true, BaseURL: server.URL + zoomsimulator.BasePath, ConnectedAt: began,
	}, key, "")
	return y
}

// Its rows are parallel to each other alone: other tests have moments that must not be missed, and it makes thousands of calls.
func TestAYearWithLimitsAndACrashInTheMiddle(t *testing.T) {
	for provider, of := range map[string]func(*testing.T) year{schemas.Fathom: fathomYear, schemas.Zoom: zoomYear} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			const crashAt = 50 // pages; there are some hundred
			y := of(t)
			since := time.Now().AddDate(-1, 0, -1)
			y.askOf(y.provider, schemas.SyncConnect, &since)
			y.begin()
			crashing, _ := y.poller(nil)
			reached := 0
			crashing.CrashAt(func(step int) error {
				if step == 2 { // read, not committed: the worst place
					if reached++; reached == crashAt {
						return errors.New("killed")
					}
				}
				return nil
			})
			inTime, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := crashing.Run(inTime); err == nil {
				t.Fatal("no crash happened")
			}
			y.begin()
			restarted, metrics := y.poller(func(o *poller.Options) { o.TransactionalID = "poller-1" })
			y.Start(restarted.Run)
			y.Until("complete", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "complete") == 1 })
			times := make(map[string]int)
			for _, rec := range y.Read(schemas.RawMeetings.Name) {
				times[schemas.OriginOf(rec).Recording]++
			}
			for _, recording := range y.recordings {
				if times[recording] != 1 {
					t.Errorf("recording %s is there %d times", recording, times[recording])
				}
			}
			if len(times) != len(y.recordings) {
				t.Errorf("%d recordings, want %d", len(times), len(y.recordings))
			}
			y.callsAreFew(t)
		})
	}
}

// callsAreFew says that no page was fetched twice but the one that the crash cut, and that the limits were kept.
func (y year) callsAreFew(t *testing.T) {
	t.Helper()
	pages, again, more := 0, 0, 0
	y.calls.mu.Lock()
	defer y.calls.mu.Unlock()
	for path, n := range y.calls.paths {
		if strings.Contains(path, y.listing) {
			pages++
			again += n - 1
		}
		if !strings.Contains(path, "/oauth/") && !strings.Contains(path, "/users?") { // what a new process has to ask for anew
			more += n - 1
		}
	}
	if pages < yearMeetings/10 || again > 1+y.calls.refused || more > y.perPage+y.calls.refused {
		t.Errorf("%d pages; %d calls for a page that had been read, %d calls that had been made; %d were refused", pages, again, more, y.calls.refused)
	}
	if y.calls.refused > y.inFlight {
		t.Errorf("%d calls were over the limit, with %d in flight", y.calls.refused, y.inFlight)
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
