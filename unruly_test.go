package main

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"leadline/console"
	"leadline/deploy/demo"
)

// unruly stands between Fathom and Leadline, and loses, repeats, delays and so reorders deliveries.
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
	send := func() {
		again, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, u.to+r.URL.Path, bytes.NewReader(body))
		if err != nil {
			return
		}
		again.Header = r.Header.Clone()
		if resp, err := testClient.Do(again); err == nil {
			_ = resp.Body.Close()
		}
	}
	u.mu.Lock()
	u.n++
	fate := u.n % 10
	switch {
	case fate < 3:
		u.lost++
	case fate < 6:
		u.late = append(u.late, send)
	}
	u.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
	if fate >= 6 {
		send()
		if fate >= 7 {
			send()
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

// Of the deliveries 30 % are lost, 30 % come twice and 30 % after the next poll, the last first; a meeting is edited in
// between. The stores then say what they say when nothing of that happened, but for the times of receipt and the versions:
// a version counts what was seen of a meeting, and who missed the first wording has seen one less.
func TestUnrulyWebhooksEndInTheSameStores(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("two whole runs")
	}
	run := func(t *testing.T, disturbed bool) map[string]string {
		l := newLife(t, "none")
		u := &unruly{to: l.where.URL}
		proxy := httptest.NewServer(u)
		defer proxy.Close()
		address := l.where.URL
		if disturbed {
			address = proxy.URL
		}
		l.connect(address)
		l.command(0, "", "sync", "--watch") // nothing has ended yet: what comes by webhook comes by webhook alone
		l.simulator.EndAll(0)
		if err := l.simulator.Drained(t.Context()); err != nil {
			t.Fatal(err)
		}
		raw, err := fs.ReadFile(demo.Meetings(), "910003.json")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := l.simulator.Put(bytes.Replace(raw, []byte(`"title": "`), []byte(`"title": "Edited: `), 1), true); err != nil {
			t.Fatal(err)
		}
		l.command(0, "", "sync", "--since", "2020-01-01", "--watch")
		if disturbed {
			if late := u.deliverLate(); late < 4 || u.lost < 4 {
				t.Fatalf("%d deliveries were late and %d lost: too few to tell", late, u.lost)
			}
		}
		l.command(0, "", "sync", "--since", "2020-01-01", "--watch")
		l.until("all is settled", func(tally console.Tally) bool {
			return total(tally.Meetings) == 16 && tally.Progress["index/done"]+tally.Progress["index/duplicate"] == tally.Progress["distill/done"] &&
				tally.Progress["match/done"] == tally.Progress["distill/done"]
		})
		l.stop()
		return unversioned(contents(t, l.data))
	}
	undisturbed, disturbed := run(t, false), run(t, true)
	if len(undisturbed) < 100 || !strings.Contains(undisturbed["demo/fathom/910003"], "Edited: ") {
		t.Fatalf("%d rows and entries, %.200s", len(undisturbed), undisturbed["demo/fathom/910003"])
	}
	for id, want := range undisturbed {
		if disturbed[id] != want {
			t.Errorf("%s differs:\n%.300s\n%.300s", id, disturbed[id], want)
		}
	}
	if len(disturbed) != len(undisturbed) {
		t.Errorf("%d rows and entries, want %d", len(disturbed), len(undisturbed))
	}
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
