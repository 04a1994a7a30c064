package command

import (
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"leadline/ingress/zoom"
	zoomsimulator "leadline/ingress/zoom/simulator"
)

// zoom is a simulated Zoom beside the life's Fathom, with meetings that are still to end, and what connects it.
func (l *life) zoom(meetings fs.FS) (s *zoomsimulator.Simulator, connect func(publicURL string)) {
	l.Helper()
	credential := zoom.Credential{AccountID: "account", ClientID: "client", ClientSecret: lifeKey}
	s, err := zoomsimulator.New(zoomsimulator.Options{
		Credential: credential, SecretToken: lifeKey, Meetings: meetings, Pending: true,
		Schedule: []time.Duration{0, 100 * time.Millisecond, 500 * time.Millisecond},
	})
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(s.Close)
	server := httptest.NewServer(s.Handler())
	l.Cleanup(server.Close)
	secret := filepath.Join(l.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(lifeKey), 0o600); err != nil {
		l.Fatal(err)
	}
	return s, func(publicURL string) {
		l.Helper()
		l.command(0, "", "connect", "zoom", "--account-id", credential.AccountID, "--client-id", credential.ClientID,
			"--client-secret-file", secret, "--secret-token-file", secret, "--look-back", "all",
			"--base-url", server.URL+zoomsimulator.BasePath, "--public-url", publicURL)
		if err := s.Subscribe(publicURL + "/api/integrations/zoom/webhook/demo"); err != nil {
			l.Fatal(err)
		}
	}
}
