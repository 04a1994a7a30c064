package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"leadline/ingress/fathom"
)

const testKey = "test-key"

// testTransport is not net/http's own: whichever httptest server closes also closes the idle connections of that one.
var testTransport = http.DefaultTransport.(*http.Transport).Clone()

// sample is a meeting with every field, which the pages' schemas and so both SDKs accept. Odd recordings are with
// Quarrystone, even ones internal. Set replaces fields; a nil value is null.
func sample(id int64, set ...map[string]any) []byte {
	created := time.Date(2026, 9, 1, 10, 0, 0, 0, time.UTC).Add(time.Duration(id) * time.Hour)
	stamp := func(d time.Duration) string { return created.Add(d).Format(time.RFC3339) }
	host := map[string]any{
		"name": "Ana Ferreira", "email": "ana@lanternfish.example", "email_domain": "lanternfish.example",
		"is_external": false, "matched_speaker_display_name": "Ana Ferreira",
	}
	guest := map[string]any{
		"name": "Bo Lund", "email": "bo@quarrystone.example", "email_domain": "quarrystone.example",
		"is_external": true, "matched_speaker_display_name": nil,
	}
	invitees, kind := []any{host, guest}, "one_or_more_external"
	if id%2 == 0 {
		invitees, kind = []any{host}, "only_internal"
	}
	m := map[string]any{
		"title": fmt.Sprintf("Call %d", id), "meeting_title": nil, "meeting_type": "Discovery", "recording_id": id,
		"url":         fmt.Sprintf("https://fathom.video/calls/%d", id),
		"meeting_url": nil, "share_url": fmt.Sprintf("https://fathom.video/share/%d", id),
		"created_at": stamp(0), "scheduled_start_time": stamp(-time.Hour), "scheduled_end_time": stamp(-time.Minute),
		"recording_start_time": stamp(-time.Hour), "recording_end_time": stamp(-2 * time.Minute),
		"calendar_invitees_domains_type": kind, "shared_with": "no_teams", "transcript_language": "en",
		"calendar_invitees": invitees,
		"recorded_by": map[string]any{
			"name": "Ana Ferreira", "email": "ana@lanternfish.example", "email_domain": "lanternfish.example", "team": "Sales",
		},
		"transcript": []any{map[string]any{
			"speaker":   map[string]any{"display_name": "Ana Ferreira", "matched_calendar_invitee_email": nil},
			"text":      "Does the export <still> time out & fail? é 🚀",
			"timestamp": "00:00:04",
		}},
		"default_summary": map[string]any{"template_name": "general", "markdown_formatted": "## Purpose\n\nExport."},
		"action_items": []any{map[string]any{
			"description": "Look at the export", "user_generated": false, "completed": false,
			"recording_timestamp": "00:00:04", "recording_playback_url": "https://fathom.video/calls/1?timestamp=4",
			"assignee": map[string]any{"name": nil, "email": nil, "team": nil},
		}},
		"highlights":  []any{map[string]any{"type": "Ask", "summary": "Export", "start_time": 4, "end_time": 5.5}},
		"crm_matches": map[string]any{"contacts": []any{}, "companies": []any{}, "deals": []any{}, "error": nil},
	}
	for _, fields := range set {
		for name, value := range fields {
			m[name] = value
		}
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic(err) // The literal above does encode; set holds what a test wrote.
	}
	return append(raw, '\n')
}

// folder makes the meetings 1 to n.
func folder(n int64) fstest.MapFS {
	files := fstest.MapFS{"README.md": {Data: []byte("not a meeting")}}
	for id := int64(1); id <= n; id++ {
		files[fmt.Sprintf("%03d.json", id)] = &fstest.MapFile{Data: sample(id)}
	}
	return files
}

// start serves a simulator over real HTTP until the test ends.
func start(t *testing.T, o Options) (*Simulator, string) {
	t.Helper()
	if o.Keys == nil {
		o.Keys = map[string]string{testKey: ""}
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(s.Close)
	return s, server.URL
}

func newClient(t *testing.T, root, key string) *fathom.Client {
	t.Helper()
	client, err := fathom.NewClient(fathom.Options{BaseURL: root + BasePath, APIKey: key})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// call sends a request with the test's key and returns the answer with its body read.
func call(t *testing.T, method, target, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", testKey)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	resp, err := testTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(read)
}

// sharedFixtures is the folder of payloads that lies beside the repository for those who develop Leadline.
func sharedFixtures(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("LEADLINE_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	dir := filepath.Join(shared, "reference", "fixtures", "fathom")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("shared fixtures are not here (set LEADLINE_SHARED): %v", err)
	}
	return dir
}
