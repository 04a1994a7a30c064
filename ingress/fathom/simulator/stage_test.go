package simulator

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"leadline/ingress/fathom"
)

// fakeClock begins at the real time, because the official library verifies against nothing else.

type fakeClock struct {
	mu sync.Mutex
	at time.Time
}

func newFakeClock() *fakeClock { return &fakeClock{at: time.Now().Truncate(time.Second)} }

func (c *fakeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// waits stands for the timer between attempts: it returns at once, moves the clock a second on, and remembers.

type waits struct {
	clock *fakeClock
	mu    sync.Mutex
	asked []time.Duration
}

func (w *waits) wait(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, d)
	w.clock.advance(time.Second)
	return ctx.Err()
}

// receiver answers with its statuses in turn, the last one for ever, and keeps what it was sent.

type receiver struct {
	url      string
	mu       sync.Mutex
	statuses []int
	header   http.Header // sent with every answer
	got      []*http.Request
	bodies   []string
}

func newReceiver(t *testing.T, statuses ...int) *receiver {
	t.Helper()
	r := &receiver{statuses: statuses, header: http.Header{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL + "/hook"
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got, r.bodies = append(r.got, req), append(r.bodies, string(body))
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.statuses[0])
	if len(r.statuses) > 1 {
		r.statuses = r.statuses[1:]
	}
}

// stage is a simulator with one meeting that has not ended, one webhook on it, and no real waiting.

type stage struct {
	sim      *Simulator
	root     string
	client   *fathom.Client
	hook     fathom.Webhook
	receiver *receiver
	waits    *waits
}

func newStage(t *testing.T, request fathom.WebhookRequest, statuses ...int) *stage {
	t.Helper()
	clock := newFakeClock()
	s := &stage{receiver: newReceiver(t, statuses...), waits: &waits{clock: clock}}
	s.sim, s.root = start(t, Options{
		Meetings: folder(1), Pending: true, Clock: clock.now, Wait: s.waits.wait,
		Schedule: []time.Duration{0, 5 * time.Second, time.Minute},
	})
	s.client = newClient(t, s.root, testKey)
	request.DestinationURL = s.receiver.url
	if request.TriggeredFor == nil {
		request.TriggeredFor = []string{fathom.MyRecordings}
	}
	var err error
	if s.hook, err = s.client.CreateWebhook(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stage) end(t *testing.T) {
	t.Helper()
	if fired, err := s.sim.End(1); err != nil || fired != 1 {
		t.Fatalf("fired %d, %v", fired, err)
	}
	if err := s.sim.Drained(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) only(t *testing.T) delivery {
	t.Helper()
	list := s.sim.courier.snapshot(func(*delivery) bool { return true })
	if len(list) != 1 {
		t.Fatalf("%d deliveries", len(list))
	}
	return list[0]
}

var everything = fathom.WebhookRequest{Transcript: true, Summary: true, ActionItems: true, CRMMatches: true}
