package console_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"leadline/console"
	"leadline/schemas"
)

// described is the API with its own document as the judge of what it answers.
type described struct {
	t     *testing.T
	h     http.Handler
	paths map[string]map[string]any // path -> method -> operation
	judge *jsonschema.Compiler
}

// describe reads the document, and looks whether it hangs together.
func describe(t *testing.T, h http.Handler) *described {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/openapi.json", nil)
	w := send(h, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	raw := w.Body.Bytes()
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]any
		Components struct{ Schemas map[string]any }
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err = errors.Join(err, json.Unmarshal(raw, &doc)); err != nil {
		t.Fatal(err)
	}
	// Members may be added for clients, not behind the document's back.
	for _, shape := range whole.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any) {
		shape.(map[string]any)["additionalProperties"] = false
	}
	d := &described{t: t, h: h, paths: doc.Paths, judge: jsonschema.NewCompiler()}
	d.judge.AssertFormat()
	if err := d.judge.AddResource("openapi.json", whole); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || len(doc.Paths) < 10 {
		t.Errorf("a document of version %s with %d paths", doc.OpenAPI, len(doc.Paths))
	}
	for name := range doc.Components.Schemas {
		if _, err := d.judge.Compile("openapi.json#/components/schemas/" + name); err != nil {
			t.Error(err)
		}
	}
	return d
}

// operation finds the path that the document has for a request.
func (d *described) operation(method, path string) (template string, found bool) {
	parts := strings.Split(path, "/")
	for t, operations := range d.paths {
		same := len(strings.Split(t, "/")) == len(parts)
		for i, p := range strings.Split(t, "/") {
			same = same && (strings.HasPrefix(p, "{") || p == parts[i])
		}
		if _, ok := operations[strings.ToLower(method)]; same && ok {
			return t, true
		}
	}
	return "", false
}

// check lets the document judge an answer.
func (d *described) check(method, path string, w *httptest.ResponseRecorder) {
	d.t.Helper()
	path, _, _ = strings.Cut(path, "?")
	template, ok := d.operation(method, path)
	if !ok {
		d.t.Errorf("%s %s is not in the document", method, path)
		return
	}
	escape := func(s string) string { return url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(s)) }
	at := "openapi.json#/paths/" + escape(template) + "/" + strings.ToLower(method) + "/responses/" + strconv.Itoa(w.Code)
	responses := d.paths[template][strings.ToLower(method)].(map[string]any)["responses"].(map[string]any)
	said, ok := responses[strconv.Itoa(w.Code)].(map[string]any)
	if !ok {
		d.t.Errorf("%s %s answers %d, which the document does not name", method, path, w.Code)
		return
	}
	if to, ok := said["$ref"].(string); ok {
		at = "openapi.json" + to
	}
	kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	if w.Body.Len() == 0 {
		if said["content"] != nil {
			d.t.Errorf("%s %s answers %d without a body", method, path, w.Code)
		}
		return
	}
	schema, err := d.judge.Compile(at + "/content/" + escape(kind) + "/schema")
	if err != nil {
		d.t.Errorf("%s %s answers %d with %s: %v", method, path, w.Code, kind, err)
		return
	}
	var value any = w.Body.String()
	if strings.HasSuffix(kind, "json") {
		if value, err = jsonschema.UnmarshalJSON(bytes.NewReader(w.Body.Bytes())); err != nil {
			d.t.Error(err)
			return
		}
	}
	if err := schema.Validate(value); err != nil {
		d.t.Errorf("%s %s answers %d against the document: %v", method, path, w.Code, err)
	}
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
	d.check(method, "/api/v1"+path, w)
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
		"/orgs/harbour/meetings?learning=parked":                                 200,
		"/orgs/harbour/rules/costs?since=2026-09-01":                             200,
		"/orgs/harbour/rules/costs?since=yesterday":                              400,
		"/orgs/harbour/rules/hits?rule=secret&effect=excluded&since=2026-09-01":  200,
		"/orgs/harbour/rules/hits?limit=1":                                       200,
		"/orgs/harbour/rules/hits?effect=liked":                                  400,
		"/orgs/harbour/rules/hits?before=yesterday":                              400,
		"/orgs/harbour/rules/hits?customer=co_amber":                             400,
		"/orgs/harbour/meetings?learning=gone":                                   400,
		"/orgs/harbour/meetings?learning=parked&customer=co_amber":               400,
		"/openapi.json":                                      200,
		"/orgs/Harbour/meetings":                             400,
		"/orgs/harbour/meetings?state=lost":                  400,
		"/orgs/harbour/search":                               400,
		"/orgs/harbour/customers/co_amber/context?tokens=3":  400,
		"/orgs/harbour/end_users/nobody/context":             400,
		"/orgs/harbour/meetings/fathom/9":                    404,
		"/orgs/harbour/end_users/no@body.example/context":    404,
		"/orgs/harbour/tally?" + strings.Repeat("q=&", 4000): 414,
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
