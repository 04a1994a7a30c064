package console_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"leadline/console"
	"leadline/schemas"
)

// described is the API with its own document as the judge of what it answers.
type described struct {
	t     *testing.T
	h     http.Handler
	judge validator.Validator
	seen  map[string]bool // operation and status
}

func describe(t *testing.T, h http.Handler) *described {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/openapi.json", nil)
	w := send(h, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	doc, err := libopenapi.NewDocument(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	judge, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, wrong := judge.ValidateDocument(); !ok {
		for _, e := range wrong {
			t.Errorf("the document: %s %s", e.Message, e.Reason)
		}
	}
	return &described{t: t, h: h, judge: judge, seen: make(map[string]bool)}
}

// ask sends a request and lets the document judge the answer.
func (d *described) ask(method, path, with string, body any, header ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			d.t.Fatal(err)
		}
		sent = bytes.NewReader(raw)
	}
	r := httptest.NewRequestWithContext(d.t.Context(), method, "/api/v1"+path, sent)
	if with != "" {
		r.Header.Set("Authorization", "Bearer "+with)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := send(d.h, r)
	answer := w.Result()
	if ok, wrong := d.judge.ValidateHttpResponse(r, answer); !ok {
		for _, e := range wrong {
			d.t.Errorf("%s %.120s answers %d against the document: %s: %s", method, path, w.Code, e.Message, e.Reason)
			for _, s := range e.SchemaValidationErrors {
				d.t.Errorf("  %s at %s", s.Reason, s.KeywordLocation)
			}
		}
	}
	d.seen[method+" "+strings.SplitN(path, "?", 2)[0]+" "+http.StatusText(w.Code)] = true
	return w
}

func TestAnswersAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	tokens := openTokens(t)
	d := describe(t, console.Handler(console.Options{Store: openHarbour(t), Token: token, Tokens: tokens}))
	odd := url.PathEscape("co/odd id%2F..")
	for path, want := range map[string]int{
		"/orgs/harbour/meetings": 200,
		"/orgs/harbour/meetings?limit=2&before=harbour/fathom/1004&state=matched": 200,
		"/orgs/nobody/meetings":                                                  200,
		"/orgs/harbour/meetings/fathom/1001":                                     200,
		"/orgs/harbour/meetings/zoom/1001?customer=co_birch":                     200,
		"/orgs/harbour/meetings/fathom/1001/entries":                             200,
		"/orgs/harbour/search?q=pier&kind=distilled&kind=summary&held_back=true": 200,
		"/orgs/harbour/customers/co_amber":                                       200,
		"/orgs/harbour/customers/" + odd:                                         200,
		"/orgs/harbour/action_items?all=true":                                    200,
		"/orgs/harbour/customers/co_amber/context?question=pier":                 200,
		"/orgs/harbour/customers/co_amber/context?format=markdown":               200,
		"/orgs/harbour/end_users/ann@amber.example/context":                      200,
		"/orgs/harbour/tally":                                                    200,
		"/orgs/harbour/tokens":                                                   200,
		"/openapi.json":                                                          200,
		"/orgs/Harbour/meetings":                                                 400,
		"/orgs/harbour/meetings?state=lost":                                      400,
		"/orgs/harbour/search":                                                   400,
		"/orgs/harbour/customers/co_amber/context?tokens=3":                      400,
		"/orgs/harbour/end_users/nobody/context":                                 400,
		"/orgs/harbour/meetings/fathom/9":                                        404,
		"/orgs/harbour/end_users/no@body.example/context":                        404,
		"/orgs/harbour/tally?" + strings.Repeat("q=&", 4000):                     414,
	} {
		if w := d.ask(http.MethodGet, path, token, nil); w.Code != want {
			t.Errorf("%.100s: %d %.300s, want %d", path, w.Code, w.Body, want)
		}
	}
	made := mint(t, tokens, schemas.APIToken{Name: "reader", Permissions: []string{schemas.PermissionRead}})
	for _, c := range []struct {
		method, path, with string
		body               any
		want               int
	}{
		{http.MethodGet, "/orgs/harbour/tally", "", nil, 401},
		{http.MethodGet, "/orgs/harbour/tokens", made, nil, 403},
		{http.MethodGet, "/orgs/foreign/tally", made, nil, 403},
		{http.MethodPost, "/orgs/harbour/tokens", token, map[string]any{"name": "new", "permissions": []string{"read"}, "customer": "co_amber"}, 201},
		{http.MethodPost, "/orgs/harbour/tokens", token, map[string]any{"name": "new", "permissions": []string{"rule"}}, 400},
		{http.MethodPost, "/orgs/harbour/tokens", token, map[string]any{"name": strings.Repeat("x", 300<<10)}, 413},
		{http.MethodDelete, "/orgs/harbour/tokens/nosuchtoken", token, nil, 404},
	} {
		if w := d.ask(c.method, c.path, c.with, c.body); w.Code != c.want {
			t.Errorf("%s %s: %d %.300s, want %d", c.method, c.path, w.Code, w.Body, c.want)
		}
	}
	if w := d.ask(http.MethodPost, "/orgs/harbour/tokens", token, map[string]any{}, "Content-Type", "text/plain"); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("a body of another kind: %d %s", w.Code, w.Body)
	}
	bare := describe(t, console.Handler(console.Options{Store: tripped{err: io.ErrUnexpectedEOF}, Token: token}))
	if w := bare.ask(http.MethodGet, "/orgs/harbour/tally", token, nil); w.Code != http.StatusInternalServerError {
		t.Errorf("a broken store: %d", w.Code)
	}
	if w := bare.ask(http.MethodGet, "/orgs/harbour/tokens", token, nil); w.Code != http.StatusNotImplemented {
		t.Errorf("no tokens: %d", w.Code)
	}
}

func TestAnAnswerThatIsKnownIsNotSentAgain(t *testing.T) {
	t.Parallel()
	d := describe(t, console.Handler(console.Options{Store: openHarbour(t), Token: token}))
	const path = "/orgs/harbour/meetings"
	tag := d.ask(http.MethodGet, path, token, nil).Header().Get("ETag")
	for header, want := range map[string]int{
		tag: 304, "W/" + tag: 304, `"other", ` + tag: 304, "*": 304, `"other"`: 200, "": 200,
	} {
		w := d.ask(http.MethodGet, path, token, nil, "If-None-Match", header)
		if w.Code != want || (w.Body.Len() == 0) != (want == 304) || w.Header().Get("ETag") != tag {
			t.Errorf("%s: %d with %d bytes and %v", header, w.Code, w.Body.Len(), w.Header())
		}
	}
	if other := d.ask(http.MethodGet, path+"?limit=1", token, nil).Header().Get("ETag"); other == tag || other == "" {
		t.Errorf("another answer has the tag %s, and the first %s", other, tag)
	}
}

func TestATokenMayAskOnlySoOften(t *testing.T) {
	t.Parallel()
	tokens := openTokens(t)
	d := describe(t, console.Handler(console.Options{Store: openHarbour(t), Token: token, Tokens: tokens, Rate: 1}))
	made := mint(t, tokens, schemas.APIToken{Name: "eager", Permissions: []string{schemas.PermissionRead}})
	refused := false
	for range 40 {
		w := d.ask(http.MethodGet, "/orgs/harbour/tally", made, nil)
		if refused = w.Code == http.StatusTooManyRequests; refused {
			if w.Header().Get("Retry-After") != "1" {
				t.Errorf("headers %v", w.Header())
			}
			break
		}
	}
	if !refused {
		t.Error("nothing was refused")
	}
	if w := d.ask(http.MethodGet, "/orgs/harbour/tally", token, nil); w.Code != http.StatusOK {
		t.Errorf("another token is refused too: %d", w.Code)
	}
}
