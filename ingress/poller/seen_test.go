package poller_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/recorder"
	"leadline/schemas"
)

// newSeenRig is one whose meetings a first run has listed.
func newSeenRig(t *testing.T, meetings int) (*rig, *prometheus.Registry) {
	t.Helper()
	r := newRig(t, meetings)
	p, metrics := r.poller(nil)
	r.Start(p.Run)
	r.ask("connect", nil)
	r.untilComplete(int64(meetings+9) / 10)
	return r, metrics
}

// remove deletes meetings at the recorder.
func (r *rig) remove(recordings ...int) {
	r.T.Helper()
	for _, recording := range recordings {
		req, err := http.NewRequestWithContext(r.T.Context(), http.MethodDelete,
			fmt.Sprintf("%s/control/meetings/%d", strings.TrimSuffix(r.url, "/external/v1"), recording), nil)
		if err != nil {
			r.T.Fatal(err)
		}
		resp, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			r.T.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode/100 != 2 {
			r.T.Fatalf("removing %d: %d", recording, resp.StatusCode)
		}
	}
}

// bringBack lets a meeting of the rig's exist again.
func (r *rig) bringBack(recording int64) {
	r.T.Helper()
	if _, _, err := r.simulator.Put(meeting(recording, time.Now().Add(-time.Duration(recording-1)*time.Hour)), true); err != nil {
		r.T.Fatal(err)
	}
}

// listing asks for one more run of two weeks, and returns its cursor.
func (r *rig) listing(pages int64) schemas.SyncCursor {
	r.T.Helper()
	before, _ := r.cursor()
	since := time.Now().AddDate(0, 0, -14)
	r.ask("manual", &since)
	var c schemas.SyncCursor
	r.Until("one more run", func() bool {
		c, _ = r.cursor()
		return c.Page == "" && c.Pages == pages && c.Through.After(before.Through)
	})
	return c
}

// erased are the recordings that were said to be gone.
func (r *rig) erased() (gone []string) {
	r.T.Helper()
	for _, rec := range r.Read(schemas.RawMeetings.Name) {
		if o := schemas.OriginOf(rec); o.Source == schemas.SourceErase {
			gone = append(gone, o.Recording)
		}
	}
	return gone
}

func TestAMeetingIsErasedWhenTwoListingsLackIt(t *testing.T) {
	t.Parallel()
	r, metrics := newSeenRig(t, 12)
	r.remove(3, 5)
	r.listing(1)
	if gone := r.erased(); len(gone) != 0 {
		t.Errorf("%v are gone by one listing's word", gone)
	}
	r.bringBack(5)
	r.listing(2)
	if gone := r.erased(); fmt.Sprint(gone) != "[3]" {
		t.Errorf("%v are gone, want 3 alone: 5 came back", gone)
	}
	for range 2 {
		r.listing(2)
	}
	if gone := r.erased(); len(gone) != 1 || counted(t, metrics, "leadline_poller_vanished_total", "erased") != 1 {
		t.Errorf("%v are gone", gone)
	}
}

func TestMoreThanAQuarterAtATimeIsNotErased(t *testing.T) {
	t.Parallel()
	r, metrics := newSeenRig(t, 11)
	r.remove(2, 4, 6)
	r.listing(1)
	c := r.listing(1)
	if gone := r.erased(); len(gone) != 0 || c.Vanished != 3 {
		t.Errorf("%v are gone, %d held back", gone, c.Vanished)
	}
	// Counted when the transaction is over, which is after others can read it.
	r.Until("counted", func() bool { return counted(t, metrics, "leadline_poller_vanished_total", "held_back") == 3 })
	r.bringBack(2)
	c = r.listing(1)
	if gone := r.erased(); len(gone) != 2 || c.Vanished != 0 {
		t.Errorf("%v are gone, %d held back, of two of eleven", gone, c.Vanished)
	}
}

func TestWhatAnotherConnectionMaySeeIsNotErased(t *testing.T) {
	t.Parallel()
	r, _ := newSeenRig(t, 12)
	other := org
	other.Name, other.BaseURL, other.ConnectedAt, other.Ingest = "second", r.url, time.Now(), false
	r.Connect(other, "key-of-org0", "")
	r.remove(3)
	r.listing(2)
	if c := r.listing(2); len(r.erased()) != 0 || c.Vanished != 1 {
		t.Errorf("%v are gone, %d held back", r.erased(), c.Vanished)
	}
}

// emptied lists five meetings, and of the third no body from its second page on.
type emptied struct {
	connectiontest.Third
	pages *atomic.Int32
}

func (e emptied) Page(context.Context, recorder.Account, recorder.Query) (p recorder.Page, err error) {
	page := e.pages.Add(1)
	for i := range 5 {
		d := recorder.Document{Event: schemas.FathomMeetingReceived, Recording: fmt.Sprint(i), CreatedAt: time.Now().Add(-time.Hour), Transcript: true, Summary: true}
		if i != 3 || page == 1 {
			d.Body = meeting(int64(i), d.CreatedAt)
		}
		p.Documents = append(p.Documents, d)
	}
	return p, nil
}

func TestAMeetingThatIsListedAndCannotBeReadIsKept(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	r.Recorders["third"] = emptied{pages: new(atomic.Int32)}
	r.Connect(schemas.Connection{Org: org.Org, Provider: "third", Ingest: true, LookBackDays: 1, ConnectedAt: time.Now()}, "key", "")
	p, metrics := r.poller(nil)
	r.Start(p.Run)
	for run := range 4 {
		r.askOf("third", schemas.SyncConnect, nil)
		r.Until("one more run", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "complete") == float64(run+1) })
	}
	if seen := r.recordings(); seen[3] != 1 || seen[4] != 4 || len(r.erased()) != 0 {
		t.Errorf("read %v, erased %v", seen, r.erased())
	}
}

// What an earlier account listed says nothing about what this one should.
func TestAConnectionThatIsMadeAnewErasesNothingOfTheOneBefore(t *testing.T) {
	t.Parallel()
	r, _ := newSeenRig(t, 12)
	r.remove(3)
	c := org
	c.BaseURL, c.ConnectedAt = r.url, time.Now()
	r.Connect(c, apiKey, "")
	for range 3 {
		r.listing(2)
	}
	if gone := r.erased(); len(gone) != 0 {
		t.Errorf("%v are gone", gone)
	}
}

func TestADeliveryIsNotedAndFetchesNothing(t *testing.T) {
	t.Parallel()
	r, metrics := newSeenRig(t, 3)
	calls := r.calls.count()
	for _, recording := range []string{"2", "77", ""} {
		connectiontest.Put(r.Rig, schemas.SyncRequests, "lanternfish/fathom/default", &schemas.SyncRequested{
			Org: "lanternfish", Provider: schemas.Fathom, Connection: "default", Source: schemas.SyncWebhook, Recording: recording, Stored: true,
			RequestedAt: time.Now().UTC(),
		})
	}
	r.Until("all are noted", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "announced") == 3 })
	check := func(when string, c schemas.SyncCursor) {
		t.Helper()
		announced := make(map[string]bool)
		for _, e := range c.Seen {
			announced[e.Recording] = e.Announced
		}
		if fmt.Sprint(announced) != "map[1:false 2:true 3:false 77:true]" || c.DeliveredAt == nil {
			t.Errorf("%s: %v at %v", when, announced, c.DeliveredAt)
		}
	}
	c, _ := r.cursor()
	check("noted", c)
	if n := r.calls.count(); n != calls || c.Pages != 1 || c.Page != "" {
		t.Errorf("%d calls more, cursor %+v", n-calls, c)
	}
	check("after the next run", r.listing(1))
}
