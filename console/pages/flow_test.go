package pages_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"leadline/console/tail"
)

const at = "meetings.raw.v1.dead:1:7"

func TestDeadLettersAreReplayed(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	if _, body := r.read("/flow"); !strings.Contains(body, at) {
		t.Error("the dead letter is not listed")
	} else if !strings.Contains(body, "There may be earlier ones") {
		t.Error("the page does not say that it may not list all")
	}
	r.topics.all = true
	if _, body := r.read("/flow"); strings.Contains(body, "There may be earlier ones") {
		t.Error("the page lists all, and says that there may be more")
	}
	form := url.Values{"csrf": {r.csrf()}}
	for _, wrong := range [][]string{nil, {"x"}, {"a:b:c"}, {"meetings.raw.v1.dead:1:8"}, {at, "meetings.raw.v1.dead:1:8"}} {
		form["at"] = wrong
		if w := r.do(http.MethodPost, "/deadletters", form); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", wrong, w.Code)
		}
	}
	if len(r.topics.replayed) > 0 {
		t.Fatalf("replayed %v", r.topics.replayed)
	}
	form["at"] = []string{at}
	if w := r.do(http.MethodPost, "/deadletters", form); w.Code != http.StatusSeeOther || !slices.Equal(r.topics.replayed, []tail.Place{deadAt}) {
		t.Errorf("%d, replayed %v", w.Code, r.topics.replayed)
	}
}

// stream reads events of a live part over a real connection.
func (r *rig) stream(ctx context.Context, path string) *bufio.Scanner {
	r.Helper()
	server := httptest.NewServer(r.site)
	r.Cleanup(server.Close)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path, nil)
	if err != nil {
		r.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "leadline_session", Value: r.cookie})
	transport := new(http.Transport)
	r.Cleanup(transport.CloseIdleConnections)
	res, err := transport.RoundTrip(req)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = res.Body.Close() })
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || kind != "text/event-stream" {
		r.Fatalf("%s: %d %s", path, res.StatusCode, kind)
	}
	return bufio.NewScanner(res.Body)
}

// event is the data of the next one; false is the end of the stream.
func event(s *bufio.Scanner) (data string, ok bool) {
	for s.Scan() {
		line, isData := strings.CutPrefix(s.Text(), "data: ")
		switch {
		case isData:
			data += line + "\n"
		case s.Text() == "" && data != "":
			return data, true
		}
	}
	return data, false
}

func TestALivePartIsSentAtOnceAndEndsWithTheSession(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	csrf := r.csrf()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for path, want := range map[string]string{"/flow/live": "4 meetings stored", "/integration/live?recorder=fathom&name=default": "Last sync"} {
		data, ok := event(r.stream(ctx, path))
		if !ok || !strings.Contains(data, want) || strings.Contains(data, "<script>") {
			t.Errorf("%s: %.2000s", path, data)
		}
	}
	s := r.stream(ctx, "/flow/live")
	if _, ok := event(s); !ok {
		t.Fatal("no first event")
	}
	r.do(http.MethodPost, "/signout", url.Values{"csrf": {csrf}})
	if data, more := event(s); more {
		t.Errorf("after the session had ended came %.500s", data)
	}
	if w := r.do(http.MethodGet, "/flow/live", nil); w.Code != http.StatusForbidden {
		t.Errorf("without a session: %d", w.Code)
	}
}

func TestLivePartsEndWhenTheProcessStops(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s := r.stream(ctx, "/flow/live")
	if _, ok := event(s); !ok {
		t.Fatal("no first event")
	}
	running, stop := context.WithCancel(ctx)
	stop()
	if err := r.site.Run(running); err != nil {
		t.Fatal(err)
	}
	if _, more := event(s); more || ctx.Err() != nil {
		t.Error("the stream goes on")
	}
}

func TestAReportOfABrowserIsCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/csp-report", strings.NewReader(`{"csp-report":{"blocked-uri":"inline"}}`))
	req.Header.Set("Content-Type", "application/csp-report")
	w := httptest.NewRecorder()
	r.site.ServeHTTP(w, req)
	if w.Code != http.StatusNoContent || !strings.Contains(w.Header().Get("Content-Security-Policy"), "report-uri /csp-report") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
