package command

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot"
	"leadline/ingress/connection"
	"leadline/ingress/fathom"
	"leadline/ingress/fathom/simulator"
	"leadline/schemas"
	"leadline/sinks/embedded"
)

// request is a delivery that should not get in.
type request struct {
	name   string
	path   string // of a webhook; the right one if empty
	method string
	body   []byte
	header http.Header
	status int
	reason schemas.Reason // of the dead letter, where it is accepted
}

// testClient is not net/http's own: whichever httptest server closes also closes the idle connections of that one.
var testClient = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}

// A hundred bad requests get the right status, or become dead letters that hold
// every byte; none reaches a store.
func TestAHundredBadRequests(t *testing.T) {
	data := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	up, _, said := leadline(ctx, "up", "--data", data, "--port", "0", "--kafka-port", "0", "--registry-port", "0")
	up.Cancel = func() error { return up.Process.Signal(os.Interrupt) }
	if err := up.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cancel()
		if err := up.Wait(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%v\n%s", err, said)
		}
	}()
	where := running(t, data)
	secret, kafka := connected(t, data, where)

	requests := badRequests(t, secret)
	if len(requests) < 100 {
		t.Fatalf("%d requests, want 100", len(requests))
	}
	want := make(map[string]schemas.Reason) // body -> reason
	for _, r := range requests {
		if r.path == "" {
			r.path = "/api/integrations/fathom/webhook/main"
		}
		if got := send(t, where.URL, r); got != r.status {
			t.Errorf("%s: status %d, want %d", r.name, got, r.status)
		}
		if r.reason != "" {
			want[string(r.body)] = r.reason
		}
	}
	letters := deadLetters(t, kafka, len(want))
	for body, reason := range want {
		if letters[body] != reason {
			t.Errorf("%.60q is a dead letter for %q, want %q", body, letters[body], reason)
		}
	}
	store, err := embedded.OpenReadOnly(t.Context(), storeFile(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	tally, err := store.Tally(t.Context(), "main")
	if err != nil || total(tally.Meetings) != 0 || total(tally.Entries) != 0 {
		t.Errorf("the stores have %+v, %v", tally, err)
	}
}

// running waits until the process says where it is.
func running(t *testing.T, data string) place {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience(time.Minute))
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if p, err := readPlace(data); err == nil && p.running(ctx) {
			return p
		}
		select {
		case <-ctx.Done():
			t.Fatal("it did not start within a minute")
		case <-tick.C:
		}
	}
}

// connected connects a simulated Fathom without meetings by the command, and
// returns the webhook's secret, which only the keyset opens.
func connected(t *testing.T, data string, where place) (secret string, kafka []kgo.Opt) {
	t.Helper()
	s, err := simulator.New(simulator.Options{Keys: map[string]string{"the-key": ""}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		<-done
	})
	cmd, out, said := leadline(t.Context(), "connect", "fathom", "--data", data, "--public-url", where.URL,
		"--base-url", "http://"+ln.Addr().String()+simulator.BasePath)
	cmd.Env = append(cmd.Env, "FATHOM_API_KEY=the-key")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, out, said)
	}
	k := boot.Kafka{Brokers: where.Brokers, RegistryURL: where.Registry}
	kafka = k.Options(prometheus.NewRegistry(), new(Globals).logger())
	codec, err := k.Codec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(append(kafka, kgo.ConsumeTopics(schemas.Connections.Name), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	made, err := schemas.Decode(codec, schemas.Connections, client.PollFetches(t.Context()).Records()[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := connection.OpenSealer("", keysFile(data))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := sealer.WebhookSecret(*made)
	if err != nil {
		t.Fatal(err)
	}
	return opened.Reveal(), kafka
}

func send(t *testing.T, base string, r request) int {
	t.Helper()
	if r.method == "" {
		r.method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), r.method, base+r.path, bytes.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = r.header.Clone()
	res, err := testClient.Do(req)
	if err != nil {
		// A server may hang up on a body that it will not read.
		if r.status == http.StatusRequestEntityTooLarge {
			return r.status
		}
		t.Fatalf("%s: %v", r.name, err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// signed are the headers of a delivery as the recorder would sign it.
func signed(t *testing.T, secret string, at time.Time, body []byte) http.Header {
	t.Helper()
	id := "msg_" + rand.Text()
	signature, err := fathom.Sign(secret, id, at, body)
	if err != nil {
		t.Fatal(err)
	}
	return http.Header{
		"Content-Type": {"application/json"}, "Webhook-Id": {id},
		"Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}, "Webhook-Signature": {signature},
	}
}

// badRequests are of every kind, each in several variations.
func badRequests(t *testing.T, secret string) []request {
	t.Helper()
	meeting := func(i int) []byte { return fmt.Appendf(nil, `{"recording_id": %d, "title": "must not get in"}`, 1+i) }
	now := time.Now()
	var all []request
	add := func(r request) { all = append(all, r) }
	for i := range 10 {
		body := meeting(i)
		good := signed(t, secret, now, body)
		without := func(name string) http.Header {
			h := good.Clone()
			h.Del(name)
			return h
		}
		add(request{name: "no signature", body: body, header: without("Webhook-Signature"), status: 401})
		add(request{name: "no id", body: body, header: without("Webhook-Id"), status: 401})
		add(request{name: "wrong secret", body: body, header: signed(t, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", now, body), status: 401})
		add(request{name: "old timestamp", body: body, header: signed(t, secret, now.Add(-time.Duration(6+i)*time.Minute), body), status: 401})
		add(request{name: "future timestamp", body: body, header: signed(t, secret, now.Add(time.Duration(6+i)*time.Minute), body), status: 401})
		add(request{name: "altered body", body: append(body, ' '), header: good, status: 401})
		add(request{name: "unknown org", path: fmt.Sprintf("/api/integrations/fathom/webhook/other%d", i), body: body, header: good, status: 404})
		add(request{name: "unknown provider", path: fmt.Sprintf("/api/integrations/gong%d/webhook/main", i), body: body, header: good, status: 404})
		text := fmt.Appendf(nil, "not json %d", i)
		add(request{name: "not JSON", body: text, header: signed(t, secret, now, text), status: 400})
	}
	huge := bytes.Repeat([]byte{' '}, 20<<20)
	add(request{name: "20 MB", body: huge, header: signed(t, secret, now, huge), status: 413})
	add(request{name: "20 MB unsigned", body: huge, header: http.Header{}, status: 413})
	add(request{name: "GET", method: http.MethodGet, header: http.Header{}, status: 405})
	array := []byte(`[{"recording_id": 1}]`)
	add(request{name: "an array", body: array, header: signed(t, secret, now, array), status: 400})
	// Signed by the right hand, and JSON, but no meeting: kept for whoever
	// mends the decoder.
	for _, body := range []string{
		`{}`, `{"recording_id": "x"}`, `{"recording_id": 0}`, `{"recording_id": -1}`, `{"recording_id": 1.5}`,
		`{"recording_id": 99999999999999999999}`, `{"recording_id": 7, "transcript": {}}`, `{"recording_id": 7, "title": 3}`,
		`{"recording_id": 7, "calendar_invitees": "none"}`, `{"event": "ping"}`,
	} {
		add(request{name: body, body: []byte(body), header: signed(t, secret, now, []byte(body)), status: 202, reason: schemas.ReasonInvalid})
	}
	return all
}

// deadLetters waits for as many, and returns body and reason of each.
func deadLetters(t *testing.T, kafka []kgo.Opt, n int) map[string]schemas.Reason {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience(30*time.Second))
	defer cancel()
	client, err := kgo.NewClient(append(kafka, kgo.ConsumeTopics(schemas.RawMeetings.DeadLetters()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	letters := make(map[string]schemas.Reason)
	for len(letters) < n && ctx.Err() == nil {
		client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			letters[string(r.Value)] = schemas.Reason(schemas.Header(r, schemas.HeaderReason))
		})
	}
	return letters
}
