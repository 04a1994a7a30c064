package connectiontest

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"

	"leadline/ingress/connection"
	"leadline/ingress/poller"
	"leadline/ingress/recorder"
	"leadline/ingress/webhook"
	"leadline/schemas"
)

// Recorder is one with a simulated account, for Life. Its numbers name recordings, from 0.
type Recorder struct {
	Provider string
	Recorder recorder.Recorder
	// Request connects the account; Org and PublicURL are the suite's.
	Request connection.Request
	// Wrong is a credential that the account refuses.
	Wrong recorder.Secret
	// Add makes a recording that is listed already, and tells nobody; End makes one and delivers it.
	Add, End func(n int) error
	// Partly makes a recording that is listed without transcript and summary; Finish adds them. Neither tells anybody for as
	// long as nobody subscribed by hand.
	Partly, Finish func(n int) error
	// Again delivers one again.
	Again func(n int) error
	// Subscribe makes the webhook by hand at a recorder that wants it so; nil for the others.
	Subscribe func(url string) error
	// Drained waits until nothing is on its way, and returns how many deliveries were accepted and how many were not.
	Drained func(ctx context.Context) (accepted, refused int, err error)
	// NumberOf finds the number in a raw record's body.
	NumberOf func(body []byte) (int, bool)
	// Secrets must be nowhere in clear.
	Secrets []string
}

// late is the number of the recording that is not complete at first.
const late = 28

// life is a recorder's connection, with all who serve it.
type life struct {
	*Rig
	of        Recorder
	connector *connection.Connector
	table     *connection.Table
	url       string
}

// Life leads a connection of a recorder from its beginning to its end: what every recorder has to do.
func Life(t *testing.T, of Recorder) {
	l := newLife(t, of)
	for n := range 25 {
		l.try(of.Add(n))
	}
	l.try(of.Partly(late))
	l.wrongCredential()

	made, err := l.connector.Connect(t.Context(), l.of.Request)
	l.try(err)
	l.until("the first sync", 26)
	l.try(of.Finish(late))
	l.completed()
	if of.Subscribe != nil {
		l.try(of.Subscribe(l.url + "/api/integrations/" + of.Provider + "/webhook"))
	}

	l.try(of.End(25))
	l.until("a delivery", 27)
	l.try(of.Again(25))
	if _, refused := l.drained(); refused > 0 {
		t.Errorf("%d deliveries were refused", refused)
	}

	l.try(of.Add(26))
	l.try(l.connector.Sync(t.Context(), made.Org, made.Provider, made.Name, time.Now().AddDate(0, 0, -60)))
	l.until("a manual sync", 28)

	l.try(l.connector.SetIngest(t.Context(), made.Org, made.Provider, made.Name, false))
	l.try(l.table.CatchUp(t.Context()))
	before := len(l.Read(schemas.RawMeetings.Name)) + len(l.Read(schemas.SyncRequests.Name))
	l.try(of.End(27))
	if _, refused := l.drained(); refused > 0 {
		t.Errorf("%d deliveries to a paused connection were refused", refused)
	}
	if after := len(l.Read(schemas.RawMeetings.Name)) + len(l.Read(schemas.SyncRequests.Name)); after != before {
		t.Errorf("a paused connection stored %d records", after-before)
	}
	l.try(l.connector.SetIngest(t.Context(), made.Org, made.Provider, made.Name, true))
	l.until("what was missed", 29)

	accepted, _ := l.drained()
	l.try(l.connector.Disconnect(t.Context(), made.Org, made.Provider, made.Name, false))
	l.try(l.table.CatchUp(t.Context()))
	l.try(of.Again(25))
	if late, _ := l.drained(); late != accepted {
		t.Errorf("%d deliveries were accepted after the end", late-accepted)
	}
	l.secrets()
}

func newLife(t *testing.T, of Recorder) *life {
	l := &life{Rig: New(t), of: of}
	l.Recorders = recorder.Table{of.Provider: of.Recorder}
	l.table = l.Table()
	l.connector = connection.NewConnector(l.Options(), l.Recorders, l.table, l.Sealer, nil)
	log, metrics := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	receiving, err := webhook.New(webhook.Options{
		Kafka: l.Kafka, Codec: l.Codec, Log: log, Metrics: metrics, Recorders: l.Recorders, Connections: l.table, Sealer: l.Sealer,
	})
	l.try(err)
	t.Cleanup(receiving.Close)
	router := mux.NewRouter()
	receiving.Mount(router)
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	l.url = server.URL
	polling, err := poller.New(poller.Options{
		Kafka: l.Kafka, Codec: l.Codec, Log: log, Metrics: metrics, Recorders: l.Recorders, Connections: l.table, Sealer: l.Sealer,
		TransactionalID: "life", Interval: time.Hour, AskAgain: 100 * time.Millisecond,
	})
	l.try(err)
	l.Start(polling.Run)
	l.of.Request.Org, l.of.Request.PublicURL, l.of.Request.Provider = "lanternfish", server.URL, of.Provider
	return l
}

func (l *life) try(err error) {
	l.T.Helper()
	if err != nil {
		l.T.Fatal(err)
	}
}

func (l *life) drained() (accepted, refused int) {
	l.T.Helper()
	ctx, cancel := context.WithTimeout(l.T.Context(), 20*time.Second)
	defer cancel()
	accepted, refused, err := l.of.Drained(ctx)
	l.try(err)
	return accepted, refused
}

// until waits until recordings 0 to n-1 have been stored, whole and as the recorder's own.
func (l *life) until(what string, n int) {
	l.T.Helper()
	l.Until(what, func() bool {
		seen := make(map[int]bool)
		for _, r := range l.Read(schemas.RawMeetings.Name) {
			at := schemas.OriginOf(r)
			number, ok := l.of.NumberOf(r.Value)
			if !ok || at.Provider != l.of.Provider || at.Org != "lanternfish" {
				l.T.Fatalf("raw record %+v of %d bytes is none of ours", at, len(r.Value))
			}
			seen[number] = true
		}
		return len(seen) == n
	})
}

// completed waits until the late recording was said to be complete: then there are two records of it.
func (l *life) completed() {
	l.T.Helper()
	l.Until("the late transcript", func() bool {
		for _, r := range l.Read(schemas.MeetingProgress.Name) {
			p, err := schemas.Decode(l.Codec, schemas.MeetingProgress, r.Value)
			l.try(err)
			if p.Stage == poller.Group && p.Outcome == schemas.OutcomeDone {
				return true
			}
		}
		return false
	})
	records := 0
	for _, r := range l.Read(schemas.RawMeetings.Name) {
		if n, _ := l.of.NumberOf(r.Value); n == late {
			records++
		}
	}
	if records != 2 {
		l.T.Errorf("the late recording has %d records, want one without and one with its transcript", records)
	}
}

func (l *life) wrongCredential() {
	l.T.Helper()
	wrong := l.of.Request
	wrong.Credential = l.of.Wrong
	if _, err := l.connector.Connect(l.T.Context(), wrong); err == nil {
		l.T.Error("a wrong credential was connected")
	}
	if len(l.table.All()) > 0 {
		l.T.Error("something is left of it")
	}
}

// secrets looks into the raw bytes of every topic.
func (l *life) secrets() {
	l.T.Helper()
	for _, topic := range schemas.Topics() {
		for _, r := range l.Read(topic.Name) {
			for _, secret := range l.of.Secrets {
				if bytes.Contains(r.Value, []byte(secret)) || bytes.Contains(r.Key, []byte(secret)) {
					l.T.Errorf("a secret is in clear in %s", topic.Name)
				}
			}
		}
	}
}
