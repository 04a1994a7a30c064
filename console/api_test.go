package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"leadline/console"
	"leadline/schemas"
)

const token = "a-token-of-the-harbour"

// ask sends a request with the token to the handler.
func ask(t testing.TB, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/orgs"+path, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return send(h, r)
}

func send(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEveryRouteAnswersInItsShape(t *testing.T) {
	t.Parallel()
	h := console.Handler(console.Options{Store: openHarbour(t), Token: token})
	for name, path := range map[string]string{
		"meetings":        "/harbour/meetings",
		"meetings_page":   "/harbour/meetings?limit=2&before=harbour/fathom/1004",
		"meetings_state":  "/harbour/meetings?state=internal",
		"meetings_amber":  "/harbour/meetings?customer=co_amber",
		"meetings_none":   "/elsewhere/meetings",
		"meeting":         "/harbour/meetings/fathom/1001",
		"meeting_hostile": "/harbour/meetings/zoom/1001?customer=co_birch",
		"entries":         "/harbour/meetings/fathom/1002/entries",
		"search":          "/harbour/search?q=rotten+railing&kind=transcript&kind=distilled&limit=2&customer=co_amber",
		"search_none":     "/harbour/search?q=aeroplane",
		"customer":        "/harbour/customers/co_amber",
		"customer_odd":    "/harbour/customers/" + url.PathEscape("co/odd id%2F.."),
		"tally":           "/harbour/tally",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, h, path)
			if w.Code != http.StatusOK {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if w.Header().Get("Cache-Control") != "private, no-cache" ||
				w.Header().Get("Content-Type") != "application/json" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers %v", w.Header())
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, rounded(t, w.Body.Bytes()), "", "  "); err != nil {
				t.Fatal(err)
			}
			golden(t, "api_"+name+".json", []byte(visible(pretty.String()+"\n")))
		})
	}
}

// visible keeps what is hidden in a hostile text from hiding in our files.
func visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || r >= ' ' && r <= '~' {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, `\u{%04x}`, r)
	}
	return b.String()
}

// rounded takes the scores out: they are the store's business, and change with
// its ranking.
func rounded(t *testing.T, body []byte) []byte {
	t.Helper()
	var list struct {
		Results []console.Passage `json:"results"`
		Next    *string           `json:"next"`
	}
	if !bytes.HasPrefix(body, []byte(`{"results":[{`)) {
		return body
	}
	if err := json.Unmarshal(body, &list); err != nil {
		t.Fatal(err)
	}
	before := math.Inf(1)
	for i := range list.Results {
		p := &list.Results[i]
		if p.Score <= 0 || p.Score > before || p.Rank != i+1 {
			t.Errorf("score %g of rank %d after %g", p.Score, p.Rank, before)
		}
		before, p.Score, p.Cursor = p.Score, 0, ""
	}
	if list.Next != nil {
		list.Next = new(string)
	}
	out, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The names are the contract with whoever reads --json.
func TestShapesHaveTheNamesOfTheContract(t *testing.T) {
	t.Parallel()
	h := console.Handler(console.Options{Store: openHarbour(t), Token: token})
	for path, want := range map[string][]string{
		"/harbour/meetings?state=matched": {
			"id", "provider", "recording_id", "state", "version", "title", "started_at", "companies", "end_users", "links", "entries",
		},
		"/harbour/search?q=pier": {
			"rank", "score", "entry_id", "recording_id", "kind", "text", "turns", "speakers", "start", "companies",
		},
	} {
		var lists map[string]json.RawMessage
		if err := json.Unmarshal(ask(t, h, path).Body.Bytes(), &lists); err != nil {
			t.Fatal(err)
		}
		for _, raw := range lists {
			var all []map[string]any
			if json.Unmarshal(raw, &all) != nil || len(all) == 0 {
				continue
			}
			for _, name := range want {
				if _, ok := all[0][name]; !ok {
					t.Errorf("%s has no %s: %v", path, name, all[0])
				}
			}
		}
		if len(lists) != 2 && len(lists) != 1 {
			t.Errorf("%s answers %v", path, lists)
		}
	}
}

func TestErrorsSayWhichFieldIsWrong(t *testing.T) {
	t.Parallel()
	h := console.Handler(console.Options{Store: openHarbour(t), Token: token})
	long := strings.Repeat("x", 500)
	for path, want := range map[string]struct {
		status int
		field  string
	}{
		"/Harbour/meetings":                                     {400, "org"},
		"/harbour%00/meetings":                                  {400, "org"},
		"/harbour/meetings?limit=0":                             {400, "limit"},
		"/harbour/meetings?limit=501":                           {400, "limit"},
		"/harbour/meetings?limit=-1":                            {400, "limit"},
		"/harbour/meetings?limit=ten":                           {400, "limit"},
		"/harbour/meetings?limit=99999999999999999999":          {400, "limit"},
		"/harbour/meetings?state=lost":                          {400, "state"},
		"/harbour/meetings?before=harbour/fathom/9":             {400, "before"},
		"/harbour/meetings?before=foreign/fathom/1001":          {400, "before"},
		"/harbour/meetings?custmer=co_amber":                    {400, "custmer"},
		"/harbour/meetings?customer=":                           {400, "customer"},
		"/harbour/meetings?customer=co_amber&customer=co_birch": {400, "customer"},
		"/harbour/meetings?customer=" + long:                    {400, "customer"},
		"/harbour/meetings?customer=a%00b":                      {400, "customer"},
		"/harbour/meetings?customer=%zz":                        {400, "query"},
		"/harbour/meetings?state=matched;customer=co_amber":     {400, "query"},
		"/harbour/meetings?held_back=true":                      {400, "held_back"},
		"/harbour/meetings?" + strings.Repeat("q=&", 4000):      {414, ""},
		"/harbour/meetings/fathom/a%2Fb":                        {400, "recording"},
		"/harbour/meetings/fa:thom/1":                           {400, "provider"},
		"/harbour/meetings/fathom/9":                            {404, ""},
		"/harbour/meetings/fathom/9/entries":                    {404, ""},
		"/harbour/meetings/fathom/1001?customer=co_birch":       {404, ""},
		"/harbour/meetings/fathom/1003?customer=co_amber":       {404, ""},
		"/harbour/meetings/fathom/1002/entries?customer=amber":  {404, ""},
		"/harbour/meetings/":                                    {404, ""},
		"/harbour":                                              {404, ""},
		"/../../etc/passwd":                                     {404, ""},
		"/harbour/search":                                       {400, "q"},
		"/harbour/search?q=+":                                   {400, "q"},
		"/harbour/search?q=" + strings.Repeat("x", 3000):        {400, "q"},
		"/harbour/search?q=pier&kind=secrets":                   {400, "kind"},
		"/harbour/search?q=pier&kind=":                          {400, "kind"},
		"/harbour/search?q=pier&limit=101":                      {400, "limit"},
		"/harbour/search?q=pier&held_back=yes":                  {400, "held_back"},
		"/harbour/search?q=pier&org=foreign":                    {400, "org"},
		"/harbour/customers/nobody":                             {404, ""},
		"/harbour/customers/" + long:                            {400, "id"},
		"/harbour/customers/co_amber?customer=co_birch":         {404, ""},
		"/harbour/tally?customer=co_amber":                      {400, "customer"},
	} {
		w := ask(t, h, path)
		var p struct {
			Type, Title, Detail, Field string
			Status                     int
		}
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Errorf("%.80s: %v in %s", path, err, w.Body)
			continue
		}
		if w.Code != want.status || p.Status != want.status || p.Field != want.field || p.Title == "" || p.Detail == "" || p.Type != "about:blank" {
			t.Errorf("%.80s: %d %+v, want %+v", path, w.Code, p, want)
		}
		if w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%.80s: headers %v", path, w.Header())
		}
		if len(w.Body.String()) > 1000 {
			t.Errorf("%.80s: %d bytes of error", path, w.Body.Len())
		}
	}
}

func TestOnlyTheTokenOpens(t *testing.T) {
	t.Parallel()
	store := openHarbour(t)
	h := console.Handler(console.Options{Store: store, Token: token})
	for _, path := range []string{"/harbour/meetings", "/harbour/tally", "/nowhere/at/all", ""} {
		for given, want := range map[string]string{
			"":                       `Bearer realm="leadline"`,
			"Bearer":                 `Bearer realm="leadline", error="invalid_token"`,
			"Bearer ":                `Bearer realm="leadline", error="invalid_token"`,
			"Bearer " + token + "x":  `Bearer realm="leadline", error="invalid_token"`,
			"Bearer " + token[:5]:    `Bearer realm="leadline", error="invalid_token"`,
			"Basic " + token:         `Bearer realm="leadline", error="invalid_token"`,
			"Bearer  " + token + " ": `Bearer realm="leadline", error="invalid_token"`,
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/orgs"+path, nil)
			r.Header.Set("Authorization", given)
			w := send(h, r)
			if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != want || strings.Contains(w.Body.String(), "pier") {
				t.Errorf("%q %q: %d %v %s", path, given, w.Code, w.Header(), w.Body)
			}
		}
	}
	if w := ask(t, h, "/harbour/tally"); w.Code != http.StatusOK {
		t.Errorf("with the token: %d", w.Code)
	}
	for _, given := range []string{"Bearer ", "Bearer"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/orgs/harbour/tally", nil)
		r.Header.Set("Authorization", given)
		if w := send(console.Handler(console.Options{Store: store, Token: ""}), r); w.Code != http.StatusUnauthorized {
			t.Errorf("a handler without a token answers %q with %d", given, w.Code)
		}
	}
}

func TestNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	h := console.Handler(console.Options{Store: openHarbour(t), Token: token})
	for method, want := range map[string]int{
		http.MethodHead: 200, http.MethodPost: 405, http.MethodPut: 405, http.MethodDelete: 405, http.MethodPatch: 405, "BREW": 405,
	} {
		r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1/orgs/harbour/tally", strings.NewReader("{}"))
		r.Header.Set("Authorization", "Bearer "+token)
		w := send(h, r)
		if w.Code != want || want == 405 && w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
}

func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	h := console.Handler(console.Options{Store: openHarbour(t), Token: token, Metrics: console.NewMetrics(registry)})
	for _, path := range []string{
		"/harbour/tally", "/harbour/tally", "/harbour/search", "/harbour/customers/x", "/harbour/a-scanner", "/harbour/b-scanner",
	} {
		ask(t, h, path)
	}
	want := `
# HELP leadline_console_requests_total Requests to the API by answer; 499 did not wait for theirs.
# TYPE leadline_console_requests_total counter
leadline_console_requests_total{code="200",route="tally"} 2
leadline_console_requests_total{code="400",route="search"} 1
leadline_console_requests_total{code="404",route="customer"} 1
leadline_console_requests_total{code="404",route="none"} 2
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "leadline_console_requests_total"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(registry, "leadline_console_request_seconds"); err != nil || n != 4 {
		t.Errorf("%d routes are timed: %v", n, err)
	}
}

// tripped fails or waits where the store would count.
type tripped struct {
	console.Store
	err error // nil: wait until nobody does
}

func (s tripped) Tally(ctx context.Context, _ string) (schemas.Tally, error) {
	if s.err != nil {
		return schemas.Tally{}, s.err
	}
	<-ctx.Done()
	return schemas.Tally{}, ctx.Err()
}

func TestAFailureOfTheStoreStaysInTheLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	secret := errors.New("disk /srv/secret is full\nforged line")
	h := console.Handler(console.Options{Store: tripped{err: secret}, Token: token, Log: slog.New(slog.NewTextHandler(&log, nil))})
	w := ask(t, h, "/harbour/tally")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "/srv/secret") || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("log: %s", log.String())
	}
}

func TestNobodyWaitsForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		registry := prometheus.NewRegistry()
		h := console.Handler(console.Options{Store: tripped{}, Token: token, Metrics: console.NewMetrics(registry), Log: slog.New(slog.NewTextHandler(&log, nil))})
		if w := ask(t, h, "/harbour/tally"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("after the deadline: %d %v", w.Code, w.Header())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/orgs/harbour/tally", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		if w := send(h, r); w.Body.Len() != 0 {
			t.Errorf("who has gone is told %s", w.Body)
		}
		want := `
# HELP leadline_console_requests_total Requests to the API by answer; 499 did not wait for theirs.
# TYPE leadline_console_requests_total counter
leadline_console_requests_total{code="499",route="tally"} 1
leadline_console_requests_total{code="503",route="tally"} 1
`
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "leadline_console_requests_total"); err != nil {
			t.Error(err)
		}
		if log.Len() != 0 {
			t.Errorf("log: %s", log.String())
		}
	})
}

// FuzzRequest sends anything: it gets JSON, never an error of ours, and never a
// word of another organisation or, with a customer, of another's meeting.
func FuzzRequest(f *testing.F) {
	for _, seed := range [][2]string{
		{"search", "q=pier&customer=co_birch&held_back=true"}, {"meetings", "customer=co_birch&state=internal"},
		{"search", "q=%22pier%22%20OR%20org:foreign&customer=co_birch"}, {"customers/co_amber", "customer=co_birch"},
		{"meetings/fathom/1001", "customer=co_birch&end_user=eu_ann"}, {"meetings/fathom/%2e%2e", ""}, {"search", "q=a&customer=co_birch&customer"},
	} {
		f.Add(seed[0], seed[1])
	}
	h := console.Handler(console.Options{Store: openHarbour(f), Token: token})
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		u, err := url.Parse("/api/v1/orgs/harbour/" + path)
		if err != nil || strings.Contains(path, "?") || strings.Contains(path, "..") {
			return
		}
		u.RawQuery = query
		r.URL = u
		r.Header.Set("Authorization", "Bearer "+token)
		w := send(h, r)
		body, _ := io.ReadAll(w.Body)
		if w.Code >= 500 || !json.Valid(body) {
			t.Fatalf("%d %s", w.Code, body)
		}
		if w.Code == 200 && bytes.Contains(body, []byte("foreign/")) {
			t.Fatalf("another organisation's: %s", body)
		}
		values, _ := url.ParseQuery(query)
		if w.Code == 200 && slices.Contains(values["customer"], "co_birch") && bytes.Contains(body, []byte("harbour/fathom/1001")) {
			t.Fatalf("another customer's: %s", body)
		}
	})
}
