package zoom

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// A time that cannot be read must not cost what stands behind it in the JSON.
func TestAFileWhoseStartCannotBeReadIsDownloadedAllTheSame(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]string{"text": `"yesterday"`, "number": `12`, "empty": `""`, "null": `null`, "object": `{}`} {
		f := &fakeZoom{answer: func(r *http.Request, _ int) (int, string, http.Header) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/recordings"):
				return 200, `{"uuid":"u==","recording_files":[
					{"recording_start":` + start + `,"id":"odd","file_type":"TRANSCRIPT","status":"completed","download_url":"https://us02web.zoom.us/rec/odd"},
					{"recording_start":"2026-10-06T09:00:00Z","id":"good","file_type":"TRANSCRIPT","status":"completed","download_url":"https://us02web.zoom.us/rec/good"}]}`, nil
			case strings.HasPrefix(r.URL.Path, "/rec/"):
				return 200, "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nAda: " + r.URL.Path + "\n", nil
			}
			return 404, `{"code":3001,"message":"no"}`, nil
		}}
		m, err := f.client(t).Meeting(t.Context(), "u==")
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Transcripts) != 2 || m.Transcripts[0].FileID != "good" || m.Transcripts[1].FileID != "odd" || !m.Transcripts[1].Start.IsZero() {
			t.Errorf("%s: transcripts %+v, missing %+v", name, m.Transcripts, m.Missing)
		}
	}
}

func TestAMeetingOrUserWhoseTimeCannotBeReadIsListed(t *testing.T) {
	t.Parallel()
	f := &fakeZoom{answer: func(r *http.Request, _ int) (int, string, http.Header) {
		if strings.HasSuffix(r.URL.Path, "/recordings") {
			return 200, `{"meetings":[{"start_time":"soon","uuid":"a=="},{"uuid":"b==","start_time":"2026-10-06T09:00:00Z"}]}`, nil
		}
		return 200, `{"users":[{"created_at":"long ago","id":"ada","email":"ada@ours.example"}]}`, nil
	}}
	c := f.client(t)
	users, err := c.Users(t.Context())
	if err != nil || len(users) != 1 || users[0].ID != "ada" || !users[0].CreatedAt.IsZero() {
		t.Errorf("users %+v, %v", users, err)
	}
	list, _, err := c.Recordings(t.Context(), "ada", time.Now(), time.Now(), 10, "")
	if err != nil || len(list) != 2 || list[0].UUID != "a==" || !list[0].Start.IsZero() || list[1].Start.IsZero() {
		t.Errorf("meetings %+v, %v", list, err)
	}
	if err := c.Prove(t.Context(), time.Now()); err != nil {
		t.Errorf("the credential is refused for it: %v", err)
	}
}
