package command

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"leadline/console"
	"leadline/ingress/connection"
	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/fathom"
	"leadline/ingress/fathom/simulator"
	"leadline/schemas"
)

const connectionsKey, connectionsToken = "connections-test-key", "a-token-of-the-instance"

// connectionsAPI is the API over connections to a simulated Fathom at recorded.
func connectionsAPI(t *testing.T) (url, recorded string) {
	t.Helper()
	sim, err := simulator.New(simulator.Options{Keys: map[string]string{connectionsKey: ""}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	fathomServer := httptest.NewServer(sim.Handler())
	t.Cleanup(fathomServer.Close)
	r := connectiontest.New(t)
	r.Recorders[schemas.Fathom] = fathom.Recorder{API: fathomServer.URL + simulator.BasePath}
	known, cursors := newConnections(r.Options(), r.Recorders, r.Table(), r.Sealer, "https://leadline.example")
	r.Start(cursors.Run)
	server := httptest.NewServer(console.Handler(console.Options{Token: connectionsToken, Connections: known}))
	t.Cleanup(server.Close)
	return server.URL, fathomServer.URL + simulator.BasePath
}

func TestTheLifeOfAConnectionByHTTP(t *testing.T) {
	t.Parallel()
	url, recorded := connectionsAPI(t)
	for _, step := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "", "", 200, `{"connections":[]}`},
		{"GET", "/fathom/default", "", 404, "no connection"},
		{"POST", "", `{"provider":"fathom","credential":"wrong"}`, 422, `"step":"prove the key"`},
		{"POST", "", `{"provider":"gong","credential":"x"}`, 400, "not known"},
		{"POST", "", `{"provider":"fathom","credential":"` + connectionsKey + `","host":"10.0.0.1"}`, 400, "unknown field"},
		{"POST", "", `{"provider":"fathom","credential":"` + connectionsKey + `"}`, 201, `"state":"connected"`},
		{"POST", "", `{"provider":"fathom","name":"again","credential":"` + connectionsKey + `"}`, 409, "already"},
		{"GET", "", "", 200, `"webhook_url":"https://leadline.example/api/integrations/fathom/webhook/lanternfish"`},
		{"POST", "/fathom/default/sync?since=2026-09-01T00:00:00Z", "", 202, `"connected"`},
		{"POST", "/fathom/default/sync?since=yesterday", "", 400, `"field":"since"`},
		{"POST", "/fathom/default/pause", "", 200, `"state":"paused"`},
		{"POST", "/fathom/default/sync", "", 409, "resume it first"},
		{"POST", "/fathom/default/resume", "", 200, `"state":"connected"`},
		{"POST", "/fathom/default/forget-webhooks", "", 200, `"problems":[]`},
		{"POST", "/fathom/default/forget", "", 404, "nothing at this address"},
		{"DELETE", "/fathom/default", "", 200, `"state":"disconnected"`},
		{"POST", "/fathom/default/resume", "", 404, "no connection"},
		{"DELETE", "/fathom/default", "", 200, `"problems":[]`},
		{"DELETE", "/fathom/unknown", "", 404, "no connection"},
		{"POST", "", `{"provider":"fathom","credential":"` + connectionsKey + `","base_url":"` + recorded + `","public_url":"https://other.example"}`, 201, "https://other.example/api"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), step.method, url+"/api/v1/orgs/lanternfish/connections"+step.path, strings.NewReader(step.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+connectionsToken)
		if step.body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		resp, err := testClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		body := string(raw)
		if resp.StatusCode != step.status || !strings.Contains(body, step.says) || !json.Valid(raw) {
			t.Errorf("%s %s %s: %d %s, want %d and %q", step.method, step.path, step.body, resp.StatusCode, body, step.status, step.says)
		}
		if strings.Contains(body, connectionsKey) || strings.Contains(body, "sealed") {
			t.Errorf("%s %s shows a secret: %s", step.method, step.path, body)
		}
	}
}

// A command's client gets the same errors as one that works on Kafka itself.
func TestTheClientOfConnections(t *testing.T) {
	t.Parallel()
	url, _ := connectionsAPI(t)
	client, err := console.NewClient(url, connectionsToken)
	if err != nil {
		t.Fatal(err)
	}
	const org = "lanternfish"
	_, err = client.Connect(t.Context(), org, console.NewConnection{Provider: schemas.Fathom, Credential: "wrong"})
	if no, ok := errors.AsType[*console.ConnectionRefused](err); !ok || no.Code != 422 || no.Step != string(connection.StepProve) || !strings.Contains(no.Error(), "make a new key") {
		t.Errorf("a wrong key: %v", err)
	}
	made, err := client.Connect(t.Context(), org, console.NewConnection{Provider: schemas.Fathom, Credential: connectionsKey, LookBackDays: -1})
	if err != nil || made.State != schemas.ConnectionConnected || made.LookBackDays != -1 {
		t.Fatalf("%+v, %v", made, err)
	}
	do := func(change console.ConnectionChange) (schemas.ConnectionStatus, error) {
		return client.Change(t.Context(), org, schemas.Fathom, connection.First, change)
	}
	if s, err := do(console.ConnectionChange{Do: console.ConnectionPause}); err != nil || s.State != schemas.ConnectionPaused {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := do(console.ConnectionChange{Do: console.ConnectionSync}); err == nil || !strings.Contains(err.Error(), "resume it first") {
		t.Errorf("a sync of a paused one: %v", err)
	}
	if s, err := do(console.ConnectionChange{Do: console.ConnectionDisconnect, Erase: true}); err != nil || s.EraseAskedAt == nil {
		t.Errorf("%+v, %v", s, err)
	}
	if all, err := client.Connections(t.Context(), org); err != nil || len(all) != 1 || all[0].State != schemas.ConnectionDisconnected {
		t.Errorf("%+v, %v", all, err)
	}
	_, err = do(console.ConnectionChange{Do: console.ConnectionResume})
	if absent, ok := errors.AsType[*console.NotFound](err); !ok || absent.What != "connection" {
		t.Errorf("resuming what has ended: %v", err)
	}
}
