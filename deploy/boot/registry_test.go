package boot_test

import (
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"leadline/deploy/boot"
)

// The registry is told who asks, and where it points to is not followed: that
// may be plain text, and would get the password.
func TestRegistryIsToldThePasswordAndNobodyElseIs(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int64
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer plain.Close()
	var user, password atomic.Value
	registry := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, p, _ := r.BasicAuth()
		user.Store(u)
		password.Store(p)
		http.Redirect(w, r, plain.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	registry.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	registry.StartTLS()
	defer registry.Close()
	dir := t.TempDir()
	ca, secret := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "password")
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: registry.Certificate().Raw})
	for path, content := range map[string][]byte{ca: root, secret: []byte("from a file\n")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := boot.Registry{URL: registry.URL, User: "leadline", PasswordFile: secret, Trust: boot.TLS{Variables: "SCHEMA_REGISTRY", CAFile: ca}}
	_, err := r.Codec(t.Context())
	if err == nil || elsewhere.Load() > 0 {
		t.Errorf("a redirect was followed %d times: %v", elsewhere.Load(), err)
	}
	if user.Load() != "leadline" || password.Load() != "from a file" {
		t.Errorf("it was told %v, %v: %v", user.Load(), password.Load(), err)
	}
	r.Trust.CAFile = ""
	if _, err := r.Codec(t.Context()); err == nil || !boot.Distrusted(err) || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("a server that nobody vouches for: %v", err)
	}
}
