package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"leadline/ingress/fathom"
)

func TestTranscriptAndSummary(t *testing.T) {
	t.Parallel()
	s, root := start(t, Options{Meetings: folder(1)})
	if _, _, err := s.Put(sample(2, map[string]any{"transcript": nil, "default_summary": nil}), true); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/recordings/1/transcript":                  `"timestamp": "00:00:04"`,
		"/recordings/1/transcript?destination_url=": `"timestamp": "00:00:04"`,
		"/recordings/1/summary?destination_url=":    `"markdown_formatted": "## Purpose\n\nExport."`,
		"/recordings/2/transcript":                  `{"transcript":[]}`,
		"/recordings/2/summary":                     `{"summary":null}`,
	} {
		resp, body := call(t, http.MethodGet, root+BasePath+path, "")
		if resp.StatusCode != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
}

func TestDerivedLists(t *testing.T) {
	t.Parallel()
	_, root := start(t, Options{Meetings: folder(3)})
	const created = `"created_at":"2026-09-01T11:00:00Z"}`
	for path, item := range map[string]string{
		"/meeting_types":            `{"name":"Discovery","status":"active",` + created,
		"/teams":                    `{"name":"Sales",` + created,
		"/team_members":             `{"name":"Ana Ferreira","email":"ana@lanternfish.example",` + created,
		"/team_members?team=Sales":  `{"name":"Ana Ferreira","email":"ana@lanternfish.example",` + created,
		"/team_members?team=Nobody": ``,
	} {
		_, body := call(t, http.MethodGet, root+BasePath+path, "")
		if want := `{"limit":10,"next_cursor":null,"items":[` + item + `]}`; body != want {
			t.Errorf("%s: got %s", path, body)
		}
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	s, root := start(t, Options{Meetings: folder(1)})
	if _, _, err := s.Put(sample(2), false); err != nil {
		t.Fatal(err)
	}
	const hook = `"destination_url":"http://h.example/x","triggered_for":["my_recordings"]`
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/meetings?created_after=yesterday", "", 400},
		{"GET", "/meetings?created_after=", "", 400},
		{"GET", "/meetings?created_before=2026-09-01", "", 400},
		{"GET", "/meetings?created_before=2026-09-01T00:00:00", "", 400},
		{"GET", "/meetings?include_transcript=1", "", 400},
		{"GET", "/meetings?include_highlights=", "", 400},
		{"GET", "/meetings?calendar_invitees_domains_type=some", "", 400},
		{"GET", "/meetings?cursor=nonsense", "", 400},
		{"GET", "/meetings?cursor=" + url.QueryEscape(cursor{PageNum: 0}.String()), "", 400},
		{"GET", "/meetings?cursor=" + url.QueryEscape(cursor{PageNum: 1 << 40}.String()), "", 400},
		{"GET", "/meetings?cursor=" + url.QueryEscape(cursor{PageNum: 1 << 30}.String()), "", 200},
		{"GET", "/meetings?a=%zz", "", 400},
		{"GET", "/teams?cursor=nonsense", "", 400},
		{"GET", "/recordings/2/transcript", "", 404},
		{"GET", "/recordings/3/summary", "", 404},
		{"GET", "/recordings/x/summary", "", 400},
		{"GET", "/recordings/1/summary?destination_url=nowhere", "", 400},
		{"GET", "/recordings/1/other", "", 404},
		{"GET", "//meetings", "", 404},
		{"GET", "/", "", 404},
		{"POST", "/meetings", "", 405},
		{"GET", "/webhooks", "", 405},
		{"DELETE", "/webhooks/unknown", "", 404},
		{"DELETE", "/webhooks/a%2Fb", "", 404},
		{"POST", "/webhooks", `{` + hook + `,"include_summary":true}`, 201},
		{"POST", "/webhooks", `{` + hook + `}`, 400},
		{"POST", "/webhooks", `{` + hook + `,"include_summary":false}`, 400},
		{"POST", "/webhooks", `{` + hook + `,"include_summary":true,"include_highlights":true}`, 400},
		{"POST", "/webhooks", `{` + hook + `,"include_summary":true} {}`, 400},
		{"POST", "/webhooks", `{"destination_url":"x","triggered_for":["my_recordings"],"include_summary":true}`, 400},
		{"POST", "/webhooks", `{"destination_url":"http://h.example","triggered_for":[],"include_summary":true}`, 400},
		{"POST", "/webhooks", `{"destination_url":"http://h.example","triggered_for":["all"],"include_summary":true}`, 400},
		{"POST", "/webhooks", `nonsense`, 400},
		{"POST", "/webhooks", ``, 400},
		{"POST", "/webhooks", strings.Repeat(" ", maxWebhookBody+1), 413},
	} {
		name := fmt.Sprintf("%s %s %.80s", c.method, c.path, c.body)
		resp, body := call(t, c.method, root+BasePath+c.path, c.body)
		if resp.StatusCode != c.status {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
		if resp.Header.Get("Content-Type") != "application/json" || !json.Valid([]byte(body)) {
			t.Errorf("%s: %s %s", name, resp.Header.Get("Content-Type"), body)
		}
		for _, header := range []string{"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} {
			if resp.Header.Get(header) == "" {
				t.Errorf("%s: no %s", name, header)
			}
		}

		resp, _ = call(t, c.method, root+BasePath+c.path, c.body, "X-Api-Key", "wrong")
		if resp.StatusCode != 401 || resp.Header.Get("RateLimit-Limit") == "" {
			t.Errorf("%s with a wrong key: %d", name, resp.StatusCode)
		}
	}
}

func TestBearerTokensAreForAppsWithoutTranscripts(t *testing.T) {
	t.Parallel()
	_, root := start(t, Options{Meetings: folder(1)})
	for query, status := range map[string]int{
		"": 200, "?include_action_items=true": 200, "?include_transcript=true": 400, "?include_summary=true": 400,
	} {
		resp, _ := call(t, http.MethodGet, root+BasePath+"/meetings"+query, "", "X-Api-Key", "", "Authorization", "Bearer "+testKey)
		if resp.StatusCode != status {
			t.Errorf("%q: %d", query, resp.StatusCode)
		}
	}
	resp, _ := call(t, http.MethodGet, root+BasePath+"/meetings", "", "X-Api-Key", "", "Authorization", "Bearer wrong")
	if resp.StatusCode != 401 {
		t.Errorf("wrong token: %d", resp.StatusCode)
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	clock := newFakeClock()
	_, root := start(t, Options{
		Meetings: folder(1), Clock: clock.now, Keys: map[string]string{testKey: "", "other": ""},
		Limits: Limits{Calls: 3, Heavy: 1, Window: time.Minute},
	})
	client := newClient(t, root, testKey)
	light, heavy := fathom.ListRequest{}, fathom.ListRequest{Summary: true}
	expect := func(what string, r fathom.ListRequest, wait time.Duration) {
		t.Helper()
		_, err := client.Meetings(t.Context(), r)
		status, refused := errors.AsType[*fathom.StatusError](err)
		if refused != (wait > 0) || refused && (status.Status != 429 || status.RetryAfter != wait) {
			t.Errorf("%s: %v, want a wait of %v", what, err, wait)
		}
	}
	expect("first heavy call", heavy, 0)
	clock.advance(10*time.Second + time.Millisecond)
	expect("second heavy call", heavy, 50*time.Second)
	expect("second call", light, 0)
	resp, _ := call(t, http.MethodGet, root+BasePath+"/teams", "")
	got := [4]string{}
	for i, name := range []string{"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"} {
		got[i] = resp.Header.Get(name)
	}
	if got != [4]string{"3", "0", "50", ""} {
		t.Errorf("headers of the third call: %v", got)
	}
	expect("fourth call", light, 50*time.Second)
	if resp, _ := call(t, http.MethodGet, root+BasePath+"/teams", "", "X-Api-Key", "other"); resp.StatusCode != 200 {
		t.Errorf("another key: %d", resp.StatusCode)
	}
	clock.advance(50 * time.Second)
	expect("call in the next window", heavy, 0)

	if resp, _ := call(t, http.MethodPost, root+"/control/limits", `{}`); resp.StatusCode != 200 {
		t.Fatal(resp.Status)
	}
	for range 100 {
		expect("call without limits", heavy, 0)
	}
}

// The shared list pages are the shape that the SDKs were tried on: served from files, they have to come out the same.

func TestSharedFixturesComeBackUnchanged(t *testing.T) {
	t.Parallel()
	dir := sharedFixtures(t)
	raw, err := os.ReadFile(filepath.Join(dir, "list-meetings.all-includes.json"))
	if err != nil {
		t.Fatal(err)
	}
	var page struct{ Items []json.RawMessage }
	if err := json.Unmarshal(raw, &page); err != nil {
		t.Fatal(err)
	}
	want := map[int64]string{}
	files := fstest.MapFS{}
	add := func(item []byte) {
		m, err := parseMeeting(item)
		if err != nil {
			t.Fatal(err)
		}
		want[m.RecordingID] = strings.TrimSpace(string(item))
		files[fmt.Sprintf("%d.json", m.RecordingID)] = &fstest.MapFile{Data: item}
	}
	for _, item := range page.Items {
		add(item)
	}
	names, err := filepath.Glob(filepath.Join(dir, "webhook-new-meeting.*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		item, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		add(item)
	}
	_, root := start(t, Options{Meetings: files})
	all := "?include_transcript=true&include_summary=true&include_action_items=true&include_highlights=true&include_crm_matches=true"
	_, body := call(t, http.MethodGet, root+BasePath+"/meetings"+all, "")
	var got struct{ Items []json.RawMessage }
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if len(want) == 0 || len(got.Items) != len(want) {
		t.Fatalf("%d items, want %d", len(got.Items), len(want))
	}
	for _, item := range got.Items {
		m, err := parseMeeting(item)
		if err != nil {
			t.Fatal(err)
		}
		if string(item) != want[m.RecordingID] {
			t.Errorf("recording %d changed", m.RecordingID)
		}
	}
}
