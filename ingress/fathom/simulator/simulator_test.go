package simulator

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"leadline/ingress/fathom"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNewRefusesWhatItCanNotServe(t *testing.T) {
	t.Parallel()
	keys := map[string]string{testKey: ""}
	file := func(body string) fstest.MapFS { return fstest.MapFS{"a.json": {Data: []byte(body)}} }
	for name, o := range map[string]Options{
		"no key":           {},
		"empty key":        {Keys: map[string]string{"": ""}},
		"negative limit":   {Keys: keys, Limits: Limits{Calls: -1}},
		"not JSON":         {Keys: keys, Meetings: file(`nonsense`)},
		"not an object":    {Keys: keys, Meetings: file(`[]`)},
		"no recording":     {Keys: keys, Meetings: file(`{"created_at":"2026-09-01T10:00:00Z"}`)},
		"no time":          {Keys: keys, Meetings: file(`{"recording_id":1}`)},
		"malformed time":   {Keys: keys, Meetings: file(`{"recording_id":1,"created_at":"today"}`)},
		"list of meetings": {Keys: keys, Meetings: file(`{"limit":10,"items":[]}`)},
		"recording twice":  {Keys: keys, Meetings: fstest.MapFS{"a.json": {Data: sample(1)}, "b.json": {Data: sample(1)}}},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestRunServesUntilToldToStop(t *testing.T) {
	t.Parallel()
	s, err := New(Options{Keys: map[string]string{testKey: ""}, Meetings: folder(1), Pending: true})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, ln) }()

	// The receiver holds its answer until the simulator was told to stop: a running attempt is not cut short.
	arrived, release := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/hook", func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		w.WriteHeader(http.StatusNoContent)
	})
	receiver, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(receiver) }()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})

	client := newClient(t, "http://"+ln.Addr().String(), testKey)
	request := everything
	request.DestinationURL, request.TriggeredFor = "http://"+receiver.Addr().String()+"/hook", []string{fathom.MyRecordings}
	if _, err := client.CreateWebhook(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if fired, err := s.End(1); err != nil || fired != 1 {
		t.Fatalf("fired %d, %v", fired, err)
	}
	<-arrived
	cancel()
	select {
	case err := <-done:
		t.Fatalf("stopped before the running attempt ended: %v", err)
	case <-s.courier.ctx.Done():
	}
	close(release)
	if err := <-done; err != nil {
		t.Errorf("a stop that was asked for returned %v", err)
	}
	if d := s.courier.snapshot(func(*delivery) bool { return true }); d[0].State != stateDelivered {
		t.Errorf("delivery %+v", d[0])
	}
}

func TestRunReportsABrokenListener(t *testing.T) {
	t.Parallel()
	s, err := New(Options{Keys: map[string]string{testKey: ""}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	if err := s.Run(t.Context(), ln); err == nil {
		t.Error("no error")
	}
}

// waiting is a simulator inside a synctest bubble with one delivery that waits five seconds for its second attempt.
func waiting(t *testing.T) *Simulator {
	t.Helper()
	s, err := New(Options{Keys: map[string]string{testKey: ""}, Meetings: folder(1), Pending: true})
	if err != nil {
		t.Fatal(err)
	}
	s.courier.http.Transport = answering(http.StatusInternalServerError)
	settings := webhookSettings{DestinationURL: "http://h.example", TriggeredFor: []string{"my_recordings"}, Summary: true}
	s.hooks.add(webhook{id: "w", secret: newSecret(), settings: settings})
	if _, err := s.End(1); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return s
}

// answering is a network on which every request gets this status. Sockets do not work inside a synctest bubble.
type answering int

func (a answering) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: int(a), Header: http.Header{}, Body: http.NoBody}, nil
}

func outcome(s *Simulator) delivery {
	return s.courier.snapshot(func(*delivery) bool { return true })[0]
}

func TestSvixScheduleIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		s := waiting(t)
		defer s.Close()
		if err := s.Drained(t.Context()); err != nil {
			t.Fatal(err)
		}
		d := outcome(s)
		want := []time.Duration{0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour}
		if len(d.Attempts) != len(want) || d.State != stateGivenUp {
			t.Fatalf("delivery %+v", d)
		}
		for i, at := 0, begin; i < len(want); i++ {
			if at = at.Add(want[i]); !d.Attempts[i].At.Equal(at) {
				t.Errorf("attempt %d at %v, want %v", i, d.Attempts[i].At, at)
			}
		}
	})
}

func TestCloseGivesUpWhatWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := waiting(t)
		s.Close()
		s.Close()
		if d := outcome(s); d.State != stateGivenUp || len(d.Attempts) != 1 {
			t.Errorf("delivery %+v", d)
		}
		if err := s.Drained(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := s.Deliver(1, false); err != nil {
			t.Error(err)
		}
		if n := len(s.courier.snapshot(func(*delivery) bool { return true })); n != 1 {
			t.Errorf("%d deliveries after Close", n)
		}
	})
}

func TestDeletingAWebhookStopsItsRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := waiting(t)
		defer s.Close()
		if !s.hooks.remove("w", "") {
			t.Fatal("no such webhook")
		}
		if err := s.Drained(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := outcome(s); d.State != stateGivenUp || len(d.Attempts) != 1 {
			t.Errorf("delivery %+v", d)
		}
	})
}

func TestDrainedEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := waiting(t)
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Drained(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

// slow is a network that never answers.
type slow struct{}

func (slow) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestAnAttemptEndsAfterFifteenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCourier(Options{Clock: time.Now}, newRegistry())
		defer c.stop()
		c.http.Transport = slow{}
		begin := time.Now()
		a := c.attempt(&delivery{ID: "msg_1", URL: "http://h.example"}, newSecret(), nil)
		if took := time.Since(begin); took != 15*time.Second || a.Status != 0 || a.Error == "" {
			t.Errorf("took %v: %+v", took, a)
		}
	})
}
