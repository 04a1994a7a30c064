package console_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"leadline/console"
	"leadline/schemas"
)

// switchboard has one connection and remembers what it was asked.
type switchboard struct {
	asked []string
	err   error
}

func (s *switchboard) Connections(context.Context, string) ([]schemas.ConnectionStatus, error) {
	at := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	left := 12.5
	return []schemas.ConnectionStatus{{
		Org: harbour, Provider: schemas.Fathom, Name: "default", State: schemas.ConnectionConnected, ConnectedAt: at,
		Sync:     &schemas.ConnectionSync{Running: true, Began: &at, UpdatedAt: at, SecondsLeft: &left},
		Receipt:  &schemas.ErasureReceipt{AskedAt: at, DoneAt: at, Tombstones: map[string]int{"t": 1}, Stores: map[string]int{}, Pending: []string{}, Remaining: map[string]int{}},
		Problems: []schemas.ConnectionProblem{{Code: "webhook_leaked", Text: "Delete it."}},
	}}, s.err
}

func (s *switchboard) Connect(_ context.Context, _ string, c console.NewConnection) (schemas.ConnectionStatus, error) {
	s.asked = append(s.asked, "connect "+c.BaseURL+c.PublicURL)
	return schemas.ConnectionStatus{Problems: []schemas.ConnectionProblem{}}, s.err
}

func (s *switchboard) Change(_ context.Context, org, provider, name string, c console.ConnectionChange) (schemas.ConnectionStatus, error) {
	s.asked = append(s.asked, fmt.Sprint(c.Do, " ", org, "/", provider, "/", name, " ", c.Since.Format(time.DateOnly), " ", c.Erase))
	return schemas.ConnectionStatus{Problems: []schemas.ConnectionProblem{}}, s.err
}

func TestConnectionsAreForAdministratorsOfTheOrganisation(t *testing.T) {
	t.Parallel()
	book, board := openTokens(t), new(switchboard)
	d := describe(t, console.Handler(console.Options{Store: openHarbour(t), Token: token, Tokens: book, Connections: board}))
	admin := mint(t, book, schemas.APIToken{Name: "admin", Permissions: []string{schemas.PermissionAdmin}})
	reader := mint(t, book, schemas.APIToken{Name: "reader", Permissions: []string{schemas.PermissionRead, schemas.PermissionIngest}})
	foreign := mintFor(t, book, "foreign", schemas.APIToken{Name: "admin", Permissions: []string{schemas.PermissionAdmin}})
	const all, one = "/orgs/harbour/connections", "/orgs/harbour/connections/fathom/default"
	connect := console.NewConnection{Provider: schemas.Fathom, Credential: "key"}
	elsewhere := connect
	elsewhere.BaseURL = "http://10.0.0.1"
	for _, step := range []struct {
		method, path string
		body         any
		status       int
		asked        string
	}{
		{http.MethodGet, all, nil, 200, ""},
		{http.MethodGet, one, nil, 200, ""},
		{http.MethodGet, all + "/zoom/default", nil, 404, ""},
		{http.MethodPost, all, connect, 201, "connect "},
		{http.MethodPost, all, elsewhere, 400, ""},
		{http.MethodPost, one + "/sync?since=2026-09-01", nil, 202, "sync harbour/fathom/default 2026-09-01 false"},
		{http.MethodPost, one + "/pause", nil, 200, "pause harbour/fathom/default 0001-01-01 false"},
		{http.MethodPost, one + "/resume", nil, 200, "resume harbour/fathom/default 0001-01-01 false"},
		{http.MethodPost, one + "/forget-webhooks", nil, 200, "forget-webhooks harbour/fathom/default 0001-01-01 false"},
		{http.MethodDelete, one + "?erase=true", nil, 200, "disconnect harbour/fathom/default 0001-01-01 true"},
		{http.MethodDelete, one + "?erase=yes", nil, 400, ""},
	} {
		for with, want := range map[string]int{"": 401, reader: 403, foreign: 403} {
			if w := d.ask(step.method, step.path, with, step.body); w.Code != want && w.Code != 400 {
				t.Errorf("%s %s is %d, want %d", step.method, step.path, w.Code, want)
			}
		}
		if len(board.asked) != 0 {
			t.Errorf("%s %s asked %q for somebody who may not", step.method, step.path, board.asked)
		}
		w := d.ask(step.method, step.path, admin, step.body)
		if asked := strings.Join(board.asked, "; "); w.Code != step.status || asked != step.asked {
			t.Errorf("%s %s: %d and %q, want %d and %q: %s", step.method, step.path, w.Code, asked, step.status, step.asked, w.Body)
		}
		board.asked = nil
	}
	if w := d.ask(http.MethodPost, all, token, elsewhere); w.Code != 201 {
		t.Errorf("the instance's own token may name an address: %d %s", w.Code, w.Body)
	}
	for _, code := range []int{409, 422, 503} {
		board.err = &console.ConnectionRefused{Code: code, Step: "prove the key", Why: "Make a new key.", Err: context.Canceled}
		w := d.ask(http.MethodPost, all, admin, connect)
		if body := w.Body.String(); w.Code != code || !strings.Contains(body, "Make a new key.") || strings.Contains(body, "canceled") {
			t.Errorf("%d %s, want %d", w.Code, body, code)
		}
	}
	if w := d.ask(http.MethodGet, all, token, nil); w.Code != 503 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestWithoutAKeysetThereAreNoConnections(t *testing.T) {
	t.Parallel()
	d := describe(t, console.Handler(console.Options{Store: openHarbour(t), Token: token}))
	if w := d.ask(http.MethodGet, "/orgs/harbour/connections", token, nil); w.Code != http.StatusNotImplemented {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestANewConnectionPrintsNoSecret(t *testing.T) {
	t.Parallel()
	c := console.NewConnection{Provider: schemas.Zoom, Credential: "hush", WebhookSecret: "hush"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if said := fmt.Sprintf(verb, c); strings.Contains(said, "hush") {
			t.Errorf("%s prints %s", verb, said)
		}
	}
}
