package normalize

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"leadline/schemas"
	"leadline/schemas/schematest"
)

func FuzzFathom(f *testing.F) {
	inputs, err := filepath.Glob("testdata/*/in.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, in := range inputs {
		body, err := os.ReadFile(in)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	codec := schematest.Codec(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		m, _, err := read(schemas.RawRecord(origin(schemas.SourceWebhook, noon), body))
		var rejected *schemas.Rejected
		if errors.As(err, &rejected) {
			return
		}
		if err != nil {
			t.Fatalf("neither accepted nor rejected: %v", err)
		}
		raw, err := schemas.Encode(codec, schemas.NormalizedMeetings, &m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := schemas.Decode(codec, schemas.NormalizedMeetings, raw)
		if err != nil {
			t.Fatal(err)
		}
		again, err := schemas.Encode(codec, schemas.NormalizedMeetings, back)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(raw, again) {
			t.Error("decoded and encoded again, the meeting is another")
		}
		if !bytes.Equal(contentHash(*back), m.ContentHash) {
			t.Error("decoded again, the meeting has another hash")
		}
		if _, _, recording, err := schemas.SplitMeetingID(m.ID); err != nil || schemas.CheckSegment("recording", recording) != nil {
			t.Errorf("accepted with the id %q", m.ID)
		}
		text, err := json.Marshal(back)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(`\u0000`)) && !bytes.Contains(text, []byte(`\\u0000`)) || bytes.ContainsRune(text, utf8.RuneError) {
			t.Errorf("a NUL or an invalid rune came through: %s", text)
		}
	})
}

func hashOf(t *testing.T, body string) string {
	t.Helper()
	m, _, err := decodeFathom([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	clean(&m)
	return hex.EncodeToString(contentHash(m))
}

func TestHashSeesContentAndNothingElse(t *testing.T) {
	t.Parallel()
	if hashOf(t, spoken) != hashOf(t, respelled) {
		t.Error("the same content in another spelling has another hash")
	}
	seen := map[string]string{}
	for _, body := range []string{bare, spoken, edited, summed,
		strings.Replace(spoken, `:7`, `:8`, 1),
		strings.Replace(spoken, `:01"`, `:02"`, 1),
		strings.Replace(spoken, `09:00:00`, `09:00:01`, 1),
		strings.Replace(bare, `}`, `,"transcript":[]}`, 1),
		strings.Replace(bare, `}`, `,"title":"ab"}`, 1),
		strings.Replace(bare, `}`, `,"title":"a","url":"b"}`, 1),
		strings.Replace(bare, `}`, `,"url":"ab"}`, 1),
		strings.Replace(bare, `}`, `,"meeting_type":""}`, 1),
		strings.Replace(bare, `}`, `,"calendar_invitees":[{}]}`, 1),
		strings.Replace(bare, `}`, `,"calendar_invitees":[{"is_external":true}]}`, 1),
		strings.Replace(bare, `}`, `,"calendar_invitees":[{},{}]}`, 1),
		strings.Replace(bare, `}`, `,"crm_matches":{"deals":[{}]}}`, 1),
		strings.Replace(bare, `}`, `,"crm_matches":{"deals":[{"amount":0}]}}`, 1),
		strings.Replace(bare, `}`, `,"crm_matches":{"deals":[{"amount":1.5}]}}`, 1),
	} {
		h := hashOf(t, body)
		if other, taken := seen[h]; taken {
			t.Errorf("one hash for\n%s and\n%s", other, body)
		}
		seen[h] = body
	}
}

// Where we got a meeting from, and when, is not its content.
func TestHashLeavesOurOwnFieldsOut(t *testing.T) {
	t.Parallel()
	m, _, err := decodeFathom([]byte(spoken))
	if err != nil {
		t.Fatal(err)
	}
	before := contentHash(m)
	m.Connection, m.Source, m.ReceivedAt, m.ContentHash = "second", "poll", noon, []byte{1}
	if !bytes.Equal(before, contentHash(m)) {
		t.Error("origin changes the hash")
	}
	m.Org = "other"
	if bytes.Equal(before, contentHash(m)) {
		t.Error("two organisations' meetings have one hash")
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"00:00:00": 0, "00:00:09": 9000, "01:02:03": 3723000, "99:59:59": 359999000, "100:00:00.25": 360000250,
		"00:00:00.007": 7, "": -1, "1:02": -1, "00:60:00": -1, "00:00:60": -1, "-1:00:00": -1, "00:00:01 ": -1,
		"٠٠:٠٠:٠١": -1, "1000:00:00": -1, "00:00:01.": -1,
	} {
		ms, ok := parseClock(text)
		if ok != (want >= 0) || ok && ms != want {
			t.Errorf("%q: got %d, %v; want %d", text, ms, ok, want)
		}
	}
	for url, want := range map[string]int64{
		"https://fathom.video/calls/1?timestamp=125": 125000, "https://fathom.video/calls/1#t=12": 12000,
		"https://fathom.video/calls/1?a=b&timestamp=1.5": 1500, "https://fathom.video/calls/1": -1,
		"https://fathom.video/calls/1?timestamp=": -1, "https://fathom.video/calls/1?xtimestamp=5": -1,
		"https://fathom.video/calls/1?timestamp=99999999": -1,
	} {
		ms, ok := playbackMS(url)
		if ok != (want >= 0) || ok && ms != want {
			t.Errorf("%s: got %d, %v; want %d", url, ms, ok, want)
		}
	}
}

// shared is the folder of reference material beside the repository.
func shared(t *testing.T, elements ...string) []string {
	t.Helper()
	root := os.Getenv("LEADLINE_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	files, err := filepath.Glob(filepath.Join(append([]string{root}, elements...)...))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no reference material in %s (set LEADLINE_SHARED)", root)
	}
	return files
}

func accept(t *testing.T, name string, body []byte) {
	t.Helper()
	m, _, err := decodeFathom(body)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(body, &keys); err != nil {
		t.Fatal(err)
	}
	for key, got := range map[string]int{
		"transcript": len(m.Turns), "action_items": len(m.ActionItems),
		"highlights": len(m.Highlights), "calendar_invitees": len(m.Invitees),
	} {
		var sent []any
		if raw, there := keys[key]; there {
			if err := json.Unmarshal(raw, &sent); err != nil {
				t.Fatal(err)
			}
		}
		if len(sent) != got {
			t.Errorf("%s: %d of the %d %s are in the meeting", name, got, len(sent), key)
		}
	}
}

func TestReferenceFixturesAreAccepted(t *testing.T) {
	t.Parallel()
	for _, file := range shared(t, "reference", "fixtures", "fathom", "*.json") {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		switch name := filepath.Base(file); {
		case strings.HasPrefix(name, "webhook-"):
			accept(t, name, body)
		case strings.HasPrefix(name, "list-meetings."):
			var page struct {
				Items []json.RawMessage `json:"items"`
			}
			if err := json.Unmarshal(body, &page); err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Items {
				accept(t, name, item)
			}
		default:
			// Everything else in the folder has no recording_id of a meeting.
			if _, _, err := decodeFathom(body); err == nil {
				t.Errorf("%s was accepted as a meeting", name)
			}
		}
	}
}

func TestRealMeetingsAreAccepted(t *testing.T) {
	t.Parallel()
	files := shared(t, "data", "qmsum", "meetings", "*.json")
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		accept(t, filepath.Base(file), body)
	}
}

func BenchmarkRead(b *testing.B) {
	body := []byte(`{"recording_id":7,"created_at":"2026-10-05T09:00:00Z","transcript":[` + strings.Repeat(
		`{"speaker":{"display_name":"Nora Vale","matched_calendar_invitee_email":"nora@harbourline.example"},"text":"`+
			strings.Repeat("eleven letters ", 10)+`","timestamp":"00:00:01"},`, 799) + `{}]}`)
	r := schemas.RawRecord(origin(schemas.SourceWebhook, noon), body)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, _, err := read(r); err != nil {
			b.Fatal(err)
		}
	}
}
