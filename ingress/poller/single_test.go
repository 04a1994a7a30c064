package poller_test

import (
	"bytes"
	"testing"
	"time"

	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/poller"
	"leadline/schemas"
)

func TestARecordingThatADeliveryNamesIsFetchedWholeAndAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, 15)
	const body = `{"recording_id": 77, "of": "the third recorder"}`
	r.Recorders["third"] = connectiontest.Third{Recordings: map[string]string{"77": body, "78": "not asked for"}}
	c := schemas.Connection{Org: "lanternfish", Provider: "third", Ingest: true, ConnectedAt: time.Now()}
	r.Connect(c, "account", "")
	p, metrics := r.poller(nil)
	r.Start(p.Run)
	for _, recording := range []string{"77", "gone"} {
		connectiontest.Put(r.Rig, schemas.SyncRequests, "lanternfish/third/default", &schemas.SyncRequested{
			Org: "lanternfish", Provider: "third", Connection: "default", Source: schemas.SyncWebhook,
			RequestedAt: time.Now(), Recording: recording,
		})
	}
	r.Until("answered", func() bool {
		return counted(t, metrics, "leadline_poller_runs_total", "fetched") == 1 && counted(t, metrics, "leadline_poller_runs_total", "gone") == 1
	})
	records := r.Read(schemas.RawMeetings.Name)
	if len(records) != 1 || !bytes.Equal(records[0].Value, []byte(body)) || schemas.OriginOf(records[0]).Source != schemas.SourceFetch {
		t.Errorf("%d records: %v", len(records), records)
	}
	if _, read := r.cursor(); read {
		t.Error("a single recording moved the cursor")
	}
}

func TestResumingReadsWhatWasMissedAndWhatTheSwitchCut(t *testing.T) {
	t.Parallel()
	r := newRig(t, 25) // one an hour
	p, metrics := r.poller(func(o *poller.Options) { o.Overlap = time.Hour })
	reached, goOn := make(chan struct{}), make(chan struct{})
	pages := 0
	p.CrashAt(func(step int) error {
		if step == 3 {
			if pages++; pages == 2 { // the first of the long run's three pages is committed
				close(reached)
				<-goOn
			}
		}
		return nil
	})
	r.Start(p.Run)
	today, ever := time.Now().Add(-90*time.Minute), time.Unix(0, 0)
	r.ask("connect", &today)
	r.untilComplete(1)
	r.ask("manual", &ever)
	<-reached
	c, _ := r.connection()
	off := c
	off.Ingest = false
	connectiontest.Put(r.Rig, schemas.Connections, "lanternfish/fathom/default", &off)
	close(goOn)
	r.Until("off", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "off") == 1 })
	if _, _, err := r.simulator.Put(meeting(99, time.Now()), true); err != nil {
		t.Fatal(err)
	}
	connectiontest.Put(r.Rig, schemas.Connections, "lanternfish/fathom/default", &c)
	r.ask("resume", nil)
	r.untilComplete(3)
	seen := r.recordings()
	if len(seen) != 26 || seen[99] != 1 {
		t.Errorf("%d recordings, the new one %d times", len(seen), seen[99])
	}
}

func TestASecondRequestJoinsARunUnlessItReachesFurtherBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, 35)
	p, metrics := r.poller(nil)
	asked := false
	p.CrashAt(func(step int) error {
		if step == 3 && !asked {
			asked = true
			r.ask("manual", nil)
			r.ask("cron", nil)
		}
		return nil
	})
	r.Start(p.Run)
	r.ask("connect", nil)
	r.untilComplete(4)
	r.Until("joined", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "joined") == 2 })
	exactly(t, r.recordings(), 35)
	if n := r.calls.count(); n != 4 {
		t.Errorf("%d calls for 4 pages", n)
	}
}

// What a delivery says of a recording that is gone is asked again: it may be late, or be of one file.
func TestARecordingThatIsGoneIsMarkedAndOneThatIsThereIsRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1)
	const body = `{"recording_id": 77}`
	r.Recorders["third"] = connectiontest.Third{Recordings: map[string]string{"77": body}}
	c := schemas.Connection{Org: "lanternfish", Provider: "third", Ingest: true, ConnectedAt: time.Now()}
	r.Connect(c, "account", "")
	p, metrics := r.poller(nil)
	r.Start(p.Run)
	for _, recording := range []string{"77", "78"} {
		connectiontest.Put(r.Rig, schemas.SyncRequests, "lanternfish/third/default", &schemas.SyncRequested{
			Org: "lanternfish", Provider: "third", Connection: "default", Source: schemas.SyncWebhook,
			RequestedAt: time.Now(), Recording: recording, Gone: true,
		})
	}
	r.Until("answered", func() bool {
		return counted(t, metrics, "leadline_poller_runs_total", "fetched") == 1 && counted(t, metrics, "leadline_poller_runs_total", "gone_marked") == 1
	})
	records := r.Read(schemas.RawMeetings.Name)
	if len(records) != 2 || !bytes.Equal(records[0].Value, []byte(body)) {
		t.Fatalf("%d records: %v", len(records), records)
	}
	o := schemas.OriginOf(records[1])
	if provider, gone := schemas.GoneProvider(o.Event); !gone || provider != "third" || o.Recording != "78" || o.Org != "lanternfish" || len(records[1].Value) != 0 {
		t.Errorf("%+v", o)
	}
}
