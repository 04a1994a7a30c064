package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"leadline/ingress/zoom"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testTransport is not net/http's own: whichever httptest server closes also closes the idle connections of that one.
var testTransport = &http.Transport{DisableKeepAlives: true}

var testCredential = zoom.Credential{AccountID: "acc", ClientID: "client", ClientSecret: "secret"}

const (
	testUUID  = "/sim//A+b=="
	testFile  = "file-1"
	testStart = "2026-10-05T09:00:00Z"
)

func testMeeting() Meeting {
	return Meeting{
		Host: Host{ID: "host", Email: "ada@ours.example", Name: "Ada"},
		Recording: map[string]any{"uuid": testUUID, "id": 81_000_000_001.0, "topic": "Tides", "type": "8", "start_time": testStart, "duration": 30.0,
			"recording_files": []any{map[string]any{"id": "file-0", "file_type": "MP4"}, map[string]any{"id": testFile, "file_type": "TRANSCRIPT"}}},
		Participants: []map[string]any{{"id": "host", "name": "Ada", "user_email": "ada@ours.example", "internal_user": true}},
		Summary:      map[string]any{"summary_content": "Tides."},
		VTT:          []string{"WEBVTT\n"},
	}
}

// stage is a simulator on a port, with a clock that stands still.
type bench struct {
	*testing.T
	sim  *Simulator
	root string

	mu  sync.Mutex
	now time.Time
}

func newBench(t *testing.T, change func(*Options)) *bench {
	t.Helper()
	at, err := time.Parse(time.RFC3339, "2026-10-20T12:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, now: at}
	o := Options{
		Credential: testCredential, SecretToken: "token", Clock: b.clock,
		Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	if change != nil {
		change(&o)
	}
	if b.sim, err = New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.sim.Close)
	server := httptest.NewServer(b.sim.Handler())
	t.Cleanup(server.Close)
	b.root = server.URL
	return b
}

func (b *bench) clock() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.now }

func (b *bench) advance(d time.Duration) { b.mu.Lock(); defer b.mu.Unlock(); b.now = b.now.Add(d) }

func (b *bench) call(method, path, token, body string) (int, http.Header, map[string]any) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, b.root+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	switch {
	case token == "basic":
		req.SetBasicAuth(testCredential.ClientID, testCredential.ClientSecret)
	case token != "":
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if strings.HasPrefix(body, "grant_type") {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := testTransport.RoundTrip(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	var answer map[string]any
	_ = json.Unmarshal(raw, &answer)
	return resp.StatusCode, resp.Header, answer
}

func (b *bench) token() string {
	b.Helper()
	status, _, answer := b.call("POST", "/oauth/token", "basic", "grant_type=account_credentials&account_id=acc")
	if status != 200 || answer["expires_in"] != 3599.0 {
		b.Fatalf("%d %v", status, answer)
	}
	return answer["access_token"].(string)
}

func (b *bench) put(m Meeting, ended bool) {
	b.Helper()
	if _, err := b.sim.Put(m, ended); err != nil {
		b.Fatal(err)
	}
}

func TestNewRefusesWhatItCanNotServe(t *testing.T) {
	t.Parallel()
	file := func(body string) fstest.MapFS { return fstest.MapFS{"a.json": {Data: []byte(body)}} }
	for name, o := range map[string]Options{
		"no credential":        {SecretToken: "x"},
		"no secret token":      {Credential: testCredential},
		"negative limit":       {Credential: testCredential, SecretToken: "x", Limits: Limits{Heavy: -1}},
		"not JSON":             {Credential: testCredential, SecretToken: "x", Meetings: file(`nonsense`)},
		"no UUID":              {Credential: testCredential, SecretToken: "x", Meetings: file(`{"host":{"id":"a","email":"b"},"recording":{"id":1,"start_time":"2026-10-05T09:00:00Z"}}`)},
		"no time":              {Credential: testCredential, SecretToken: "x", Meetings: file(`{"host":{"id":"a","email":"b"},"recording":{"uuid":"u","id":1}}`)},
		"transcript not there": {Credential: testCredential, SecretToken: "x", Meetings: file(`{"host":{"id":"a","email":"b"},"recording":{"uuid":"u","id":1,"start_time":"2026-10-05T09:00:00Z","recording_files":[{"file_type":"TRANSCRIPT"}]}}`)},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestRunServesUntilToldToStop(t *testing.T) {
	t.Parallel()
	s, err := New(Options{Credential: testCredential, SecretToken: "x"})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, ln) }()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://%s/v2/users", ln.Addr()), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := testTransport.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
