package browser_test

import (
	"fmt"

	"github.com/chromedp/chromedp/kb"

	. "leadline/console/browser"
)

// mostStops is more than any page has between its start and its end.
const mostStops = 250

// tab presses Tab until the element has the keyboard. On every way it is seen
// where that is.
func tab(b *Browser, selector string) {
	b.Helper()
	for range mostStops {
		b.Do(Type(kb.Tab))
		if Get[bool](b, "document.activeElement === document.body") {
			continue // the browser's own stop, behind the last one of the page
		}
		if at := Get[string](b, `(() => {
			const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
			return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 && box.width > 0 && box.right > 0 ? "" : e.outerHTML.slice(0, 200);
		})()`); at != "" {
			b.Fatalf("nobody sees that this has the keyboard: %s", at)
		}
		if Get[bool](b, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return
		}
	}
	b.Fatalf("no number of Tabs leads to %s", selector)
}
