package poller_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"

	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/fathom/simulator"
	"leadline/ingress/poller"
	"leadline/schemas"
)

const apiKey = "poller-test-key"

// orgs that tests can connect, besides the one that is.
const orgs = 8

var org = schemas.Connection{Org: "lanternfish", Provider: schemas.Fathom, Ingest: true, LookBackDays: -1}

// rig is a simulated account with meetings, and a broker.
type rig struct {
	*connectiontest.Rig
	simulator *simulator.Simulator
	calls     *calls
	url       string
	pollers   atomic.Int32
}

// transport is not net/http's own: whichever httptest server closes also closes the idle connections of that one.
var transport = http.DefaultTransport.(*http.Transport).Clone()

// calls counts the calls to the recorder, and how many of one key are under way at a time.
type calls struct {
	mu       sync.Mutex
	all, max int
	open     map[string]int // API key -> calls under way
	queries  []string
	paths    map[string]int         // paths with queries, as they went over the wire
	refused  int                    // answered with 429
	refuse   func(query string) int // a status instead of an answer; 0: none
	hang     bool                   // no answer at all
	latency  time.Duration
}

func (c *calls) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.all++
	key := r.Header.Get("X-Api-Key")
	c.open[key]++
	c.max = max(c.max, c.open[key])
	c.queries = append(c.queries, r.URL.RawQuery)
	c.paths[r.URL.RequestURI()]++
	status := 0
	if c.refuse != nil {
		status = c.refuse(r.URL.RawQuery)
	}
	hang := c.hang
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.open[key]--
		c.mu.Unlock()
	}()
	if hang {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	// Whatever ends the call, it has been under way for so long.
	<-time.After(c.latency)
	if status != 0 {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	resp, err := transport.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		c.mu.Lock()
		c.refused++
		c.mu.Unlock()
	}
	return resp, err
}

func (c *calls) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}

func (c *calls) refusing(f func(query string) int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuse = f
}

func (c *calls) hanging(hang bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hang = hang
}

// newRig has meetings of Fathom, one an hour.
func newRig(t *testing.T, meetings int) *rig {
	t.Helper()
	return newRigOf(t, meetings, time.Hour)
}

func newRigOf(t *testing.T, meetings int, every time.Duration) *rig {
	t.Helper()
	files := fstest.MapFS{}
	for i := range meetings {
		files[fmt.Sprintf("%03d.json", i)] = &fstest.MapFile{Data: meeting(int64(i+1), time.Now().Add(-time.Duration(i)*every))}
	}
	keys := map[string]string{apiKey: ""}
	for i := range orgs {
		keys[fmt.Sprintf("key-of-org%d", i)] = ""
	}
	sim, err := simulator.New(simulator.Options{Keys: keys, Meetings: files})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	r := &rig{Rig: connectiontest.New(t), simulator: sim, calls: &calls{open: make(map[string]int), paths: make(map[string]int)}, url: server.URL + simulator.BasePath}
	c := org
	c.BaseURL, c.ConnectedAt = r.url, time.Now()
	r.Connect(c, apiKey, "")
	return r
}

func meeting(id int64, created time.Time) []byte {
	return fmt.Appendf(nil, `{"recording_id": %d, "title": "Call %d", "created_at": %q, "unknown_field": [1,  2]}`,
		id, id, created.UTC().Format(time.RFC3339))
}

func (r *rig) poller(change func(*poller.Options)) (*poller.Poller, *prometheus.Registry) {
	r.T.Helper()
	metrics := prometheus.NewRegistry()
	o := poller.Options{
		Kafka: r.Kafka, Codec: r.Codec, Log: slog.New(slog.DiscardHandler), Metrics: metrics, Connections: r.Table(),
		Recorders: r.Recorders, Sealer: r.Sealer, TransactionalID: fmt.Sprintf("poller-%d", r.pollers.Add(1)), HTTP: &http.Client{Transport: r.calls},
	}
	if change != nil {
		change(&o)
	}
	p, err := poller.New(o)
	if err != nil {
		r.T.Fatal(err)
	}
	return p, metrics
}

func (r *rig) ask(source string, since *time.Time) {
	r.T.Helper()
	r.askOf(schemas.Fathom, source, since)
}

func (r *rig) askOf(provider, source string, since *time.Time) {
	r.T.Helper()
	connectiontest.Put(r.Rig, schemas.SyncRequests, schemas.ConnectionID("lanternfish", provider, "default"), &schemas.SyncRequested{
		Org: "lanternfish", Provider: provider, Connection: "default", Source: source, Since: since, RequestedAt: time.Now().UTC(),
	})
}

// cursor returns the last one that is committed.
func (r *rig) cursor() (last schemas.SyncCursor, ok bool) {
	r.T.Helper()
	for _, rec := range r.Read(schemas.SyncCursors.Name) {
		c, err := schemas.Decode(r.Codec, schemas.SyncCursors, rec.Value)
		if err != nil {
			r.T.Fatal(err)
		}
		last, ok = *c, true
	}
	return last, ok
}

func (r *rig) untilComplete(pages int64) schemas.SyncCursor {
	r.T.Helper()
	var c schemas.SyncCursor
	r.Until("run complete", func() bool {
		var ok bool
		c, ok = r.cursor()
		return ok && c.Page == "" && c.Pages == pages
	})
	return c
}

// recordings counts how often each one is in the raw topic.
func (r *rig) recordings() map[int64]int {
	r.T.Helper()
	seen := make(map[int64]int)
	for _, rec := range r.Read(schemas.RawMeetings.Name) {
		var m struct {
			ID int64 `json:"recording_id"`
		}
		if err := json.Unmarshal(rec.Value, &m); err != nil {
			r.T.Fatal(err)
		}
		seen[m.ID]++
	}
	return seen
}

func exactly(t *testing.T, seen map[int64]int, meetings int) {
	t.Helper()
	for id := range int64(meetings) {
		if seen[id+1] != 1 {
			t.Errorf("recording %d is there %d times", id+1, seen[id+1])
		}
	}
	if len(seen) != meetings {
		t.Errorf("%d recordings, want %d", len(seen), meetings)
	}
}

// connection returns the one that is stored.
func (r *rig) connection() (last schemas.Connection, ok bool) {
	r.T.Helper()
	for _, rec := range r.Read(schemas.Connections.Name) {
		c, err := schemas.Decode(r.Codec, schemas.Connections, rec.Value)
		if err != nil {
			r.T.Fatal(err)
		}
		if c.Org == org.Org && c.Provider == schemas.Fathom {
			last, ok = *c, true
		}
	}
	return last, ok
}

// members are those of the pollers' group, once it is stable.
func (r *rig) members() []string {
	r.T.Helper()
	groups, err := kadm.NewClient(r.Client()).DescribeGroups(r.T.Context(), poller.Group)
	if err != nil {
		r.T.Fatal(err)
	}
	var ids []string
	for _, g := range groups.Sorted() {
		for _, m := range g.Members {
			if g.State == "Stable" {
				ids = append(ids, m.MemberID)
			}
		}
	}
	return ids
}
