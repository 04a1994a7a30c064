package pages_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// everyPage is each page with data.
var everyPage = []string{
	"/meetings", "/meetings?customer=amber.example&recorder=fathom&state=matched", "/meeting?recorder=fathom&recording=plain",
	"/meeting?recorder=fathom&recording=hostile", "/meeting?recorder=fathom&recording=hostile&all=1", "/customers", "/customer?id=co_amber",
	"/search", "/search?q=pier&kind=transcript&since=2026-08-01&until=2026-12-01", "/search?q=pier&customer=co_amber", "/rules", "/integrations", "/flow",
	"/users", "/changes", "/trends", "/sources", "/unmatched", "/meeting/versions?recorder=fathom&recording=plain", "/integration?recorder=fathom&name=default",
	"/integration/end?recorder=fathom&name=default", "/integration/end?recorder=fathom&name=default&erase=1", "/deadletter?at=" + at,
}

func TestEveryPageHasTheStructureThatPeopleAndReadersNeed(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	for _, path := range everyPage {
		tree, body := r.read(path)
		if len(all(tree, "main")) != 1 || len(all(tree, "header")) != 1 || len(all(tree, "nav")) == 0 || len(all(tree, "h1")) != 1 {
			t.Errorf("%s lacks a landmark or its heading", path)
		}
		if lang := attribute(all(tree, "html")[0], "lang"); lang != "en" {
			t.Errorf("%s is in %q", path, lang)
		}
		if first := all(tree, "a")[0]; attribute(first, "href") != "#main" {
			t.Errorf("%s: the first link is %q, not the one that skips to the content", path, attribute(first, "href"))
		}
		if len(body) > 100_000 {
			t.Errorf("%s weighs %d bytes", path, len(body))
		}
		checkElements(t, path, tree)
	}
}

func checkElements(t testing.TB, path string, tree *html.Node) {
	t.Helper()
	ids, labelled := make(map[string]bool), make(map[string]bool)
	for _, l := range all(tree, "label") {
		labelled[attribute(l, "for")] = true
	}
	for n := range tree.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("%s: <%s> has %s", path, n.Data, a.Key)
			}
			if (a.Key == "href" || a.Key == "src") && strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
				t.Errorf("%s: <%s> leads to %s", path, n.Data, a.Val)
			}
		}
		if id := attribute(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("%s has two elements %q", path, id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "script":
			if attribute(n, "src") != "/assets/console.js" || n.FirstChild != nil {
				t.Errorf("%s has a script of its own", path)
			}
		case "style", "img", "iframe", "object":
			t.Errorf("%s has <%s>", path, n.Data)
		case "input", "select", "textarea":
			inside := n.Parent != nil && n.Parent.Data == "label"
			if attribute(n, "type") != "hidden" && !inside && !labelled[attribute(n, "id")] && attribute(n, "aria-label") == "" {
				t.Errorf("%s: <%s name=%s> has no label", path, n.Data, attribute(n, "name"))
			}
		case "form":
			if attribute(n, "method") == "post" && !strings.Contains(markup(n), `name="csrf"`) {
				t.Errorf("%s: a form without a token posts to %s", path, attribute(n, "action"))
			}
		}
	}
}

func markup(n *html.Node) string {
	var b strings.Builder
	_ = html.Render(&b, n)
	return b.String()
}

func TestHostileTextsAreShownAsTextAndIsolated(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	for _, path := range []string{
		"/meetings", "/meeting?recorder=fathom&recording=hostile", "/customer?id=co_amber", "/search?q=pier", "/rules", "/integrations",
		"/unmatched", "/meeting/versions?recorder=fathom&recording=plain", "/integration?recorder=fathom&name=default", "/flow", "/deadletter?at=" + at, "/changes",
	} {
		tree, body := r.read(path)
		if strings.Contains(body, "<script>alert") || strings.Contains(body, "<img") {
			t.Errorf("%s runs what a text says", path)
		}
		shown := 0
		for n := range tree.Descendants() {
			if n.Type != html.TextNode || !strings.Contains(n.Data, "\u202e") {
				continue
			}
			shown++
			if p := n.Parent.Data; p != "bdi" && p != "textarea" && p != "mark" {
				t.Errorf("%s: in <%s> nothing isolates %.60q", path, p, n.Data)
			}
		}
		if shown == 0 {
			t.Errorf("%s does not show the hostile text at all", path)
		}
		if title := textOf(all(tree, "title")[0]); strings.ContainsAny(title, "\u202e\u2066") {
			t.Errorf("%s: the window's title is %q", path, title)
		}
	}
}

func TestATurnOfAMegabyteIsCutAndCanBeSeenWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	const path = "/meeting?recorder=fathom&recording=long"
	tree, body := r.read(path)
	if len(body) > 100_000 {
		t.Errorf("the page weighs %d bytes", len(body))
	}
	whole := ""
	for _, a := range all(tree, "a") {
		if textOf(a) == "Show the whole transcript" {
			whole = attribute(a, "href")
		}
	}
	if whole == "" {
		t.Fatal("nothing leads to the rest")
	}
	if _, body := r.read(strings.TrimSuffix(whole, "#transcript")); strings.Count(body, "pier ") < 1<<20/5 {
		t.Errorf("the whole transcript has %d bytes", len(body))
	}
}

func TestAQuoteLeadsToItsLine(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	tree, _ := r.read("/meeting?recorder=fathom&recording=plain")
	for _, quote := range all(tree, "blockquote") {
		if textOf(quote) != "We will look into it." {
			continue
		}
		to := strings.TrimPrefix(attribute(all(quote, "a")[0], "href"), "#")
		for _, p := range all(tree, "p") {
			if attribute(p, "id") == to && strings.Contains(textOf(p), "We will look into it.") {
				return
			}
		}
	}
	t.Error("no quote leads to the line that says it")
}

func TestWhyAMeetingIsACustomersIsTold(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	if _, body := r.read("/meeting?recorder=fathom&recording=plain"); !strings.Contains(body, "an end user has this address") {
		t.Error("the finding is not told")
	}
}

func TestPassagesAreMarkedAndFilteredByRecorder(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	tree, _ := r.read("/search?q=rotten")
	if marks := all(tree, "mark"); len(marks) == 0 || textOf(marks[0]) != "rotten" {
		t.Errorf("%d marks", len(marks))
	}
	if _, body := r.read("/search?q=rotten&recorder=zoom"); !strings.Contains(body, "Nothing was found") {
		t.Error("a meeting of Fathom was found among Zoom's")
	}
	if _, body := r.read("/meetings?recorder=zoom"); strings.Contains(body, "The pier") {
		t.Error("a meeting of Fathom is listed among Zoom's")
	}
}

func TestWhatIsWrongIsSaidOnAPage(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	for path, want := range map[string]int{
		"/nowhere": http.StatusNotFound, "/meeting?recorder=fathom&recording=none": http.StatusNotFound, "/meeting": http.StatusNotFound,
		"/customer?id=none": http.StatusNotFound, "/meetings?state=odd": http.StatusUnprocessableEntity, "/meetings?customer=none": http.StatusUnprocessableEntity,
		"/meetings?since=yesterday": http.StatusUnprocessableEntity, "/deadletter": http.StatusNotFound, "/deadletter?at=meetings.raw.v1.dead:1:8": http.StatusNotFound,
		"/integration?recorder=zoom&name=default": http.StatusNotFound,
		"/search?q=pier&since=yesterday":          http.StatusOK,
	} {
		w := r.do(http.MethodGet, path, nil)
		tree := parse(t, w.Body.String())
		alert := ""
		for _, p := range all(tree, "p") {
			if attribute(p, "role") == "alert" {
				alert = textOf(p)
			}
		}
		if w.Code != want || len(alert) < 10 {
			t.Errorf("%s: %d and %q, want %d and a sentence", path, w.Code, alert, want)
		}
	}
}

func TestAPageThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	if w := r.do(http.MethodGet, "/nowhere", nil); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "page &#34;/nowhere&#34;") {
		t.Errorf("%d: it says %s", w.Code, w.Body)
	}
}
