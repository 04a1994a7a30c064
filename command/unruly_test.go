package command

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

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
	s, connect := l.zoom(meetings)
	return upset{
		provider: schemas.Zoom, meetings: len(names), edited: "demo/zoom/" + recording,
		connect: connect,
		end:     func() { s.EndAll() }, drained: s.Drained,
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
			t.Parallel()
			undisturbed, edited := unrulyRun(t, of, false)
			disturbed, _ := unrulyRun(t, of, true)
			links := 0
			for id := range undisturbed {
				if strings.HasPrefix(id, "link ") || strings.HasPrefix(id, "entry's link ") {
					links++
				}
			}
			if links < 2 || len(undisturbed) < least[name] || !strings.Contains(undisturbed[edited], "Edited: ") {
				t.Fatalf("%d rows, entries and links, %d links, %.200s", len(undisturbed), links, undisturbed[edited])
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
	for id, domain := range map[string]string{"penrose": "penrosecare.example", "harlow": "harlowfoods.example"} {
		if _, err := l.client().PutEntry(t.Context(), "demo", schemas.DirectoryLine{Type: schemas.SortCompany, ID: id, Name: id, Domains: []string{domain}}); err != nil {
			t.Fatal(err)
		}
	}
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
	contents(t, l.data) // says whether each entry is of its meeting's version
	return wholeStores(t, l.data), "meeting " + from.edited
}

// livingRows are all that lives in both stores, column by column, but the times of receipt and what numbers changes: row ids and versions.
var livingRows = map[string]string{
	"meeting": `SELECT id, org, state, started_at, learning, json_remove(CAST(body AS TEXT), '$.ReceivedAt') FROM meetings WHERE live = 1`,
	"link":    `SELECT meeting || ' ' || sort || ' ' || customer FROM meeting_links`,
	"entry": `SELECT entry, meeting, org, state, kind, distilled, title, text, grams, provider, language, speakers, meeting_at, CAST(body AS TEXT)
		FROM entries WHERE live = 1`,
	"entry's link": `SELECT e.entry || ' ' || l.sort || ' ' || l.customer FROM entry_links l JOIN entries e ON e.id = l.entry WHERE e.live = 1`,
	"directory":    `SELECT sort || ' ' || id, company, CAST(body AS TEXT) FROM directory WHERE live = 1`,
	"name":         `SELECT name || ' ' || sort || ' ' || company FROM company_names`,
}

// wholeStores reads everything: kind and key of what is stored -> the rest of it.
func wholeStores(t *testing.T, data string) map[string]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+storeFile(data)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	all := make(map[string]string)
	for kind, query := range livingRows {
		for key, rest := range rowsOf(t, db, query) {
			all[kind+" "+key] = rest
		}
	}
	return all
}

// rowsOf are a query's rows by their first column.
func rowsOf(t *testing.T, db *sql.DB, query string) map[string]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all[values[0].String] = fmt.Sprint(values[1:])
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
