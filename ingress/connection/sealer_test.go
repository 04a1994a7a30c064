package connection

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leadline/schemas"
)

func TestWhatIsSealedOpensForItsOwnFieldOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "keyset.json")
	s, err := OpenSealer("", path)
	if err != nil {
		t.Fatal(err)
	}
	c := schemas.Connection{Org: "a", Provider: "fathom", Name: First}
	if c.SealedAPIKey, err = s.Seal([]byte("key"), sealContext(c, fieldAPIKey)); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(c.SealedAPIKey, []byte("key")) {
		t.Error("in clear")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (*Sealer, error){
		"file again":  func() (*Sealer, error) { return OpenSealer("", path) },
		"environment": func() (*Sealer, error) { return OpenSealer(string(raw), "/nowhere") },
	} {
		again, err := open()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if key, err := again.APIKey(c); err != nil || key.Reveal() != "key" {
			t.Errorf("%s: %v", name, err)
		}
	}
	moved := c
	moved.Org, moved.SealedSecret = "b", c.SealedAPIKey
	if _, err := s.APIKey(moved); err == nil {
		t.Error("opens for another organisation")
	}
	moved.Org = "a"
	if _, err := s.WebhookSecret(moved); err == nil {
		t.Error("opens as another field")
	}
	stranger, err := OpenSealer("", filepath.Join(t.TempDir(), "k"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.APIKey(c); err == nil {
		t.Error("opens with another keyset")
	}
}

func TestABrokenKeysetIsRefusedWithoutShowingIt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"secretkeytext", `{"primaryKeyId": "secretkeytext"}`, `{}`} {
		if _, err := OpenSealer(text, ""); err == nil || strings.Contains(err.Error(), "secretkeytext") {
			t.Errorf("%s: %v", text, err)
		}
		path := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenSealer("", path); err == nil || strings.Contains(err.Error(), "secretkeytext") {
			t.Errorf("%s in a file: %v", text, err)
		}
		if after, _ := os.ReadFile(path); string(after) != text {
			t.Error("the file was overwritten")
		}
	}
}
