package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"leadline/ingress/zoom"
)

// reference reads a file of the fixtures; a test without them is skipped.
func reference(t *testing.T, elements ...string) []byte {
	t.Helper()
	root := os.Getenv("LEADLINE_SHARED")
	if root == "" {
		root = "../../../../shared"
	}
	raw, err := os.ReadFile(filepath.Join(append([]string{root, "reference", "fixtures"}, elements...)...))
	if err != nil {
		t.Skipf("shared fixtures are not here (set LEADLINE_SHARED): %v", err)
	}
	return raw
}

func fixture(t *testing.T, name string) (value map[string]any) {
	t.Helper()
	if err := json.Unmarshal(reference(t, "zoom", name), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func rows(value map[string]any, list string) (all []map[string]any) {
	for _, row := range value[list].([]any) {
		all = append(all, row.(map[string]any))
	}
	return all
}

var fixtureHost = Host{ID: "ExHostIdMayaLindqvist1", Email: "maya.lindqvist@brightfjord.example", Name: "Maya Lindqvist"}

func TestFixturesComeBackInAnswers(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(Meeting{
		Host: fixtureHost, Recording: fixture(t, "meeting-recordings.json"), Summary: fixture(t, "meeting-summary.json"), Past: fixture(t, "past-meeting.json"),
		Participants: rows(fixture(t, "past-meeting-participants.json"), "participants"), Report: rows(fixture(t, "report-participants.json"), "participants"),
		VTT: []string{"WEBVTT\n"},
	}, true)
	b.put(Meeting{Host: fixtureHost, Recording: rows(fixture(t, "list-recordings.page1.json"), "meetings")[1], VTT: []string{"WEBVTT\n"}}, true)
	token := b.token()
	for path, name := range map[string]string{
		"/v2/meetings/98765432101/recordings?include_fields=download_access_token":  "meeting-recordings.json",
		"/v2/meetings/98765432101/meeting_summary":                                  "meeting-summary.json",
		"/v2/past_meetings/98765432101":                                             "past-meeting.json",
		"/v2/past_meetings/98765432101/participants":                                "past-meeting-participants.json",
		"/v2/report/meetings/98765432101/participants":                              "report-participants.json",
		"/v2/users/ExHostIdMayaLindqvist1/recordings?from=2026-09-01&to=2026-09-30": "list-recordings.page1.json",
	} {
		status, _, got := b.call("GET", path, token, "")
		if status != 200 {
			t.Errorf("%s: %d %v", path, status, got)
		}
		comesBack(t, name, fixture(t, name), got)
	}
}

// heard keeps what was delivered, and answers the challenge.
type heard struct {
	mu     sync.Mutex
	bodies []map[string]any
	header http.Header // of the last one
}

func (h *heard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	v, _ := zoom.New(zoom.Pro).Verifier("token")
	at, _ := time.Parse(time.RFC3339, "2026-10-20T12:00:00Z")
	if d, err := v.Verify(r.Header, raw, at); err == nil && d.Answer != nil {
		_, _ = w.Write(d.Answer)
		return
	}
	var body map[string]any
	_ = json.Unmarshal(raw, &body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bodies, h.header = append(h.bodies, body), r.Header.Clone()
}

func (h *heard) on(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func TestFixturesComeBackInDeliveries(t *testing.T) {
	t.Parallel()
	want := make(map[string]map[string]any)
	object := func(event string) map[string]any {
		want[event] = fixture(t, "webhook."+event+".json")
		return fixture(t, "webhook."+event+".json")["payload"].(map[string]any)["object"].(map[string]any)
	}
	recording, transcript := object(zoom.EventRecording), object(zoom.EventTranscript)
	recording["type"] = fmt.Sprint(recording["type"]) // as a list has it
	recording["recording_files"] = append(recording["recording_files"].([]any), transcript["recording_files"].([]any)...)
	b, h := newBench(t, nil), new(heard)
	if err := b.sim.Subscribe(h.on(t)); err != nil {
		t.Fatal(err)
	}
	m := Meeting{Host: fixtureHost, Recording: recording, Summary: object(zoom.EventSummary), VTT: []string{"WEBVTT\n"}}
	b.put(m, false)
	for _, step := range []func(string) (int, error){b.sim.Record, b.sim.Transcribe, b.sim.Summarize} {
		if _, err := step(recording["uuid"].(string)); err != nil {
			t.Fatal(err)
		}
		if err := b.sim.Drained(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, body := range h.bodies {
		event, _ := body["event"].(string)
		comesBack(t, event, want[event], body)
		delete(want, event)
	}
	if len(want) != 0 {
		t.Errorf("not delivered: %v", want)
	}
}

func TestDeliveriesAreSignedAsThePublicVectorsAre(t *testing.T) {
	t.Parallel()
	var vectors struct {
		Sign []struct {
			Name      string `json:"name"`
			Secret    string `json:"secret_token"`
			Timestamp string `json:"timestamp"`
			Body      string `json:"body"`
			BodyFile  string `json:"body_file"`
			Signature string `json:"signature"`
		} `json:"sign"`
	}
	if err := json.Unmarshal(reference(t, "signing", "zoom-vectors.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Sign) == 0 {
		t.Fatal("no vectors")
	}
	for _, c := range vectors.Sign {
		body := []byte(c.Body)
		if c.BodyFile != "" {
			body = reference(t, "signing", c.BodyFile)
		}
		seconds, err := strconv.ParseInt(c.Timestamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		b := newBench(t, func(o *Options) {
			o.SecretToken, o.Clock = c.Secret, func() time.Time { return time.Unix(seconds, 0) }
		})
		h := new(heard)
		b.sim.courier.attempt(h.on(t), body)
		if got := h.header.Get("X-Zm-Signature"); got != c.Signature || h.header.Get("X-Zm-Request-Timestamp") != c.Timestamp {
			t.Errorf("%s: signed %s", c.Name, got)
		}
	}
}

// minted are fields that the simulator makes itself: what opens something, links, and what it counts.
var minted = []string{
	"password", "recording_play_passcode", "download_access_token", "download_token", "download_url", "play_url", "share_url",
	"account_id", "event_ts", "next_page_token", "page_count", "page_size", "total_records", "total_size", "recording_count",
}

// comesBack says that all of the fixture is in the answer: the same values, and of what is minted the same types.
func comesBack(t *testing.T, at string, want, got any) {
	t.Helper()
	if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
		t.Errorf("%s: want a %T, got a %T", at, want, got)
		return
	}
	switch w := want.(type) {
	case map[string]any:
		g := got.(map[string]any)
		for key, value := range w {
			if inner, there := g[key]; !there {
				t.Errorf("%s.%s is not there", at, key)
			} else {
				comesBack(t, at+"."+key, value, inner)
			}
		}
	case []any:
		g := got.([]any)
		if len(g) < len(w) {
			t.Errorf("%s: %d of %d", at, len(g), len(w))
			return
		}
		for i := range w {
			comesBack(t, fmt.Sprintf("%s[%d]", at, i), w[i], g[i])
		}
	default:
		if want != got && !slices.Contains(minted, at[strings.LastIndexByte(at, '.')+1:]) {
			t.Errorf("%s: want %v, got %v", at, want, got)
		}
	}
}
