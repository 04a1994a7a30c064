package fathom

import (
	"encoding/json"
	"testing"
	"time"
)

func TestDocumentLooksIntoAMeeting(t *testing.T) {
	t.Parallel()
	const times = `"created_at": "2026-11-02T09:40:00Z", "recording_end_time": "2026-11-02T09:30:00Z"`
	for name, c := range map[string]struct {
		body                string
		recording           string
		transcript, summary bool
		dated               bool
		broken              bool
	}{
		"whole":                {`{"recording_id": 7, "transcript": [{"text": "\""}], "default_summary": {"markdown_formatted": "# a"}, ` + times + `}`, "7", true, true, true, false},
		"nobody spoke":         {`{"transcript": [], "recording_id": 7}`, "7", true, false, false, false},
		"nothing yet":          {`{"recording_id": 7, "transcript": null, "default_summary": null}`, "7", false, false, false, false},
		"an empty summary":     {`{"recording_id": 7, "default_summary": {"markdown_formatted": ""}}`, "7", false, false, false, false},
		"a summary of nothing": {`{"recording_id": 7, "default_summary": {"markdown_formatted": null}}`, "7", false, false, false, false},
		"other types":          {`{"recording_id": "7", "transcript": "none", "default_summary": [], "created_at": 3}`, "", false, false, false, false},
		"a fraction":           {`{"recording_id": 7.5}`, "", false, false, false, false},
		"the last one counts":  {`{"recording_id": 7, "recording_id": 8}`, "8", false, false, false, false},
		"a clock that jumped":  {`{"recording_id": 7, "recording_end_time": "2026-11-02T08:30:00Z", "recording_start_time": "2026-11-02T09:00:00Z"}`, "7", false, false, false, false},
		"cut off":              {`{"recording_id": 7, "transcript": [`, "", false, false, false, true},
		"two":                  {`{"recording_id": 7}{}`, "", false, false, false, true},
		"a list":               {`[{"recording_id": 7}]`, "", false, false, false, true},
		"nothing":              {``, "", false, false, false, true},
	} {
		d, whole := document([]byte(c.body))
		if d.Recording != c.recording || d.Transcript != c.transcript || d.Summary != c.summary || whole == c.broken || string(d.Body) != c.body {
			t.Errorf("%s: %+v, whole is %v", name, d, whole)
		}
		if name == "a clock that jumped" && !d.EndedAt.IsZero() {
			t.Errorf("%s: it ended at %v", name, d.EndedAt)
		}
		if c.dated && (!d.CreatedAt.Equal(time.Date(2026, 11, 2, 9, 40, 0, 0, time.UTC)) || d.EndedAt.IsZero()) {
			t.Errorf("%s: created %v, ended %v", name, d.CreatedAt, d.EndedAt)
		}
	}
}

func FuzzDocument(f *testing.F) {
	for _, seed := range []string{`{}`, ` {"recording_id":1} `, `{"transcript":[{}]}`, `[]`, `null`, `{`, `{}{}`, `{"a":"\ud800"}`, "{\"a\":\"\xff\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var object map[string]json.RawMessage
		isObject := json.Unmarshal(body, &object) == nil && object != nil // null leaves it nil
		if _, whole := document(body); whole != isObject {
			t.Errorf("%q: whole is %v", body, whole)
		}
	})
}
