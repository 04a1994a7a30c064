package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"leadline/ingress/zoom"
)

// receiver answers challenges, and deliveries with its statuses in turn, the last one for ever.
type receiver struct {
	mu       sync.Mutex
	statuses []int
	events   []string
	wrong    bool // answers challenges wrongly
	bad      int  // deliveries that did not verify
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	v, _ := zoom.New(zoom.Pro).Verifier("token")
	at, _ := time.Parse(time.RFC3339, "2026-10-20T12:00:00Z")
	d, err := v.Verify(q.Header, body, at)
	if err != nil {
		r.bad++
	}
	if d.Answer != nil {
		if r.wrong {
			d.Answer = []byte(`{}`)
		}
		_, _ = w.Write(d.Answer)
		return
	}
	var n struct {
		Event string `json:"event"`
	}
	_ = json.Unmarshal(body, &n)
	r.events = append(r.events, n.Event)
	w.WriteHeader(r.statuses[0])
	if len(r.statuses) > 1 {
		r.statuses = r.statuses[1:]
	}
}

func TestDeliveriesAreTriedAgainAsZoomDoes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statuses []int
		attempts int
		state    string
	}{
		"accepted": {[]int{204}, 1, stateDelivered}, "later": {[]int{503, 500, 200}, 3, stateDelivered}, "never": {[]int{503}, 4, stateGivenUp},
		"202 is no acknowledgement": {[]int{202}, 1, stateGivenUp}, "4xx is final": {[]int{404}, 1, stateGivenUp},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			r := &receiver{statuses: c.statuses}
			server := httptest.NewServer(r)
			t.Cleanup(server.Close)
			if err := b.sim.Subscribe(server.URL); err != nil {
				t.Fatal(err)
			}
			m := testMeeting()
			m.Summary = nil
			m.VTT, m.Recording["recording_files"] = nil, []any{}
			b.put(m, false)
			if fired, err := b.sim.End(testUUID); err != nil || fired != 1 {
				t.Fatalf("fired %d, %v", fired, err)
			}
			if err := b.sim.Drained(t.Context()); err != nil {
				t.Fatal(err)
			}
			d := b.sim.courier.snapshot()
			if len(d) != 1 || len(d[0].Attempts) != c.attempts || d[0].State != c.state || r.bad != 0 {
				t.Errorf("deliveries %+v, %d not to be believed", d, r.bad)
			}
		})
	}
}

func TestEachStepFiresItsEventOnceAndOnlyAValidatedEndpointHearsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	r, liar := &receiver{statuses: []int{200}}, &receiver{wrong: true}
	for handler, ok := range map[*receiver]bool{r: true, liar: false} {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		if err := b.sim.Subscribe(server.URL); (err == nil) != ok {
			t.Fatal(err)
		}
	}
	b.put(testMeeting(), false)
	for range 2 {
		for _, step := range []func(string) (int, error){b.sim.Record, b.sim.Transcribe, b.sim.Summarize, b.sim.End} {
			if _, err := step(testUUID); err != nil {
				t.Fatal(err)
			}
			if err := b.sim.Drained(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := []string{zoom.EventRecording, zoom.EventTranscript, zoom.EventSummary}; !slices.Equal(r.events, want) || len(liar.events) != 0 {
		t.Errorf("heard %v and %v", r.events, liar.events)
	}
	if _, err := b.sim.Deliver("unknown", zoom.EventSummary); err == nil {
		t.Error("an unknown meeting was delivered")
	}
}
