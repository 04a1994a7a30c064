package console_test

import (
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
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
