package webhook_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/webhook"
	"leadline/schemas"
)

const third = "third"

// newSharedRig has two organisations with one account each and one with both, at a recorder with one endpoint for all.
func newSharedRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, func(o *webhook.Options) { o.Recorders[third] = connectiontest.Third{} })
	for org, account := range map[string]string{"north": "acc-1", "south": "acc-2", "twin": "acc-1"} {
		secret := "secret-of-" + account
		r.Connect(schemas.Connection{Org: org, Provider: third, Ingest: true, Account: account}, account, secret)
	}
	ended := time.Now()
	r.Connect(schemas.Connection{Org: "ended", Provider: third, Account: "acc-3", DisconnectedAt: &ended}, "", "")
	r.Connect(schemas.Connection{Org: "off", Provider: third, Account: "acc-4"}, "acc-4", "secret-of-acc-4")
	if err := r.table.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) third(path, secret, body string) *http.Request {
	r.T.Helper()
	req, err := http.NewRequestWithContext(r.T.Context(), http.MethodPost, r.url+path, strings.NewReader(body))
	if err != nil {
		r.T.Fatal(err)
	}
	req.Header.Set("X-Secret", secret)
	return req
}

func TestASharedEndpointFindsTheOrganisationsByAccount(t *testing.T) {
	t.Parallel()
	r := newSharedRig(t)
	const shared = "/api/integrations/third/webhook"
	for name, c := range map[string]struct {
		path, secret, body string
		status             int
		answer             string
	}{
		"one organisation":          {shared, "secret-of-acc-2", `{"account":"acc-2","recording":"a","token":"do-not-store-me"}`, 200, ""},
		"two with one account":      {shared, "secret-of-acc-1", `{"account":"acc-1","recording":"b"}`, 200, ""},
		"another account's secret":  {shared, "secret-of-acc-1", `{"account":"acc-2","recording":"c"}`, 401, "signature refused"},
		"unknown account":           {shared, "secret-of-acc-1", `{"account":"acc-9","recording":"d"}`, 404, "no such webhook"},
		"account of an ended one":   {shared, "secret-of-acc-1", `{"account":"acc-3","recording":"e"}`, 410, "stop sending"},
		"ingest off":                {shared, "secret-of-acc-4", `{"account":"acc-4","recording":"f"}`, 204, ""},
		"challenge":                 {shared, "secret-of-acc-2", `{"challenge":"xyz"}`, 200, `{"challenge":"xyz"}`},
		"challenge of a stranger":   {shared, "guessed", `{"challenge":"xyz"}`, 401, "signature refused"},
		"no account and large":      {shared, "secret-of-acc-2", `{"recording":"` + strings.Repeat("g", 20<<10) + `"}`, 404, "no such webhook"},
		"of no interest":            {shared, "secret-of-acc-2", `{"account":"acc-2"}`, 204, ""},
		"own path":                  {shared + "/north", "secret-of-acc-1", `{"account":"acc-1","recording":"h","gone":true}`, 200, ""},
		"challenge at own path":     {shared + "/south", "secret-of-acc-2", `{"challenge":"abc"}`, 200, `{"challenge":"abc"}`},
		"a recorder without shared": {"/api/integrations/fathom/webhook", secret, `{}`, 404, "no such webhook"},
	} {
		resp, body := r.send(r.third(c.path, c.secret, c.body))
		if resp.StatusCode != c.status || !strings.Contains(body, c.answer) {
			t.Errorf("%s: %d %q, want %d %q", name, resp.StatusCode, body, c.status, c.answer)
		}
	}
	asked := make(map[string]int)
	for _, rec := range r.Read(schemas.SyncRequests.Name) {
		v, err := schemas.Decode(r.Codec, schemas.SyncRequests, rec.Value)
		if err != nil || v.Source != schemas.SyncWebhook || string(rec.Key) != v.Org+"/third/default" {
			t.Fatalf("request %+v, %v", v, err)
		}
		if bytes.Contains(rec.Value, []byte("do-not-store-me")) {
			t.Error("a token of the delivery is in a topic")
		}
		if v.Gone != (v.Recording == "h") {
			t.Errorf("of %s it is asked whether it is gone: %v", v.Recording, v.Gone)
		}
		asked[v.Org+" "+v.Recording]++
	}
	if len(asked) != 4 || asked["south a"] != 1 || asked["north b"] != 1 || asked["twin b"] != 1 || asked["north h"] != 1 {
		t.Errorf("asked for %v", asked)
	}
	if n := len(r.Read(schemas.RawMeetings.Name)); n != 0 {
		t.Errorf("%d bodies were stored", n)
	}
}

func TestEachConnectionHasItsOwnPathAndAnEndedOneIsGone(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.Connect(schemas.Connection{Org: "lanternfish", Provider: schemas.Fathom, Name: "second", Ingest: true}, "key2", other)
	ended := time.Now()
	r.Connect(schemas.Connection{Org: "ended", Provider: schemas.Fathom, DisconnectedAt: &ended}, "", "")
	if err := r.table.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path, secret string
		status       int
	}{
		"plain":           {path, secret, 202},
		"first by name":   {path + "/default", secret, 202},
		"second":          {path + "/second", other, 202},
		"crossed secrets": {path + "/second", secret, 401},
		"third":           {path + "/third", secret, 404},
		"ended":           {"/api/integrations/fathom/webhook/ended", secret, 410},
	} {
		if resp, _ := r.send(r.signed(c.path, c.secret, time.Now(), meeting)); resp.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, resp.StatusCode, c.status)
		}
	}
	of := make(map[string]int)
	for _, rec := range r.Read(schemas.RawMeetings.Name) {
		of[schemas.OriginOf(rec).Connection]++
	}
	if of["default"] != 2 || of["second"] != 1 {
		t.Errorf("stored for %v", of)
	}
}
