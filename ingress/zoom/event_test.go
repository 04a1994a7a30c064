package zoom

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

// Who follows docs/zoom.md and who follows connect subscribe to the same, and each asks for a recording.
func TestAnAppSubscribesToWhatIsRead(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/zoom.md")
	if err != nil {
		t.Fatal(err)
	}
	events := Events()
	for _, e := range events {
		n, err := parseNotice(fmt.Appendf(nil, `{"event":%q,"payload":{"object":{"uuid":"u","meeting_uuid":"u"}}}`, e))
		if err != nil || n.recording() != "u" {
			t.Errorf("%s asks for %q, %v", e, n.recording(), err)
		}
	}
	listed := strings.Join(strings.Fields(string(raw)), " ")
	if want := "`" + strings.Join(events, "`, `") + "`"; !strings.Contains(listed, "and the events "+want+".") {
		t.Errorf("docs/zoom.md does not list %s", want)
	}
}

// FuzzDelivery signs anything: what is accepted asks for one thing at most, by an id that can be one, and a challenge is
// answered with what was sent and with nothing else that is long.
func FuzzDelivery(f *testing.F) {
	for _, body := range []string{
		`{"event":"endpoint.url_validation","payload":{"plainToken":"q"}}`,
		`{"event":"recording.completed","event_ts":1,"payload":{"account_id":"a","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}`,
		`{"event":"meeting.summary_completed","payload":{"object":{"meeting_uuid":"/a+b=="}}}`, `{"event":"user.created"}`, `[]`, `{"event":1}`,
		`{"event":"recording.completed","payload":{"object":{"uuid":"` + strings.Repeat("x", 300) + `"}}}`,
	} {
		f.Add([]byte(body))
	}
	v, err := New(Pro).Verifier(testSecret)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := v.Verify(signed(testSecret, testNow, body), body, testNow)
		if err != nil {
			if recorder.ReasonOf(err) != recorder.ReasonMalformed {
				t.Fatalf("signed, and refused for %q", recorder.ReasonOf(err))
			}
			return
		}
		asked := 0
		for _, is := range []bool{d.Event != "", d.Fetch != "", d.Answer != nil} {
			if is {
				asked++
			}
		}
		if asked > 1 || d.Event != "" {
			t.Fatalf("asks for %+v", d)
		}
		if d.Fetch != "" && schemas.CheckSegment("recording", d.Fetch) != nil {
			t.Fatalf("asks for the recording %q", d.Fetch)
		}
		if d.Answer != nil {
			var said map[string]string
			if err := json.Unmarshal(d.Answer, &said); err != nil || len(said) != 2 || len(said["encryptedToken"]) != 64 || len(said["plainToken"]) > 3*maxChallenge {
				t.Fatalf("answers %s, %v", d.Answer, err)
			}
		}
	})
}

// FuzzListingCursor reads anything as a cursor: what is accepted is read again the same.
func FuzzListingCursor(f *testing.F) {
	for _, text := range []string{"", `{"to":"2026-09-30"}`, `{"to":"2026-09-30","user":"u","token":"t","given":"2026-09-01T00:00:00Z"}`, `{"to":"0000-01-01"}`, "null"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, to, err := parseCursor(text, testNow)
		if err != nil {
			return
		}
		if from := window(time.Time{}, to); from.After(to) || to.Sub(from) > 31*24*time.Hour {
			t.Fatalf("%q is a month from %v to %v", text, from, to)
		}
		again, err := c.text()
		if err != nil {
			t.Fatal(err)
		}
		if c2, to2, err := parseCursor(again, testNow); err != nil || !to2.Equal(to) || c2.User != c.User || c2.Token != c.Token || !c2.Given.Equal(c.Given) {
			t.Fatalf("%q is read as %+v, and that as %+v, %v", text, c, c2, err)
		}
	})
}
