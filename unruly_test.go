package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"leadline/console"
	"leadline/deploy/demo"
	"leadline/ingress/zoom"
	zoomsimulator "leadline/ingress/zoom/simulator"
	"leadline/schemas"
)

// unruly stands between a recorder and Leadline, and loses, repeats, delays and so reorders deliveries.
type unruly struct {
	to string

	mu   sync.Mutex
	n    int
	late []func()
	lost int
}

func (u *unruly) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	send := func(w http.ResponseWriter) {
		again, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, u.to+r.URL.Path, bytes.NewReader(body))
		if err != nil {
			return
		}
		again.Header = r.Header.Clone()
		resp, err := testClient.Do(again)
		if err != nil {
			return
		}
		defer resp.Body.Close()
		if w != nil {
			w.WriteHeader(resp.StatusCode)
			_, _ = io.Copy(w, resp.Body)
		}
	}
	if bytes.Contains(body, []byte(zoom.EventValidation)) {
		send(w) // a challenge, whose answer counts
		return
	}
	u.mu.Lock()
	u.n++
	fate := u.n % 10
	switch {
	case fate < 3:
		u.lost++
	case fate < 6:
		u.late = append(u.late, func() { send(nil) })
	}
	u.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
	if fate >= 6 {
		send(nil)
		if fate >= 7 {
			send(nil)
		}
	}
}

// deliverLate sends what was held back, the last first.
func (u *unruly) deliverLate() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i := range u.late {
		u.late[len(u.late)-1-i]()
	}
	return len(u.late)
}

// upset is a recorder whose deliveries go through an unruly.
type upset struct {
	provider string
	meetings int
	connect  func(address string)
	end      func()
	drained  func(context.Context) error
	edit     func() error
	edited   string // id of the meeting
}

func upsetFathom(l *life) upset {
	return upset{
		provider: schemas.Fathom, meetings: 16, connect: l.connect, edited: "demo/fathom/910003",
		end: func() { l.simulator.EndAll(0) }, drained: l.simulator.Drained,
		edit: func() error {
			raw, err := fs.ReadFile(demo.Meetings(), "910003.json")
			if err != nil {
				return err
			}
			_, _, err = l.simulator.Put(bytes.Replace(raw, []byte(`"title": "`), []byte(`"title": "Edited: `), 1), true)
			return err
		},
	}
}

func upsetZoom(l *life) upset {
	l.Helper()
	meetings := demo.ZoomMeetings()
	names, err := fs.Glob(meetings, "*.json")
	if err != nil {
		l.Fatal(err)
	}
	var edited zoomsimulator.Meeting
	raw, err := fs.ReadFile(meetings, names[0])
	if err = errors.Join(err, json.Unmarshal(raw, &edited)); err != nil {
		l.Fatal(err)
	}
	edited.Recording["topic"] = "Edited: " + edited.Recording["topic"].(string)
	recording, err := schemas.ZoomRecordingID(edited.Recording["uuid"].(string))
	if err != nil {
		l.Fatal(err)
	}
	credential := zoom.Credential{AccountID: "account", ClientID: "client", ClientSecret: lifeKey}
	s, err := zoomsimulator.New(zoomsimulator.Options{
		Credential: credential, SecretToken: lifeKey, Meetings: meetings, Pending: true,
		Schedule: []time.Duration{0, 100 * time.Millisecond, 500 * time.Millisecond},
	})
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(s.Close)
	server := httptest.NewServer(s.Handler())
	l.Cleanup(server.Close)
	secret := filepath.Join(l.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(lifeKey), 0o600); err != nil {
		l.Fatal(err)
	}
	return upset{
		provider: schemas.Zoom, meetings: len(names), edited: "demo/zoom/" + recording,
		connect: func(address string) {
			l.command(0, "", "connect", "zoom", "--account-id", credential.AccountID, "--client-id", credential.ClientID,
				"--client-secret-file", secret, "--secret-token-file", secret, "--look-back", "all",
				"--base-url", server.URL+zoomsimulator.BasePath, "--public-url", address)
			if err := s.Subscribe(address + "/api/integrations/zoom/webhook/demo"); err != nil {
				l.Fatal(err)
			}
		},
		end: func() { s.EndAll() }, drained: s.Drained,
		edit: func() error { _, err := s.Put(edited, true); return err },
	}
}

// Of the deliveries 30 % are lost, 30 % come twice and 30 % after the next poll, the last first; a meeting is edited in
// between. The stores then say what they say when nothing of that happened, but for the times of receipt and the versions:
// a version counts what was seen of a meeting, and who missed the first wording has seen one less.
func TestUnrulyWebhooksEndInTheSameStores(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("two whole runs of each recorder")
	}
	least := map[string]int{schemas.Fathom: 100, schemas.Zoom: 15} // rows and entries: the samples are small
	for name, of := range map[string]func(*life) upset{schemas.Fathom: upsetFathom, schemas.Zoom: upsetZoom} {
		t.Run(name, func(t *testing.T) {
			undisturbed, edited := unrulyRun(t, of, false)
			disturbed, _ := unrulyRun(t, of, true)
			if len(undisturbed) < least[name] || !strings.Contains(undisturbed[edited], "Edited: ") {
				t.Fatalf("%d rows and entries, %.200s", len(undisturbed), undisturbed[edited])
			}
			for id, want := range undisturbed {
				if disturbed[id] != want {
					t.Errorf("%s differs:\n%.300s\n%.300s", id, disturbed[id], want)
				}
			}
			if len(disturbed) != len(undisturbed) {
				t.Errorf("%d rows and entries, want %d", len(disturbed), len(undisturbed))
			}
		})
	}
}

// unrulyRun returns what is in the stores in the end.
func unrulyRun(t *testing.T, of func(*life) upset, disturbed bool) (all map[string]string, edited string) {
	t.Helper()
	l := newLife(t, "none")
	from := of(l)
	u := &unruly{to: l.where.URL}
	proxy := httptest.NewServer(u)
	defer proxy.Close()
	address := l.where.URL
	if disturbed {
		address = proxy.URL
	}
	from.connect(address)
	l.command(0, "", "sync", from.provider, "--watch") // nothing has ended yet: what comes by webhook comes by webhook alone
	from.end()
	if err := from.drained(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := from.edit(); err != nil {
		t.Fatal(err)
	}
	l.command(0, "", "sync", from.provider, "--since", "2020-01-01", "--watch")
	if disturbed {
		if late := u.deliverLate(); late < 4 || u.lost < 4 {
			t.Fatalf("%d deliveries were late and %d lost: too few to tell", late, u.lost)
		}
	}
	l.command(0, "", "sync", from.provider, "--since", "2020-01-01", "--watch")
	l.until("all is settled", func(tally console.Tally) bool {
		return total(tally.Meetings) == from.meetings && tally.Progress["index/done"]+tally.Progress["index/duplicate"] == tally.Progress["distill/done"] &&
			tally.Progress["match/done"] == tally.Progress["distill/done"]
	})
	l.stop()
	return unversioned(contents(t, l.data)), from.edited
}

// unversioned takes the version off the rows.
func unversioned(all map[string]string) map[string]string {
	for id, what := range all {
		if rest, ok := strings.CutPrefix(what, "version "); ok {
			_, all[id], _ = strings.Cut(rest, " ")
		}
	}
	return all
}
