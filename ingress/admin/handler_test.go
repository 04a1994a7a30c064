package admin_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/ingress/admin"
	"leadline/ingress/connection"
	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/fathom"
	"leadline/ingress/fathom/simulator"
	"leadline/schemas"
)

const (
	token  = "a-token-of-the-api"
	apiKey = "admin-test-key"
)

var client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}

type rig struct {
	*connectiontest.Rig
	url string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	sim, err := simulator.New(simulator.Options{Keys: map[string]string{apiKey: ""}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	recorded := httptest.NewServer(sim.Handler())
	t.Cleanup(recorded.Close)
	r := &rig{Rig: connectiontest.New(t)}
	r.Recorders[schemas.Fathom] = fathom.Recorder{API: recorded.URL + simulator.BasePath}
	options := r.Options()
	table := r.Table()
	cursors := connection.NewCursors(options)
	r.Start(cursors.Run)
	h := admin.New(admin.Options{
		Connector: connection.NewConnector(options, r.Recorders, table, r.Sealer, nil), Table: table, Cursors: cursors,
		Token: token, PublicURL: "https://leadline.example", Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	})
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	r.url = server.URL + "/api/v1/orgs/lanternfish/connections"
	return r
}

func (r *rig) do(method, path, body string) (int, string) {
	r.T.Helper()
	req, err := http.NewRequestWithContext(r.T.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.T.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(req)
	if err != nil {
		r.T.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		r.T.Fatal(err)
	}
	if strings.Contains(string(raw), apiKey) || strings.Contains(string(raw), "sealed") {
		r.T.Errorf("%s %s shows a secret: %s", method, path, raw)
	}
	return resp.StatusCode, string(raw)
}

func TestTheLifeOfAConnectionByHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, step := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "", "", 200, `{"connections":[]}`},
		{"GET", "/fathom/default", "", 404, "no connection"},
		{"POST", "", `{"provider":"fathom","credential":"wrong"}`, 422, `"step":"prove the key"`},
		{"POST", "", `{"provider":"gong","credential":"x"}`, 400, "not known"},
		{"POST", "", `{"provider":"fathom","credential":"` + apiKey + `","base_url":"http://10.0.0.1"}`, 400, "not what this endpoint takes"},
		{"POST", "", `{"provider":"fathom","credential":"` + apiKey + `"}`, 201, `"state":"connected"`},
		{"POST", "", `{"provider":"fathom","name":"again","credential":"` + apiKey + `"}`, 409, "already"},
		{"GET", "", "", 200, `"webhook_url":"https://leadline.example/api/integrations/fathom/webhook/lanternfish"`},
		{"POST", "/fathom/default/sync", `{"since":"2026-09-01T00:00:00Z"}`, 202, `"connected"`},
		{"POST", "/fathom/default/sync", `{"since":"yesterday"}`, 400, "not what"},
		{"POST", "/fathom/default/pause", "", 200, `"state":"paused"`},
		{"POST", "/fathom/default/sync", "", 409, "resume it first"},
		{"POST", "/fathom/default/resume", "", 200, `"state":"connected"`},
		{"DELETE", "/fathom/default", "", 200, `"state":"disconnected"`},
		{"POST", "/fathom/default/resume", "", 404, "no connection"},
		{"DELETE", "/fathom/default", "", 200, `"problems":[]`},
		{"DELETE", "/fathom/unknown", "", 404, "no connection"},
	} {
		status, body := r.do(step.method, step.path, step.body)
		if status != step.status || !strings.Contains(body, step.says) || !json.Valid([]byte(body)) {
			t.Errorf("%s %s %s: %d %s, want %d and %q", step.method, step.path, step.body, status, body, step.status, step.says)
		}
	}
}

func TestWithoutTheTokenNothingIsTold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, given := range []string{"", "Bearer", "Bearer ", "Bearer wrong", token, "Basic " + token} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", given)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%q: %d", given, resp.StatusCode)
		}
	}
}
