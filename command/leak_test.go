package command

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/console"
	"leadline/console/mcp"
	tokens "leadline/console/token"
	"leadline/schemas"
	"leadline/schemas/schematest"
	"leadline/sinks/embedded"
)

// leakRequests are sent by default; ten thousand by LEADLINE_LEAK_REQUESTS.
const leakRequests = 2_000

// TestNothingForeign sends requests of every kind, most of them crafted to get
// at what is not the caller's.
func TestNothingForeign(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		s, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		rig := newLeakRig(t, s, s)
		requests := number("LEADLINE_LEAK_REQUESTS", leakRequests)
		found, own := rig.attack(t, requests)
		if found > 0 || own < requests/5 {
			t.Errorf("%d answers hold what is foreign; %d of %d hold what is the caller's own", found, own, requests)
		}
		if n := rig.asker.asked.Load(); n < int64(requests)/10 {
			t.Errorf("%d searches used vectors", n)
		}
		for name, forget := range map[string]func(*schemas.Scope){
			"the company":      func(s *schemas.Scope) { s.Company = "" },
			"the organisation": func(s *schemas.Scope) { s.Org = rig.world.org(0) },
		} {
			broken := *rig
			broken.h = rig.handler(leaky{s, forget})
			if found, _ := broken.attack(quiet{t}, 500); found == 0 {
				t.Errorf("a store that forgets %s goes unnoticed", name)
			}
		}
	})
	t.Run("real stores", func(t *testing.T) {
		t.Parallel()
		s := realStores(t)
		rig := newLeakRig(t, s, s.knowledge)
		if err := s.knowledge.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Each request is a round trip or several to two servers: the whole number is for a run by hand.
		requests := number("LEADLINE_LEAK_REQUESTS", 1_000)
		if found, own := rig.attack(t, requests); found > 0 || own < requests/5 {
			t.Errorf("%d answers hold what is foreign; %d of %d hold what is the caller's own", found, own, requests)
		}
	})
}

// quiet takes the reports of a leak that is wanted.
type quiet struct{ *testing.T }

// Errorf says nothing.
func (quiet) Errorf(string, ...any) {}

type reporter interface {
	Errorf(format string, args ...any)
	Context() context.Context
}

// leakRig is a world behind the API, and a token for everybody in it.
type leakRig struct {
	world   *world
	book    *tokens.Book
	h       http.Handler
	callers []caller
	random  *rand.Rand
	asker   *anywhere
}

func newLeakRig(t *testing.T, s leakStore, vectors leakVectors) *leakRig {
	t.Helper()
	random := rand.New(rand.NewPCG(8, 2026))
	rig := &leakRig{world: newWorld(random, fmt.Sprintf("%x", time.Now().UnixNano())), random: random}
	rig.asker = rig.embed(t, vectors, rig.world.fill(t, s))
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, schemas.APITokens.Name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	rig.book = tokens.New(tokens.Options{
		Kafka: []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...)}, Codec: schematest.Codec(t),
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- rig.book.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	for org := range worldOrgs {
		for c := range worldCompanies + 1 {
			made := schemas.APIToken{Name: "leak", Permissions: []string{schemas.PermissionRead}}
			one := caller{org: org}
			if c < worldCompanies {
				one.company = companyID(org, c)
				made.Company = &one.company
			}
			if _, one.secret, err = rig.book.Create(t.Context(), rig.world.org(org), made); err != nil {
				t.Fatal(err)
			}
			rig.callers = append(rig.callers, one)
		}
	}
	rig.h = rig.handler(s)
	return rig
}

func (r *leakRig) handler(s console.Store) http.Handler {
	return console.Handler(console.Options{
		Store: s, Tokens: r.book,
		MCP: mcp.Handler(mcp.Options{Reader: console.Local{Store: s}, Version: "test", Log: slog.New(slog.DiscardHandler)}),
	})
}

// marked are the words that tell whose something is; an id of a company tells
// it too, where the request did not.
var (
	markedWord  = regexp.MustCompile(`(?:secret|private)\d+`)
	companyWord = regexp.MustCompile(`co_\d\d`)
)

// attack sends so many requests, and counts the answers that hold what is
// foreign, and those that hold what is the caller's own.
func (r *leakRig) attack(t reporter, requests int) (found, own int) {
	may := make([]map[string]bool, len(r.callers))
	for i, c := range r.callers {
		may[i] = r.world.maySee(c)
	}
	for range requests {
		i := r.random.IntN(len(r.callers))
		request := r.request(t.Context(), r.callers[i])
		asked := request.URL.String() // before the body is read
		if request.Body != nil {
			var body bytes.Buffer
			_, _ = body.ReadFrom(request.Body)
			asked += " " + body.String()
			request.Body = io.NopCloser(&body)
		}
		w := httptest.NewRecorder()
		r.h.ServeHTTP(w, request)
		if w.Code >= 500 {
			t.Errorf("%.300s: %d %.300s", asked, w.Code, w.Body)
		}
		answer := w.Body.String()
		foreign := ""
		for _, word := range markedWord.FindAllString(answer, -1) {
			if may[i][word] {
				own++
				break
			}
		}
		for _, word := range markedWord.FindAllString(answer, -1) {
			// A refusal repeats what was asked for.
			if !may[i][word] && !strings.Contains(asked, word) {
				foreign = word
			}
		}
		for _, word := range companyWord.FindAllString(answer, -1) {
			if !may[i][private(word)] && !strings.Contains(asked, word) {
				foreign = word
			}
		}
		if foreign != "" {
			found++
			t.Errorf("%+v asks %.400s and is told of %s: %d %.600s", r.callers[i].company, asked, foreign, w.Code, answer)
		}
	}
	return found, own
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// words of a search, with what a query language might take for its own.
func (r *leakRig) words() string {
	m := r.world.meetings[r.random.IntN(len(r.world.meetings))]
	return pick(r.random,
		"pier", "railing pier", "key"+m.RecordingID, `"key`+m.RecordingID+`"`, "key*", "*", "pier OR key"+m.RecordingID,
		"org:"+m.Org+" pier", `pier" OR org:"`+m.Org, "pier) OR (1=1", "title:pier NEAR(key"+m.RecordingID+")", "pier' OR '1'='1' --",
		`{"match_all":{}} pier`, "companies:"+companyID(r.random.IntN(worldOrgs), 1)+" pier", "pier\\", "pier ^9 ~2 && || !", "PIER\tpi\u00ebr", "AND OR NOT pier",
	)
}

func (r *leakRig) customer(c caller) string {
	id := companyID(r.random.IntN(worldOrgs), r.random.IntN(worldCompanies))
	own := c.company
	if own == "" {
		own = companyID(c.org, r.random.IntN(worldCompanies))
	}
	return pick(r.random, own, own, own, id, domainOf(id), "*", "%", own+"' OR '1'='1", own+","+id, "co_", strings.ToUpper(own))
}

// request is one of any kind. Most are for the caller's own organisation: there
// the borders between its customers are tried.
func (r *leakRig) request(ctx context.Context, c caller) *http.Request {
	org := r.world.org(c.org)
	if r.random.IntN(8) == 0 {
		org = r.world.org(r.random.IntN(worldOrgs))
	}
	m := r.world.meetings[r.random.IntN(len(r.world.meetings))]
	if r.random.IntN(2) == 0 {
		m = r.world.meetings[r.random.IntN(len(r.world.meetings)/worldOrgs)*worldOrgs+c.org]
	}
	if r.random.IntN(3) == 0 {
		return r.call(ctx, c, m)
	}
	query := make(url.Values)
	maybe := func(name string, value func() string) {
		if r.random.IntN(3) == 0 {
			query.Add(name, value())
		}
	}
	customer := func() string { return r.customer(c) }
	user := func() string {
		return "eu_" + strings.TrimPrefix(companyID(c.org, r.random.IntN(worldCompanies)), "co_")
	}
	path := "/api/v1/orgs/" + org
	meeting := "/meetings/fathom/" + pick(r.random, m.RecordingID, m.RecordingID, "..", "%2e%2e", "*")
	switch r.random.IntN(9) {
	case 0:
		path += "/meetings"
		maybe("before", func() string { return m.ID })
		maybe("state", func() string { return pick(r.random, "matched", "internal", "unmatched") })
	case 1:
		path += meeting
	case 2:
		path += meeting + "/entries"
	case 3, 4:
		path += "/search"
		query.Set("q", r.words())
		maybe("held_back", func() string { return "true" })
		maybe("limit", func() string { return "100" })
		maybe("company", customer)
		maybe("speaker", func() string { return pick(r.random, "Somebody", "Guest "+private(companyID(c.org, 1)), "*") })
		maybe("since", func() string { return pick(r.random, "2026-09-01", "2026-09-01T09:30:00Z") })
		maybe("after", func() string {
			at := fmt.Sprintf(`{"s":9,"e":["fathom:%s:transcript:0"],"m":%q}`, m.RecordingID, m.ID)
			return pick(r.random, base64.RawURLEncoding.EncodeToString([]byte(at)), "e30", m.ID)
		})
		maybe("kind", func() string { return pick(r.random, "transcript", "summary", "distilled") })
	case 5:
		path += "/customers/" + url.PathEscape(customer())
	case 6:
		path += "/customers/" + url.PathEscape(customer()) + "/context"
		query.Set("question", r.words())
		maybe("format", func() string { return "markdown" })
		maybe("tokens", func() string { return "8000" })
	case 7:
		id := companyID(c.org, r.random.IntN(worldCompanies))
		path += "/end_users/" + private(id) + "@" + domainOf(id) + "/context"
	case 8:
		path += pick(r.random, "/action_items", "/tally", "/tokens")
	}
	maybe("customer", customer)
	if r.random.IntN(6) == 0 {
		query.Set("end_user", user())
	}
	if r.random.IntN(20) == 0 {
		query.Add(pick(r.random, "customer", "org", "company", "scope"), customer())
	}
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	request.URL = &url.URL{Path: path, RawQuery: query.Encode()}
	if plain, err := url.PathUnescape(path); err == nil {
		request.URL.Path, request.URL.RawPath = plain, path
	}
	request.Header.Set("Authorization", "Bearer "+c.secret)
	request.Header.Set("X-Org", r.world.org((c.org+1)%worldOrgs))
	return request
}

// call is one of MCP.
func (r *leakRig) call(ctx context.Context, c caller, m *schemas.MeetingRow) *http.Request {
	type object = map[string]any
	arguments := object{}
	if r.random.IntN(2) == 0 {
		arguments["customer"] = r.customer(c)
	}
	params := object{"arguments": arguments}
	method := "tools/call"
	switch r.random.IntN(7) {
	case 0, 1:
		params["name"] = "search_meetings"
		arguments["query"] = r.words()
		if r.random.IntN(3) == 0 {
			arguments["companies"] = []string{r.customer(c)}
		}
		if r.random.IntN(6) == 0 {
			arguments["end_user"] = "eu_" + strings.TrimPrefix(companyID(c.org, r.random.IntN(worldCompanies)), "co_")
		}
	case 2:
		params["name"] = "get_customer_context"
		arguments["question"] = r.words()
	case 3:
		params["name"] = "get_meeting"
		delete(arguments, "customer")
		arguments["id"] = pick(r.random, m.ID, m.ID, m.ID+"/..", "../"+m.ID)
	case 4:
		params["name"] = pick(r.random, "list_meetings", "list_action_items")
		if r.random.IntN(3) == 0 {
			arguments["before"] = m.ID
		}
	case 5:
		method, params = "resources/read", object{"uri": "leadline://" + m.ID}
	case 6:
		method, params = "resources/list", object{}
	}
	body, _ := json.Marshal(object{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	address := console.MCPPath
	if r.random.IntN(10) == 0 {
		address += "?org=" + m.Org
	}
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+c.secret)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	return request
}
