package pages_test

import (
	"bytes"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"leadline/console/browser"
	"leadline/console/pages"
)

// What somebody outside wrote is text in a real browser, wherever it stands:
// nothing of it runs, loads, or becomes an element, and no page breaks its own
// policy, the one with a turn of a megabyte neither.
func TestInABrowserHostileContentIsText(t *testing.T) {
	t.Parallel()
	browser.Axe(t)
	metrics := prometheus.NewRegistry()
	r := newRigWith(t, func(o *pages.Options) { o.Metrics = metrics })
	server := httptest.NewServer(r.site)
	t.Cleanup(server.Close)
	b := browser.New(t, server.URL)
	b.Do(b.Open(r.site.Link(org)), browser.Press("form button", kb.Enter), browser.Says("Meetings"))
	for _, path := range []string{
		"/meetings", "/meeting?recorder=fathom&recording=hostile", "/meeting?recorder=fathom&recording=nobodys", "/meeting?recorder=fathom&recording=long&all=1",
		"/meeting/versions?recorder=fathom&recording=plain", "/customers", "/customer?id=co_amber", "/search?q=pier", "/unmatched", "/rules",
		"/integrations", "/integration?recorder=fathom&name=default", "/integration/end?recorder=fathom&name=default&erase=1", "/flow",
		"/deadletter?at=" + at, "/changes", "/sources", "/trends", "/meetings?customer=%3Cscript%3Ealert(1)%3C/script%3E",
	} {
		b.Do(b.Open(path), browser.Shows("main h1"), browser.Until("document.readyState === 'complete'"))
		if made := browser.Get[[]string](b, `[...document.querySelectorAll("script:not([src='/assets/console.js']), img, iframe, object, [onerror], a[href^='javascript:']")].map((e) => e.outerHTML.slice(0, 200))`); len(made) > 0 {
			b.Errorf("%s has elements that nobody made: %q", path, made)
		}
		if !browser.Get[bool](b, `document.body.innerText.includes("<script>alert(1)</script>") || location.search.includes("long") || ["/sources", "/trends", "/changes", "/integration/end"].includes(location.pathname)`) {
			b.Errorf("%s does not show what was written", path)
		}
		// An override of the reading order ends with the element that isolates it.
		if loose := browser.Get[[]string](b, `(() => { const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
			while (walk.nextNode()) if (/[\u202a-\u202e\u2066-\u2069]/.test(walk.currentNode.data) && !walk.currentNode.parentElement.closest("bdi, textarea, option, title")) found.push(walk.currentNode.data.slice(0, 100));
			return found })()`); len(loose) > 0 {
			b.Errorf("%s has overrides of the reading order that nothing isolates: %q", path, loose)
		}
		b.Still(path)
		b.Phone(390)
		b.Still(path + " on a phone")
		b.Desk()
	}
	b.Do(b.Open("/meeting?recorder=fathom&recording=long&all=1"), browser.Says("the very end"))
	if said := browser.Get[int](b, `document.querySelector("#transcript").parentElement.innerText.split("pier").length`); said < 1<<20/5 {
		b.Errorf("of the turn of a megabyte %d words are shown", said)
	}
	if err := testutil.GatherAndCompare(metrics, bytes.NewReader([]byte(`# HELP leadline_pages_csp_reports_total Reports of browsers that a page broke the content security policy.
# TYPE leadline_pages_csp_reports_total counter
leadline_pages_csp_reports_total 0
`)), "leadline_pages_csp_reports_total"); err != nil {
		t.Error(err)
	}
}
