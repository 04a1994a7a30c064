package connection_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"leadline/ingress/connection"
	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/fathom/simulator"
	"leadline/ingress/recorder"
	"leadline/schemas"
)

const apiKey = "connect-test-key"

// account is a simulated Fathom that tells which webhooks exist.
type account struct {
	url string

	mu     sync.Mutex
	hooks  map[string]map[string]any // id -> what was asked for
	refuse func(r *http.Request) int
}

func newAccount(t *testing.T) *account {
	t.Helper()
	sim, err := simulator.New(simulator.Options{Keys: map[string]string{apiKey: "", secondKey: ""}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	a := &account{hooks: make(map[string]map[string]any)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.refuse != nil {
			if status := a.refuse(r); status != 0 {
				w.WriteHeader(status)
				return
			}
		}
		answer := httptest.NewRecorder()
		sim.Handler().ServeHTTP(answer, r)
		switch {
		case answer.Code == http.StatusCreated:
			var made map[string]any
			if err := json.Unmarshal(answer.Body.Bytes(), &made); err != nil {
				t.Error(err)
			}
			a.hooks[made["id"].(string)] = made
		case answer.Code == http.StatusNoContent && r.Method == http.MethodDelete:
			delete(a.hooks, r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	a.url = server.URL + simulator.BasePath
	return a
}

func (a *account) webhooks() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var ids []string
	for id := range a.hooks {
		ids = append(ids, id)
	}
	return ids
}

func (a *account) request() connection.Request {
	return connection.Request{
		Org: "lanternfish", Provider: schemas.Fathom, BaseURL: a.url,
		Credential: recorder.NewSecret(apiKey), PublicURL: "https://leadline.example/base/",
	}
}

func connector(r *connectiontest.Rig) (*connection.Connector, *connection.Table) {
	table := r.Table()
	return connection.NewConnector(r.Options(), r.Recorders, table, r.Sealer, nil), table
}

// connectorWith is that of a process with a sealer of its own.
func connectorWith(r *connectiontest.Rig, s *connection.Sealer) *connection.Connector {
	return connection.NewConnector(r.Options(), r.Recorders, r.Table(), s, nil)
}

func TestConnectMakesAWebhookARecordAndAFirstSync(t *testing.T) {
	t.Parallel()
	a, r := newAccount(t), connectiontest.New(t)
	c, table := connector(r)
	made, err := c.Connect(t.Context(), a.request())
	if err != nil {
		t.Fatal(err)
	}
	if err := table.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept, ok := table.Get("lanternfish", "fathom", connection.First)
	if !ok || kept.WebhookID != made.WebhookID || !kept.Ingest || kept.LookBackDays != 30 || !kept.ConnectedAt.Equal(made.ConnectedAt) ||
		kept.WebhookURL != "https://leadline.example/base/api/integrations/fathom/webhook/lanternfish" {
		t.Errorf("kept %+v", kept)
	}
	hook := a.hooks[made.WebhookID]
	if hook == nil || hook["url"] != made.WebhookURL || hook["include_transcript"] != true || hook["include_summary"] != true ||
		hook["include_action_items"] != true || len(hook["triggered_for"].([]any)) != 3 {
		t.Errorf("webhook %v", hook)
	}
	if key, err := r.Sealer.APIKey(kept); err != nil || key.Reveal() != apiKey {
		t.Errorf("key: %v", err)
	}
	if secret, err := r.Sealer.WebhookSecret(kept); err != nil || secret.Reveal() != hook["secret"] {
		t.Errorf("secret: %v", err)
	}
	requests := r.Read(schemas.SyncRequests.Name)
	if len(requests) != 1 {
		t.Fatalf("%d requests", len(requests))
	}
	v, err := schemas.Decode(r.Codec, schemas.SyncRequests, requests[0].Value)
	if err != nil || v.Source != "connect" || v.Org != "lanternfish" || v.Connection != connection.First {
		t.Errorf("request %+v, %v", v, err)
	}
	for _, rec := range append(requests, r.Read(schemas.Connections.Name)...) {
		if bytes.Contains(rec.Value, []byte(apiKey)) || bytes.Contains(rec.Value, []byte(hook["secret"].(string))) {
			t.Errorf("a secret is in clear in %s", rec.Topic)
		}
	}
}

func TestConnectingAgainReplacesAndDisconnectingRemoves(t *testing.T) {
	t.Parallel()
	a, r := newAccount(t), connectiontest.New(t)
	c, table := connector(r)
	for range 2 {
		if _, err := c.Connect(t.Context(), a.request()); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept, _ := table.Get("lanternfish", "fathom", connection.First)
	if hooks := a.webhooks(); len(hooks) != 1 || hooks[0] != kept.WebhookID || len(table.List()) != 1 {
		t.Errorf("webhooks %v, connection has %q, %d connections", hooks, kept.WebhookID, len(table.List()))
	}
	for range 2 {
		if err := c.Disconnect(t.Context(), "lanternfish", "fathom", connection.First, false); err != nil {
			t.Fatal(err)
		}
		if err := table.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if hooks := a.webhooks(); len(hooks) != 0 || len(table.List()) != 0 {
		t.Errorf("webhooks %v, connections %v", hooks, table.List())
	}
}

func TestAFailureHalfWayLeavesNothingAndNamesItsStep(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*connection.Request)
		refuse func(*http.Request) int
		broker bool
		step   connection.Step
		leaked bool
	}{
		"unknown recorder": {change: func(q *connection.Request) { q.Provider = "gong" }, step: connection.StepCheck},
		"bad org":          {change: func(q *connection.Request) { q.Org = "a/b" }, step: connection.StepCheck},
		"bad public URL":   {change: func(q *connection.Request) { q.PublicURL = "leadline.example" }, step: connection.StepCheck},
		"wrong key":        {change: func(q *connection.Request) { q.Credential = recorder.NewSecret("wrong") }, step: connection.StepProve},
		"no webhook": {refuse: func(q *http.Request) int {
			if q.Method == http.MethodPost {
				return http.StatusBadRequest
			}
			return 0
		}, step: connection.StepWebhook},
		"broker refuses": {broker: true, step: connection.StepStore},
		"broker refuses and the webhook stays": {broker: true, refuse: func(q *http.Request) int {
			if q.Method == http.MethodDelete {
				return http.StatusInternalServerError
			}
			return 0
		}, step: connection.StepStore, leaked: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, r := newAccount(t), connectiontest.New(t)
			a.refuse = c.refuse
			connect, table := connector(r)
			if c.broker {
				// The second of the two records: a Connect that writes them one by one leaves the first.
				r.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: schemas.SyncRequests.Name, Err: kerr.TopicAuthorizationFailed, Count: -1})
			}
			request := a.request()
			if c.change != nil {
				c.change(&request)
			}
			_, err := connect.Connect(t.Context(), request)
			failed, ok := errors.AsType[*connection.StepError](err)
			if !ok || failed.Step != c.step || (failed.Leaked != "") != c.leaked {
				t.Fatalf("error %v", err)
			}
			if strings.Contains(err.Error(), apiKey) {
				t.Errorf("the key is in %v", err)
			}
			if err := table.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := len(a.webhooks()); (n == 1) != c.leaked || len(table.List()) != 0 || len(r.Read(schemas.SyncRequests.Name)) != 0 {
				t.Errorf("%d webhooks, %d connections", n, len(table.List()))
			}
		})
	}
}

func TestWithoutAPublicURLThereIsNoWebhook(t *testing.T) {
	t.Parallel()
	a, r := newAccount(t), connectiontest.New(t)
	c, _ := connector(r)
	request := a.request()
	request.PublicURL = ""
	made, err := c.Connect(t.Context(), request)
	if err != nil || made.WebhookID != "" || made.WebhookURL != "" || len(made.SealedSecret) != 0 || len(a.webhooks()) != 0 {
		t.Errorf("made %+v, %v", made, err)
	}
}

func TestTheTableFollowsAndDropsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	r := connectiontest.New(t)
	table := r.Table()
	kept := r.Connect(schemas.Connection{Org: "a", Provider: schemas.Fathom, Ingest: true}, "key", "")
	if err := table.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, ok := table.Get("a", "fathom", "default"); !ok || !bytes.Equal(got.SealedAPIKey, kept.SealedAPIKey) {
		t.Errorf("got %+v", got)
	}
	for _, value := range [][]byte{[]byte("nonsense"), nil} {
		r.Connect(schemas.Connection{Org: "a", Provider: schemas.Fathom, Ingest: true}, "key", "")
		bad := &kgo.Record{Topic: schemas.Connections.Name, Key: []byte("a/fathom/default"), Value: value}
		if err := r.Client().ProduceSync(t.Context(), bad).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := table.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, ok := table.Get("a", "fathom", "default"); ok {
			t.Errorf("still there after %q", value)
		}
	}
}
