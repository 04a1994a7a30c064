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

// FuzzOpen opens anything: only what was sealed opens, and only where it was sealed for.
func FuzzOpen(f *testing.F) {
	s, err := OpenSealer("", filepath.Join(f.TempDir(), "keyset.json"))
	if err != nil {
		f.Fatal(err)
	}
	own := schemas.Connection{Org: "a", Provider: "fathom", Name: First}
	sealed, err := s.Seal([]byte("key"), sealContext(own, fieldAPIKey))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint16(0), byte(1), "a", "fathom", First, []byte("key"))
	f.Add(uint16(9), byte(0), "a", "fathom/default", "", []byte{})
	f.Fuzz(func(t *testing.T, at uint16, flip byte, org, provider, name string, plain []byte) {
		changed := bytes.Clone(sealed)
		changed[int(at)%len(changed)] ^= flip
		if opened, err := s.Open(changed, sealContext(own, fieldAPIKey)); (err == nil) != (flip == 0) {
			t.Fatalf("%q opens a changed text: %v", opened, err)
		}
		other := schemas.Connection{Org: org, Provider: provider, Name: name}
		if _, err := s.Open(sealed, sealContext(other, fieldAPIKey)); err == nil && schemas.ConnectionID(org, provider, name) != schemas.ConnectionID("a", "fathom", First) {
			t.Fatalf("opens for %+v", other)
		}
		if _, err := s.Open(plain, sealContext(own, fieldAPIKey)); err == nil {
			t.Fatalf("%x opens", plain)
		}
		again, err := s.Seal(plain, sealContext(other, fieldWebhookSecret))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Open(again, sealContext(other, fieldWebhookSecret)); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%x, %v", got, err)
		}
		if _, err := s.Open(again, sealContext(other, fieldAPIKey)); err == nil {
			t.Fatal("a webhook's secret opens as a key")
		}
	})
}
