package webhook_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/ingress/connection"
	"leadline/ingress/fathom"
	"leadline/ingress/recorder"
	"leadline/ingress/webhook"
	"leadline/ingress/zoom"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// known are connections that nothing changes.
type known []schemas.Connection

func (k known) Lookup(org, provider, name string) (schemas.Connection, bool) {
	for _, c := range k {
		if c.Org == org && c.Provider == provider && c.Name == name {
			return c, true
		}
	}
	return schemas.Connection{}, false
}

func (k known) All() []schemas.Connection { return k }
func (known) Fresh() bool                 { return true }

// FuzzRequest sends anything to any path: nobody who does not know the secret gets a 2xx, and no answer is longer than a
// sentence, or shows what was sent.
func FuzzRequest(f *testing.F) {
	const sent = "<marker-of-the-sender>"
	for _, path := range []string{"/fathom/webhook/acme", "/zoom/webhook", "/zoom/webhook/acme/default", "/gong/webhook/acme", "/fathom/webhook/%2e%2e/x", "//"} {
		f.Add("POST", path, "Webhook-Id: msg_1\nWebhook-Timestamp: 1789400165\nWebhook-Signature: v1,"+sent, []byte(`{"payload":{"account_id":"a"},"x":"`+sent+`"}`))
	}
	f.Add("GET", "/fathom/webhook/acme", "Content-Encoding: gzip\nx-zm-signature: v0="+sent, []byte{0x1f, 0x8b})
	sealer, err := connection.OpenSealer("", filepath.Join(f.TempDir(), "keyset.json"))
	if err != nil {
		f.Fatal(err)
	}
	var all known
	for _, provider := range []string{schemas.Fathom, schemas.Zoom} {
		c := schemas.Connection{Org: "acme", Provider: provider, Name: connection.First, Ingest: true, Account: "a"}
		if c.SealedSecret, err = sealer.Seal([]byte(secret), "acme/"+provider+"/default/webhook_secret"); err != nil {
			f.Fatal(err)
		}
		all = append(all, c)
	}
	h, err := webhook.New(webhook.Options{
		Kafka: []kgo.Opt{kgo.SeedBrokers("127.0.0.1:1")}, Codec: schematest.Codec(f), Log: slog.New(slog.DiscardHandler),
		Metrics: prometheus.NewRegistry(), Connections: all, Sealer: sealer, Limits: webhook.Limits{Body: 1 << 10, InFlight: 1 << 20},
		Recorders: recorder.Table{schemas.Fathom: fathom.Recorder{Calls: 1, Heavy: 1, Window: time.Second}, schemas.Zoom: zoom.New(zoom.Pro)},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(h.Close)
	router := mux.NewRouter()
	h.Mount(router)
	f.Fuzz(func(t *testing.T, method, path, headers string, body []byte) {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
		req.Method, req.URL.Path = method, "/api/integrations"+path
		for line := range strings.SplitSeq(headers, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			req.Header.Add(name, value)
		}
		w := httptest.NewRecorder()
		router.ServeHTTP(w, req)
		if w.Code < 300 || w.Code >= 500 {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		if w.Code >= 400 && (w.Body.Len() > 500 || strings.Contains(w.Body.String(), sent)) {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		if len(body) > 1<<10 && w.Code == http.StatusUnauthorized {
			t.Fatalf("%d bytes were read", len(body))
		}
	})
}
