package zoom

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// The token goes to the host that Zoom's API named, and on a redirect to no other; what is not Zoom is not even asked.
func TestATokenStaysWithTheFirstHost(t *testing.T) {
	t.Parallel()
	const vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\nAda: Hi.\n"
	answers := map[string]struct {
		status int
		body   string
		to     string
	}{
		"us02web.zoom.us/direct":  {200, "\uFEFF" + vtt, ""},
		"us02web.zoom.us/same":    {302, "", "/direct"},
		"us02web.zoom.us/other":   {301, "", "https://files.zoom.us/x?sig=1"},
		"files.zoom.us/x":         {200, vtt, ""},
		"us02web.zoom.us/evil":    {302, "", "https://zoom.us.evil.example/x"},
		"us02web.zoom.us/plain":   {302, "", "http://us02web.zoom.us/direct"},
		"us02web.zoom.us/private": {302, "", "https://127.0.0.1/x"},
		"us02web.zoom.us/nowhere": {302, "", ""},
		"us02web.zoom.us/loop":    {302, "", "/loop"},
		"us02web.zoom.us/page":    {200, "<html>sign in</html>", ""},
		"us02web.zoom.us/large":   {200, "WEBVTT" + strings.Repeat("\n", maxTranscript), ""},
	}
	for path, reason := range map[string]string{
		"us02web.zoom.us/direct": "", "us02web.zoom.us/same": "", "us02web.zoom.us/other": "",
		"us02web.zoom.us/evil": leftForHost, "us02web.zoom.us/plain": leftForHost, "us02web.zoom.us/private": leftForHost,
		"us02web.zoom.us/nowhere": leftForRedirect, "us02web.zoom.us/loop": leftForRedirect, "us02web.zoom.us/page": leftForContent,
		"us02web.zoom.us/large": leftForSize, "evil.example/x": leftForHost,
	} {
		f := &fakeZoom{answer: func(r *http.Request, _ int) (int, string, http.Header) {
			a, known := answers[r.URL.Host+r.URL.Path]
			if !known {
				t.Errorf("%s was asked", r.URL)
			}
			if sent := r.Header.Get("Authorization") != ""; sent != (r.URL.Host == "us02web.zoom.us") {
				t.Errorf("%s: token sent %v", r.URL, sent)
			}
			h := http.Header{}
			if a.to != "" {
				h.Set("Location", a.to)
			}
			return a.status, a.body, h
		}}
		text, err := f.client(t).download(t.Context(), "https://"+path)
		left, failed := errors.AsType[*fileError](err)
		switch {
		case reason == "" && (err != nil || !strings.HasPrefix(strings.TrimPrefix(text, "\uFEFF"), "WEBVTT")):
			t.Errorf("%s: %q, %v", path, text, err)
		case reason != "" && (!failed || left.reason != reason):
			t.Errorf("%s: %v", path, err)
		}
	}
}
