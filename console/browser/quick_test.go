package browser_test

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/chromedp/chromedp/kb"

	. "leadline/console/browser"
)

const (
	// promised is what somebody does not notice.
	promised = 100.0
	// stretched is for a machine that does other things as well, by the quickest
	// of the rounds: the figures in docs/console.md are of an idle one.
	stretched = 5 * promised
	rounds    = 7
)

// watch notes when a key was pressed and when the heading that came after it was painted: a page's header and main
// change at once, in one frame. What is found while one types has no heading, and the frame after it is taken.
const watch = `addEventListener("keydown", (e) => {
		window.pressed = e.timeStamp;
		const old = document.querySelector("main h1");
		new MutationObserver((_, all) => {
			const h1 = document.querySelector("main h1");
			if (!h1 || h1 === old) return;
			all.disconnect();
			h1.setAttribute("elementtiming", "h1");
		}).observe(document.body, {childList: true, subtree: true});
	}, {capture: true});
	new PerformanceObserver((seen) => { window.took = seen.getEntries()[0].renderTime - window.pressed }).observe({type: "element"});
	addEventListener("input", (e) => {
		const from = e.timeStamp;
		new MutationObserver((_, all) => { all.disconnect(); requestAnimationFrame(() => requestAnimationFrame((at) => sessionStorage.setItem("took", performance.now() - from))) })
			.observe(document.querySelector("main"), {childList: true, subtree: true});
	}, {capture: true});`

// quick answers what people do most before they notice that they wait.
func (w *world) quick(b *Browser) {
	var answers []float64 // when the server's answer was there
	page := func(path, selector, comes string, before ...Step) func() float64 {
		return func() float64 {
			// Nobody presses what is not painted yet.
			b.Do(b.Open(path), Shows("main h1"), Until(`performance.getEntriesByName("first-contentful-paint").length > 0`), Run(watch))
			b.Do(before...)
			b.Do(Press(selector, kb.Enter), Until("window.took !== undefined"), Shows(comes))
			answers = append(answers, Get[float64](b, `performance.getEntriesByType("resource").findLast((e) => e.initiatorType === "fetch").responseEnd - window.pressed`))
			return Get[float64](b, "window.took")
		}
	}
	for _, one := range []struct {
		what string
		once func() float64
	}{
		{"filter meetings", page("/meetings", "form.filters button", "#state [value=unmatched]:checked", Press("#state", "u"))},
		{"open a meeting", page("/meetings", `th a[href^="/meeting"]`, "#transcript")},
		{"open a customer", page("/customers", `th a[href^="/customer"]`, "#met")},
		{"switch a rule", page("/rules", `button[aria-label^="Switch"]`, ".note[role=status]")},
		{"search as one types", func() float64 {
			b.Do(b.Open("/search"), Run("sessionStorage.clear()"), Run(watch), Press("#q", "renewal"), Shows("#results mark"), Until(`location.search.includes("q=renewal")`))
			b.Do(Run("sessionStorage.clear()"), Press("#q", "s"), Until(`sessionStorage.getItem("took") !== null`))
			return Get[float64](b, `Number(sessionStorage.getItem("took"))`)
		}},
	} {
		var took []float64
		answers = nil
		for range rounds {
			took = append(took, one.once())
		}
		slices.Sort(took)
		median := took[rounds/2]
		b.Logf("%s: %.0f ms from the key to what is painted, the slowest of %d %.0f ms", one.what, median, rounds, took[rounds-1])
		if len(answers) == rounds {
			slices.Sort(answers)
			b.Logf("%s: %.0f ms until the server has answered; what is left is the browser's", one.what, answers[rounds/2])
		}
		if took[0] <= 0 || took[0] > stretched {
			b.Errorf("%s takes %.0f ms", one.what, took[0])
		}
	}
}

// spends is what each page costs the server in processor time: what else a machine does takes nothing from that. What
// the pipeline spends meanwhile is in it.
func (w *world) spends(b *Browser) {
	const requests = 20
	used := func() float64 {
		seconds, err := strconv.ParseFloat(w.metric("process_cpu_seconds_total"), 64)
		if err != nil {
			b.Fatal(err)
		}
		return seconds * 1000
	}
	b.Do(b.Open("/meetings"), Shows("main h1"))
	for _, page := range []string{
		"/meetings", "/meetings?customer=harlowfoods.example", "/meeting?recorder=fathom&recording=910016", "/meeting/versions?recorder=fathom&recording=910016", "/customers",
		"/customer?id=co_harlow", "/search?q=renewal", "/unmatched", "/sources", "/rules", "/integrations", "/integration?recorder=fathom&name=default", "/trends",
		"/flow", "/users", "/changes",
	} {
		before := used()
		from := time.Now()
		Get[int](b, fmt.Sprintf(`(async () => { for (let i = 0; i < %d; i++) await (await fetch(%q)).text(); return 0 })()`, requests, page))
		each := (used() - before) / requests
		b.Logf("%s: %.1f ms of processor time, %.0f ms as it was waited for", page, each, float64(time.Since(from).Milliseconds())/requests)
		if each > promised {
			b.Errorf("%s takes %.0f ms of processor time", page, each)
		}
	}
}

// light: a first page of 100 KB opens at once on a bad line. Everything counts
// that the browser loads, with its headers; nothing comes from elsewhere.
func (w *world) light(b *Browser) {
	v := b.Visitor(b.T) // with an empty cache
	v.Do(Follow(w.link()), Press("form button", kb.Enter), Says("Meetings"))
	v.Do(v.Open("/meetings"), Says("Meetings"))
	sent := Get[float64](v, `["navigation", "resource"].flatMap((t) => performance.getEntriesByType(t)).reduce((n, e) => n + e.encodedBodySize, 0)`)
	if sent <= 0 || sent > 100_000 {
		b.Errorf("the first page has %.0f bytes", sent)
	}
	b.Logf("the first page has %.0f bytes in all", sent)
	if foreign := Get[[]string](v, `performance.getEntriesByType("resource").map((e) => e.name).filter((n) => !n.startsWith(location.origin))`); len(foreign) > 0 {
		b.Errorf("the page loads %v", foreign)
	}
}
