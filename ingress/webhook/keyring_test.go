package webhook

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"leadline/ingress/connection"
	"leadline/ingress/zoom"
	"leadline/schemas"
)

// A process can meet a secret before its copy of the keyset has the key, as where a
// mounted file follows a rotation a minute later.
func TestAKeysetThatComesLaterOpensTheSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ours, theirs := filepath.Join(dir, "ours.json"), filepath.Join(dir, "theirs.json")
	sealer, err := connection.OpenSealer("", ours)
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := connection.OpenSealer("", theirs)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := rotated.Seal([]byte("secret-token"), "org/zoom/default/webhook_secret")
	if err != nil {
		t.Fatal(err)
	}
	c := schemas.Connection{Org: "org", Provider: schemas.Zoom, Name: "default", SealedSecret: sealed}
	now := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	k := newKeyring(sealer, func() time.Time { return now })
	of := zoom.New(zoom.Pro)
	if _, fresh, err := k.verifier(of, c); err == nil || !fresh {
		t.Fatalf("opened without the key: %v, %v", fresh, err)
	}
	raw, err := os.ReadFile(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ours, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	// A flood of deliveries must not read the file again and again.
	if _, fresh, err := k.verifier(of, c); err == nil || fresh {
		t.Errorf("tried again at once: %v, %v", fresh, err)
	}
	now = now.Add(openAgain)
	v, _, err := k.verifier(of, c)
	if err != nil || v == nil {
		t.Fatalf("the key is there, and deliveries are answered 503: %v", err)
	}
	if _, fresh, err := k.verifier(of, c); err != nil || fresh {
		t.Errorf("opened twice: %v, %v", fresh, err)
	}
}
