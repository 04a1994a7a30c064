package pages_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// everyForm is each form but those that end the session.
var everyForm = []string{
	"/rules", "/integrations", "/integration/sync", "/integration/ingest", "/integration/end", "/users", "/unmatched", "/deadletters", "/signin", "/csp-report",
}

// FuzzPage asks any page anything: the answer is never an error of ours, and nothing that was asked becomes an element, an
// attribute that acts or an address that runs.
func FuzzPage(f *testing.F) {
	r := newRig(f).signIn()
	for i, page := range everyPage {
		_, query, _ := strings.Cut(page, "?")
		f.Add(byte(i), query)
	}
	f.Add(byte(8), "q="+url.QueryEscape(hostile)+"&customer="+url.QueryEscape(hostile)+"&since=0")
	f.Add(byte(2), "recorder=%ff&recording=%00;&all")
	f.Fuzz(func(t *testing.T, page byte, query string) {
		path, _, _ := strings.Cut(everyPage[int(page)%len(everyPage)], "?")
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		req.URL.Path, req.URL.RawQuery = path, query
		judge(t, r, req)
	})
}

// FuzzForm sends any form anything, with the session's own token.
func FuzzForm(f *testing.F) {
	r := newRig(f).signIn()
	csrf := r.csrf()
	for i, form := range []string{
		"do=save&id=topic-1&text=" + url.QueryEscape(hostile) + "&type=topic&version=3", "recorder=fathom&name=default&credential=k&webhook_secret=s&days=-1",
		"recorder=fathom&name=default&since=2026-09-01", "recorder=fathom&name=default&ingest=off", "recorder=fathom&name=default&erase=1&sure=default",
		"do=add&email=a@b.example&role=admin", "domain=birch.example&company_id=co_amber", "at=" + at, "code=x&next=//evil.example", `{"csp-report":{}}`,
	} {
		f.Add(byte(i), form)
	}
	f.Fuzz(func(t *testing.T, form byte, body string) {
		path := everyForm[int(form)%len(everyForm)]
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("csrf="+csrf+"&"+body))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		judge(t, r, req)
	})
}

// judge sends the request with the session, and looks at what came back.
func judge(t *testing.T, r *rig, req *http.Request) {
	t.Helper()
	req.AddCookie(&http.Cookie{Name: "leadline_session", Value: r.cookie})
	w := httptest.NewRecorder()
	r.site.ServeHTTP(w, req)
	if w.Code >= 500 && w.Code != http.StatusNotImplemented {
		t.Fatalf("%s?%s: %d %.500s", req.URL.Path, req.URL.RawQuery, w.Code, w.Body)
	}
	if to, err := url.Parse(w.Header().Get("Location")); err != nil || to.Host != "" || to.Scheme != "" || strings.HasPrefix(to.Path, "//") || strings.ContainsAny(to.Path, `\`) {
		t.Fatalf("%s?%s leads to %q", req.URL.Path, req.URL.RawQuery, w.Header().Get("Location"))
	}
	if w.Header().Get("Content-Security-Policy") == "" {
		t.Fatalf("%s has no policy", req.URL.Path)
	}
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		return
	}
	tree, err := html.Parse(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	checkElements(t, req.URL.Path, tree)
}
