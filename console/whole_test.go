package console_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"leadline/console"
	"leadline/schemas"
)

// A body that lacks what it has to have changes nothing, and says what.
func TestABodyIsWhole(t *testing.T) {
	t.Parallel()
	rules := &shelf{sets: make(map[string]schemas.RuleSet)}
	h := console.Handler(console.Options{
		Store: openHarbour(t), Token: token, Tokens: openTokens(t), Connections: new(switchboard), Rules: rules,
	})
	for _, c := range []struct {
		method, path, body string
		code               int
		says               string
	}{
		{http.MethodPut, "/rules", `{"version":null,"rules":[{"type":"keyword","text":"secret"}]}`, 200, `"version":1`},
		{http.MethodPut, "/rules", `{}`, 400, `"is missing","field":"rules"`},
		{http.MethodPut, "/rules", `null`, 400, `"is missing","field":"rules"`},
		{http.MethodPut, "/rules", `{"rules":null}`, 400, `"is missing","field":"rules"`},
		{http.MethodPut, "/rules", ``, 400, `"is empty","field":"body"`},
		{http.MethodPut, "/rules", `{"rules":[]}`, 200, `"version":2`},
		{http.MethodPost, "/tokens", `{"permissions":["read"]}`, 400, `"is missing","field":"name"`},
		{http.MethodPost, "/tokens", `{"name":"n","permissions":["read"],"customer":"Amber Works"}`, 400, `is no customer's id","field":"customer"`},
		{http.MethodPost, "/tokens", `{"name":"n","permissions":["read"],"customer":"co_amber"}`, 201, `"customer":"co_amber"`},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, "/api/v1/orgs/harbour"+c.path, bytes.NewBufferString(c.body))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		w := send(h, r)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s %s: %d %s, want %d %s", c.method, c.path, c.body, w.Code, w.Body, c.code, c.says)
		}
	}
}
