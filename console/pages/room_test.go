package pages_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"leadline/console/pages"
)

// enter takes a link, and returns what the browser is told.
func (r *rig) enter(link string) *httptest.ResponseRecorder {
	r.Helper()
	u, err := url.Parse(link)
	if err != nil {
		r.Fatal(err)
	}
	return r.do(http.MethodPost, "/signin", u.Query())
}

func TestAnOrganisationsLinksAndSessionsEndNoOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	link := r.site.Link(org)
	for range 200 {
		r.site.Link("crowded")
	}
	w := r.enter(link)
	if w.Code != http.StatusSeeOther || len(w.Result().Cookies()) != 1 {
		t.Fatalf("after another organisation's 200 links: %d", w.Code)
	}
	r.cookie = w.Result().Cookies()[0].Value
	for range 1100 {
		if w := r.enter(r.site.Link("crowded")); w.Code != http.StatusSeeOther {
			t.Fatalf("signing in elsewhere: %d", w.Code)
		}
	}
	if w := r.do(http.MethodGet, "/meetings", nil); w.Code != http.StatusOK {
		t.Errorf("after another organisation's 1,100 sessions: %d", w.Code)
	}
}

// stream is a browser that keeps a live part open: begun is closed with the first event.
type stream struct {
	*httptest.ResponseRecorder
	begun chan struct{}
}

func (s *stream) Write(p []byte) (int, error) {
	select {
	case <-s.begun:
	default:
		close(s.begun)
	}
	return len(p), nil
}

func TestAnOrganisationsLivePartsLeaveRoomForOthers(t *testing.T) {
	t.Parallel()
	site := pages.New(pages.Options{Store: openStore(t)})
	signIn := func(org string) *http.Cookie {
		form := strings.NewReader(strings.TrimPrefix(site.Link(org), "/signin?"))
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/signin", form)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		site.ServeHTTP(w, req)
		return w.Result().Cookies()[0]
	}
	ctx, leave := context.WithCancel(t.Context())
	done := make(chan struct{})
	opened := 0
	open := func(cookie *http.Cookie) int {
		req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/flow/live", nil)
		req.AddCookie(cookie)
		s := &stream{httptest.NewRecorder(), make(chan struct{})}
		ended := make(chan struct{})
		opened++
		go func() { site.ServeHTTP(s, req); close(ended); done <- struct{}{} }()
		select {
		case <-s.begun:
			return http.StatusOK
		case <-ended:
			return s.Code
		}
	}
	defer func() {
		leave()
		for range opened {
			<-done
		}
	}()
	crowd := signIn("crowded")
	for i := 0; open(crowd) == http.StatusOK; i++ {
		if i > 1000 {
			t.Fatal("there is no end of them")
		}
	}
	if code := open(signIn(org)); code != http.StatusOK {
		t.Errorf("another organisation's first: %d", code)
	}
}
