package zoom_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"leadline/ingress/recorder"
	"leadline/ingress/zoom"
	"leadline/ingress/zoom/simulator"
)

var credential = zoom.Credential{AccountID: "acc-sim", ClientID: "client-sim", ClientSecret: "hush-sim"}

const secretToken = "secret-token-sim"

// rig is a simulated account, and Zoom as Leadline sees it.
type rig struct {
	*testing.T
	sim      *simulator.Simulator
	recorder *zoom.Recorder
	account  recorder.Account

	mu    sync.Mutex
	calls []string // paths with queries
}

func newRig(t *testing.T, change func(*simulator.Options)) *rig {
	t.Helper()
	o := simulator.Options{Credential: credential, SecretToken: secretToken}
	if change != nil {
		change(&o)
	}
	sim, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	r := &rig{T: t, sim: sim}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		r.calls = append(r.calls, q.RequestURI)
		r.mu.Unlock()
		sim.Handler().ServeHTTP(w, q)
	}))
	t.Cleanup(server.Close)
	r.recorder = zoom.New(zoom.Unlimited)
	text, err := credential.Text()
	if err != nil {
		t.Fatal(err)
	}
	r.account = recorder.Account{Connection: "org/zoom/default", BaseURL: server.URL + simulator.BasePath, Credential: recorder.NewSecret(text)}
	return r
}

// called counts the calls whose address has the text in it.
func (r *rig) called(text string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, c := range r.calls {
		if strings.Contains(c, text) {
			n++
		}
	}
	return n
}

// meeting is the n-th of a host, with everything; each has a UUID that has to be escaped in another way.
func meeting(host string, n int, start time.Time) simulator.Meeting {
	uuid := []string{"/%s%dAAAA==", "%s//%dBB+B==", "%s%dCCCC=="}[n%3]
	id := fmt.Sprintf("%s-%d-t", host, n)
	at := start.UTC().Format(time.RFC3339)
	return simulator.Meeting{
		Host: simulator.Host{ID: "id-" + host, Email: host + "@ours.example", Name: host},
		Recording: map[string]any{
			"uuid": fmt.Sprintf(uuid, host, n), "id": float64(80_000_000_000 + n), "topic": fmt.Sprintf("Call %d", n), "type": "2",
			"start_time": at, "duration": 12.0,
			"recording_files": []any{map[string]any{"id": id, "file_type": "TRANSCRIPT", "recording_start": at, "file_extension": "VTT"}},
		},
		Participants: []map[string]any{
			{"id": "id-" + host, "name": host, "user_id": "1", "user_email": host + "@ours.example", "join_time": at, "status": "in_meeting", "internal_user": true},
			{"id": "", "name": "Guest", "user_id": "2", "user_email": "guest@customer.example", "join_time": at, "status": "in_meeting", "internal_user": false},
		},
		Summary: map[string]any{"summary_content": fmt.Sprintf("Summary %d", n)},
		VTT:     []string{fmt.Sprintf("WEBVTT\n\n00:01.000 --> 00:02.000\n%s: Hello %d.\n", host, n)},
	}
}

func (r *rig) put(m simulator.Meeting) string {
	r.Helper()
	if _, err := r.sim.Put(m, true); err != nil {
		r.Fatal(err)
	}
	return m.Recording["uuid"].(string)
}

// listing reads a listing to its end.
func (r *rig) listing(ctx context.Context, since time.Time) (all []recorder.Document, pages int) {
	r.Helper()
	for cursor := ""; ; {
		p, err := r.recorder.Page(ctx, r.account, recorder.Query{Since: since, Cursor: cursor})
		if err != nil {
			r.Fatal(err)
		}
		all, pages = append(all, p.Documents...), pages+1
		if cursor = p.Next; cursor == "" {
			return all, pages
		}
		if pages > 1000 {
			r.Fatal("listing has no end")
		}
	}
}
