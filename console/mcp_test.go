package console_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"leadline/console"
	"leadline/console/mcp"
	"leadline/schemas"
)

// TestTypeScriptClient lets the official client judge the server. Install it
// with mcp/client/install FOLDER.
func TestTypeScriptClient(t *testing.T) {
	t.Parallel()
	installed := os.Getenv("LEADLINE_MCP_CLIENT")
	if installed == "" {
		t.Skip("set LEADLINE_MCP_CLIENT to the folder that console/mcp/client/install was given")
	}
	book := openTokens(t)
	store := openHarbour(t)
	server := httptest.NewServer(console.Handler(console.Options{
		Store: store, Tokens: book,
		MCP: mcp.Handler(mcp.Options{Reader: console.Local{Store: store}, Version: "test", Log: slog.New(slog.DiscardHandler)}),
	}))
	t.Cleanup(server.Close)
	script, err := os.ReadFile(filepath.Join("mcp", "client", "check.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	// Node looks for packages beside the script.
	path := filepath.Join(installed, "check.mjs")
	if err := os.WriteFile(path, script, 0o600); err != nil {
		t.Fatal(err)
	}
	read := []string{schemas.PermissionRead}
	cmd := exec.CommandContext(t.Context(), "node", path)
	cmd.Env = append(os.Environ(), "ADDRESS="+server.URL+console.MCPPath,
		"TOKEN="+mint(t, book, schemas.APIToken{Name: "staff", Permissions: read}),
		"BOUND="+mint(t, book, schemas.APIToken{Name: "bound", Permissions: read, Company: ptr("co_amber")}))
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	t.Logf("%s", output)
}

// What one token reads is kept by nobody for another.
func TestWhatIsReadIsNoCachesToShare(t *testing.T) {
	t.Parallel()
	store := openHarbour(t)
	h := console.Handler(console.Options{Store: store, Token: token, MCP: mcp.Handler(mcp.Options{
		Reader: console.Local{Store: store}, Version: "test", Log: slog.New(slog.DiscardHandler),
	})})
	for method, holds := range map[string]string{
		"tools/list": "get_meeting", "resources/list": "leadline://harbour/fathom/1001", "resources/read": "the new pier",
	} {
		sent := fmt.Sprintf(`{"jsonrpc": "2.0", "id": 1, "method": %q, "params": {"uri": "leadline://harbour/fathom/1001"}}`, method)
		if method != "resources/read" {
			sent = fmt.Sprintf(`{"jsonrpc": "2.0", "id": 1, "method": %q}`, method)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, console.MCPPath+"?org="+harbour, bytes.NewBufferString(sent))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Body.String(); !strings.Contains(got, holds) || !strings.Contains(got, `"cacheScope":"private"`) {
			t.Errorf("%s: %d %.300s", method, w.Code, got)
		}
	}
}
