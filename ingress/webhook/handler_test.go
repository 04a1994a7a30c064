package webhook_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"

	"leadline/ingress/connection"
	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/fathom"
	"leadline/ingress/webhook"
	"leadline/schemas"
)

var (
	secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("a webhook key of 24 byte"))
	other  = "whsec_" + base64.StdEncoding.EncodeToString([]byte("another webhook's secret"))
)

const (
	path   = "/api/integrations/fathom/webhook/lanternfish"
	paused = "/api/integrations/fathom/webhook/paused"
)

type rig struct {
	*connectiontest.Rig
	url     string
	metrics *prometheus.Registry
	handler http.Handler
	table   *connection.Table // nil where a test brings its own
}

// testClient is not net/http's own: whichever httptest server closes also closes the idle connections of that one.
var testClient = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}

func newRig(t *testing.T, change func(*webhook.Options)) *rig {
	t.Helper()
	r := &rig{Rig: connectiontest.New(t), metrics: prometheus.NewRegistry()}
	r.Connect(schemas.Connection{Org: "lanternfish", Provider: schemas.Fathom, Ingest: true}, "key", secret)
	r.Connect(schemas.Connection{Org: "paused", Provider: schemas.Fathom}, "key", secret)
	r.Connect(schemas.Connection{Org: "pollonly", Provider: schemas.Fathom, Ingest: true}, "key", "")
	o := webhook.Options{
		Kafka: r.Kafka, Codec: r.Codec, Log: slog.New(slog.DiscardHandler), Metrics: r.metrics, Recorders: r.Recorders, Sealer: r.Sealer,
		Limits: webhook.Limits{ProduceTime: 2 * time.Second, ReadTime: 5 * time.Second},
	}
	if change != nil {
		change(&o)
	}
	if o.Connections == nil {
		r.table = r.Table()
		o.Connections = r.table
	}
	h, err := webhook.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	router := mux.NewRouter()
	h.Mount(router)
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	r.url, r.handler = server.URL, router
	return r
}

// signed is a delivery as Fathom sends it.
func (r *rig) signed(path, secret string, at time.Time, body []byte) *http.Request {
	r.T.Helper()
	signature, err := fathom.Sign(secret, "msg_1", at, body)
	if err != nil {
		r.T.Fatal(err)
	}
	req, err := http.NewRequestWithContext(r.T.Context(), http.MethodPost, r.url+path, bytes.NewReader(body))
	if err != nil {
		r.T.Fatal(err)
	}
	req.Header.Set("Webhook-Id", "msg_1")
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	req.Header.Set("Webhook-Signature", signature)
	return req
}

func (r *rig) send(req *http.Request) (*http.Response, string) {
	r.T.Helper()
	resp, err := testClient.Do(req)
	if err != nil {
		r.T.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.T.Fatal(err)
	}
	return resp, string(body)
}

var meeting = []byte("{\"recording_id\": 7,  \"title\": \"Fr\u00fchst\u00fcck\", \"x\": [ ]}\n")

func TestBadRequestsGetTheirStatusAndStoreNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	now := time.Now()
	good := func(body []byte) *http.Request { return r.signed(path, secret, now, body) }
	with := func(req *http.Request, change func(*http.Request)) *http.Request {
		change(req)
		return req
	}
	huge := bytes.Repeat([]byte(" "), 20<<20)
	for name, c := range map[string]struct {
		req    *http.Request
		status int
	}{
		"no signature":     {with(good(meeting), func(q *http.Request) { q.Header.Del("Webhook-Signature") }), 401},
		"no header":        {with(good(meeting), func(q *http.Request) { q.Header = http.Header{} }), 401},
		"wrong secret":     {r.signed(path, other, now, meeting), 401},
		"old timestamp":    {r.signed(path, secret, now.Add(-6*time.Minute), meeting), 401},
		"future timestamp": {r.signed(path, secret, now.Add(6*time.Minute), meeting), 401},
		"altered body": {with(good(meeting), func(q *http.Request) {
			q.Body = io.NopCloser(strings.NewReader(`{"recording_id":8}`))
			q.ContentLength = -1
		}), 401},
		"altered id":             {with(good(meeting), func(q *http.Request) { q.Header.Set("Webhook-Id", "msg_2") }), 401},
		"other signature scheme": {with(good(meeting), func(q *http.Request) { q.Header.Set("Webhook-Signature", "v2"+q.Header.Get("Webhook-Signature")[2:]) }), 401},
		"unsigned and not JSON":  {with(good([]byte("nonsense")), func(q *http.Request) { q.Header = http.Header{} }), 401},
		"20 MB": {with(good(meeting), func(q *http.Request) {
			q.Body = io.NopCloser(bytes.NewReader(huge))
			q.ContentLength = int64(len(huge))
		}), 413},
		"20 MB without a length": {with(good(meeting), func(q *http.Request) { q.Body = io.NopCloser(bytes.NewReader(huge)); q.ContentLength = -1 }), 413},
		"not JSON":               {good([]byte("recording=7")), 400},
		"cut JSON":               {good([]byte(`{"recording_id": 7`)), 400},
		"two objects":            {good([]byte(`{}{}`)), 400},
		"JSON array":             {good([]byte(`[{"recording_id": 7}]`)), 400},
		"JSON string":            {good([]byte(`"{}"`)), 400},
		"empty":                  {good(nil), 400},
		"not UTF-8":              {good([]byte("{\"title\": \"\xff\"}")), 400},
		"gzip":                   {with(good(meeting), func(q *http.Request) { q.Header.Set("Content-Encoding", "gzip") }), 415},
		"unknown org":            {r.signed("/api/integrations/fathom/webhook/nobody", secret, now, meeting), 404},
		"no org's name":          {r.signed("/api/integrations/fathom/webhook/UP%20PER", secret, now, meeting), 404},
		"org without webhook":    {r.signed("/api/integrations/fathom/webhook/pollonly", secret, now, meeting), 404},
		"unknown provider":       {r.signed("/api/integrations/gong/webhook/lanternfish", secret, now, meeting), 404},
		"GET":                    {with(good(meeting), func(q *http.Request) { q.Method, q.Body, q.ContentLength = http.MethodGet, nil, 0 }), 405},
		"PUT":                    {with(good(meeting), func(q *http.Request) { q.Method = http.MethodPut }), 405},
	} {
		resp, body := r.send(c.req)
		if resp.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, resp.StatusCode, c.status)
		}
		var answer map[string]string
		if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer) != 1 || answer["error"] == "" ||
			strings.Count(body, "\n") != 1 || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: answer %q (%s)", name, body, resp.Header.Get("Content-Type"))
		}
		if c.status == 401 && answer["error"] != "signature refused" {
			t.Errorf("%s: %q tells what was wrong", name, answer["error"])
		}
	}
	if stored := r.Read(schemas.RawMeetings.Name); len(stored) != 0 {
		t.Errorf("%d records of bad requests", len(stored))
	}
}

func TestAGoodDeliveryIsStoredByteForByte(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	now := time.Now()
	old, err := fathom.Sign(other, "msg_1", now, meeting)
	if err != nil {
		t.Fatal(err)
	}
	large := append(append([]byte(`{"title": "`), bytes.Repeat([]byte("a"), 8<<20-13)...), '"', '}')
	deliveries := []*http.Request{
		r.signed(path, secret, now, meeting),
		r.signed(path, strings.TrimPrefix(secret, "whsec_"), now, meeting),
		r.signed(path, secret, now, meeting), // two signatures
		r.signed(path, secret, now, meeting), // svix headers
		r.signed(path, secret, now, large),
	}
	two := deliveries[2].Header
	two.Set("Webhook-Signature", old+" "+two.Get("Webhook-Signature"))
	svix := deliveries[3].Header
	for _, name := range []string{"Id", "Timestamp", "Signature"} {
		svix.Set("Svix-"+name, svix.Get("Webhook-"+name))
		svix.Del("Webhook-" + name)
	}
	for i, req := range deliveries {
		if resp, body := r.send(req); resp.StatusCode != http.StatusAccepted || body != "" {
			t.Fatalf("delivery %d: %d %q", i, resp.StatusCode, body)
		}
	}
	records := r.Read(schemas.RawMeetings.Name)
	if len(records) != len(deliveries) {
		t.Fatalf("%d records", len(records))
	}
	for i, rec := range records {
		want := meeting
		if i == 4 {
			want = large
		}
		if !bytes.Equal(rec.Value, want) || string(rec.Key) != "lanternfish" {
			t.Errorf("record %d has other bytes or key %q", i, rec.Key)
		}
		o := schemas.OriginOf(rec)
		if o.Received.Sub(now).Abs() > time.Minute {
			t.Errorf("received %v", o.Received)
		}
		if i < 4 && o.Recording != "7" || i == 4 && o.Recording != "" {
			t.Errorf("recording %q", o.Recording)
		}
		o.Received, o.Recording = time.Time{}, ""
		if (o != schemas.Origin{
			Event: "fathom/meeting.received", Provider: "fathom", Org: "lanternfish", Connection: "default",
			Delivery: "msg_1", Source: schemas.SourceWebhook,
		}) {
			t.Errorf("origin %+v", o)
		}
	}
}

// Somebody has to know whether deliveries come: the poller hears of each that was stored.
func TestOfAStoredDeliveryThePollerHears(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if resp, _ := r.send(r.signed(path, secret, time.Now(), meeting)); resp.StatusCode != http.StatusAccepted {
		t.Fatal(resp.StatusCode)
	}
	told := r.Read(schemas.SyncRequests.Name)
	if len(told) != 1 {
		t.Fatalf("%d requests", len(told))
	}
	v, err := schemas.Decode(r.Codec, schemas.SyncRequests, told[0].Value)
	if err != nil || !v.Stored || v.Source != schemas.SyncWebhook || v.Recording != "7" || string(told[0].Key) != "lanternfish/fathom/default" {
		t.Errorf("%+v under %s, %v", v, told[0].Key, err)
	}
}

func TestASwitchedOffConnectionAnswersAndStoresNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	off := "/api/integrations/fathom/webhook/paused"
	if resp, _ := r.send(r.signed(off, secret, time.Now(), meeting)); resp.StatusCode != http.StatusNoContent {
		t.Errorf("status %d", resp.StatusCode)
	}
	if resp, _ := r.send(r.signed(off, other, time.Now(), meeting)); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("status %d with a wrong secret", resp.StatusCode)
	}
	if n := len(r.Read(schemas.RawMeetings.Name)); n != 0 {
		t.Errorf("%d records", n)
	}
}

func TestANewSecretCountsAtOnce(t *testing.T) {
	t.Parallel()
	table := &atomic.Pointer[connection.Table]{}
	r := newRig(t, func(o *webhook.Options) { o.Connections = later{table} })
	table.Store(r.Table())
	if resp, _ := r.send(r.signed(path, secret, time.Now(), meeting)); resp.StatusCode != http.StatusAccepted {
		t.Fatalf("status %d", resp.StatusCode)
	}
	r.Connect(schemas.Connection{Org: "lanternfish", Provider: schemas.Fathom, Ingest: true}, "key", other)
	if err := table.Load().CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for secret, status := range map[string]int{secret: http.StatusUnauthorized, other: http.StatusAccepted} {
		if resp, _ := r.send(r.signed(path, secret, time.Now(), meeting)); resp.StatusCode != status {
			t.Errorf("status %d, want %d", resp.StatusCode, status)
		}
	}
}

// later is a table that a test puts in place after the handler was made.
type later struct {
	*atomic.Pointer[connection.Table]
}

func (l later) Fresh() bool { return l.Load() != nil && l.Load().Fresh() }
func (l later) Lookup(org, provider, name string) (schemas.Connection, bool) {
	return l.Load().Lookup(org, provider, name)
}
func (l later) All() []schemas.Connection { return l.Load().All() }

func TestNotReadyIsTryAgainAndNotUnknown(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *webhook.Options) { o.Connections = later{&atomic.Pointer[connection.Table]{}} })
	resp, _ := r.send(r.signed(path, secret, time.Now(), meeting))
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
}

func TestDeliveriesBeyondAnOrganisationsMemoryAreRefusedAndTheMemoryComesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *webhook.Options) { o.Limits.Body, o.Limits.InFlight = 128<<10, 512<<10 })
	// The first one stays half sent.
	reader, writer := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if resp, err := testClient.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	if _, err := writer.Write(make([]byte, 70<<10)); err != nil {
		t.Fatal(err)
	}
	r.Until("the first one holds all memory", func() bool { return r.value("leadline_webhook_in_flight_bytes") == 128<<10 })
	if resp, _ := r.send(r.signed(paused, secret, time.Now(), meeting)); resp.StatusCode != http.StatusNoContent {
		t.Errorf("another organisation: status %d", resp.StatusCode)
	}
	if resp, _ := r.send(r.signed(path, secret, time.Now(), meeting)); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d", resp.StatusCode)
	}
	// The refused one made room for its next try.
	r.Until("the first one is cut off", func() bool { return r.value("leadline_webhook_in_flight_bytes") == 0 })
	cancel()
	_ = writer.Close()
	<-ended
	r.Until("memory", func() bool {
		resp, _ := r.send(r.signed(path, secret, time.Now(), meeting))
		return resp.StatusCode == http.StatusAccepted
	})
}

func (r *rig) value(gauge string) float64 {
	r.T.Helper()
	families, err := r.metrics.Gather()
	if err != nil {
		r.T.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == gauge {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	return -1
}

func TestASlowBodyIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *webhook.Options) { o.Limits.ReadTime = 200 * time.Millisecond })
	reader, writer := io.Pipe()
	defer writer.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	resp, _ := r.send(req)
	if resp.StatusCode != http.StatusRequestTimeout {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestTheMetricsTellResultsApartInAClosedList(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.send(r.signed(path, secret, time.Now(), meeting))
	r.send(r.signed(path, other, time.Now(), meeting))
	r.send(r.signed("/api/integrations/anything-at-all/webhook/lanternfish", secret, time.Now(), meeting))
	families, err := r.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]float64)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "leadline_webhook_requests_total" {
				got[m.GetLabel()[0].GetValue()+" "+m.GetLabel()[1].GetValue()] += m.GetCounter().GetValue()
			}
		}
	}
	before := len(got) // counters begin at 0
	maps.DeleteFunc(got, func(_ string, n float64) bool { return n == 0 })
	for _, want := range []string{"fathom stored", "fathom signature_mismatch", "unknown unknown"} {
		if got[want] != 1 {
			t.Errorf("%s: %v of %v", want, got[want], got)
		}
	}
	if len(got) != 3 || before < 15 {
		t.Errorf("%d results, counted %v", before, got)
	}
}
