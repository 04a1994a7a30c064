package console_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"leadline/console"
	"leadline/console/mcp"
	"leadline/schemas"
)

// bodies are the routes that take one, and what each takes.
var bodies = []struct{ method, path, body string }{
	{http.MethodPost, "/connections", `{"provider":"fathom","credential":"a-key-that-is-secret","base_url":"http://127.0.0.1:1"}`},
	{http.MethodPut, "/directory/company/co_amber", `{"name":"Amber","domains":["amber.example"]}`},
	{http.MethodPut, "/directory/decision/fathom%2F1001%2Fcompany%2Fco_amber", `{"meeting_id":"harbour/fathom/1001","company_id":"co_amber","linked":true}`},
	{http.MethodPost, "/unmatched/resolve", `{"domain":"nowhere.example","company_id":"co_amber"}`},
	{http.MethodPost, "/match/simulate", `{"changes":[{"type":"company","id":"x","domains":["x.example"]}]}`},
	{http.MethodPut, "/rules", `{"version":null,"rules":[{"type":"keyword","text":"secret"}]}`},
	{http.MethodPost, "/tokens", `{"name":"n","permissions":["read"],"company":"co_amber"}`},
}

// FuzzBody sends anything as the body of any route that takes one: the answer is JSON, is not an error of ours, and what
// is not one JSON object is refused. The key that the first seed has is in no answer.
func FuzzBody(f *testing.F) {
	for i, b := range bodies {
		f.Add(byte(i), []byte(b.body))
	}
	f.Add(byte(0), []byte(`{} {}`))
	f.Add(byte(5), []byte(strings.Repeat(`{"changes":[`, 20_000)))
	f.Add(byte(6), []byte("{\"rules\":[{\"type\":\"instruction\",\"text\":\"\xff\\u0000\"}]}"))
	h := console.Handler(console.Options{
		Store: openHarbour(f), Token: token, Connections: new(switchboard), Rules: &shelf{sets: make(map[string]schemas.RuleSet)},
	})
	f.Fuzz(func(t *testing.T, route byte, body []byte) {
		to := bodies[int(route)%len(bodies)]
		r := httptest.NewRequestWithContext(t.Context(), to.method, "/api/v1/orgs/harbour"+to.path, bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		w := send(h, r)
		answer := w.Body.Bytes()
		if len(answer) > 0 && !json.Valid(answer) {
			t.Fatalf("%s %s: %d %s", to.method, to.path, w.Code, answer)
		}
		if w.Code >= 500 && w.Code != http.StatusNotImplemented {
			t.Fatalf("%s %s: %d %s", to.method, to.path, w.Code, answer)
		}
		if w.Code < 300 && !json.Valid(body) {
			t.Fatalf("%s %s took %q", to.method, to.path, body)
		}
		if bytes.Contains(answer, []byte("a-key-that-is-secret")) {
			t.Fatalf("%d %s", w.Code, answer)
		}
	})
}

// FuzzMCP sends anything to the MCP server by a token of one customer: no answer has a word of another's meeting, nor is
// it an error of ours.
func FuzzMCP(f *testing.F) {
	call := func(name, arguments string) []byte {
		return []byte(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + name + `","arguments":` + arguments + `}}`)
	}
	f.Add(call("search", `{"org":"harbour","query":"pier","customer":"co_amber"}`))
	f.Add(call("search_meetings", `{"org":"foreign","query":"pier"}`))
	f.Add(call("get_meeting", `{"org":"harbour","meeting":"harbour/fathom/1001"}`))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"leadline://harbour/meetings/fathom/1001"}}`))
	f.Add([]byte(`[{"jsonrpc":"2.0"},null]`))
	book, store := openTokens(f), openHarbour(f)
	h := console.Handler(console.Options{
		Store: store, Tokens: book,
		MCP: mcp.Handler(mcp.Options{Reader: console.Local{Store: store}, Version: "test", Log: slog.New(slog.DiscardHandler)}),
	})
	bound := mint(f, book, schemas.APIToken{Name: "bound", Permissions: []string{schemas.PermissionRead}, Company: ptr("co_birch")})
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, console.MCPPath, bytes.NewReader(body))
		maps.Copy(r.Header, http.Header{
			"Authorization": {"Bearer " + bound}, "Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"},
		})
		w := send(h, r)
		if w.Code >= 500 {
			t.Fatalf("%q: %d %s", body, w.Code, w.Body)
		}
		for _, foreign := range []string{"pier of 1003", "pier of 1004", "pier of 1005", "ann@amber.example"} {
			if bytes.Contains(w.Body.Bytes(), []byte(foreign)) && !bytes.Contains(body, []byte(foreign)) {
				t.Fatalf("%q has %q: %s", body, foreign, w.Body)
			}
		}
	})
}
