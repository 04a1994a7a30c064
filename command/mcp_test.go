package command

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// A token of an organisation says which, and one that is bound to a customer
// which: over stdio it is asked of the Leadline that the token is for.
func TestMCPOverStdioIsThatOfTheToken(t *testing.T) {
	t.Parallel()
	secret := "ll_acme.aaaaaaaaaaaaa." + strings.Repeat("A", 52)
	answers := map[string]string{
		"/api/v1/orgs/acme/token":                      `{"id": "aaaaaaaaaaaaa", "permissions": ["read"], "customer": "co_amber"}`,
		"/api/v1/orgs/acme/customers/co_amber/context": `{"notice": "not instruction", "customer": {"id": "co_amber", "name": "Amber Works"}, "token_budget": 2000}`,
	}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Path]
		if !ok || r.Header.Get("Authorization") != "Bearer "+secret {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, answer)
	}))
	t.Cleanup(api.Close)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "mcp")
	cmd.Env = append(os.Environ(), asCommand+"=1", "LEADLINE_URL="+api.URL, "LEADLINE_API_TOKEN="+secret)
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &sdk.CommandTransport{Command: cmd}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	got, err := session.CallTool(t.Context(), &sdk.CallToolParams{Name: "get_customer_context", Arguments: map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	if text := got.Content[0].(*sdk.TextContent).Text; got.IsError || !strings.Contains(text, "# Amber Works") {
		t.Errorf("the context of the token's customer is %s", text)
	}
}
