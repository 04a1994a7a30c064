package browser_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	. "leadline/console/browser"
)

// Somebody with a keyboard alone comes by the link, watches the demonstration
// arrive, and does on each page what it is for, also where something is wrong;
// the pages hold nothing back from a screen reader, in the dark and on a phone,
// and break their own policy nowhere.
func TestInABrowser(t *testing.T) {
	Axe(t)
	w := newWorld(t)
	b := New(t, w.url())
	b.Do(Follow(w.link()), Press("form button", kb.Enter), Says("Meetings"))
	began := time.Now()
	b.Do(b.Open("/flow"), Says("All: 21 meetings stored")) // by server-sent events
	t.Logf("everything was there %v after the first page", time.Since(began).Round(time.Second))

	for _, flow := range []struct {
		name string
		do   func(*world, *Browser)
	}{
		{"dead letters", (*world).deadLetters}, {"rules", (*world).rules}, {"search", (*world).search}, {"every page", (*world).everyPage},
		{"within", (*world).within}, {"plain", (*world).plain}, {"roles", (*world).roles}, {"service", (*world).signInService}, {"unmatched", (*world).unmatched}, {"connect", (*world).connect},
		{"erase", (*world).erase}, {"quick", (*world).quick}, {"spends", (*world).spends}, {"light", (*world).light}, {"unsure", (*world).unsure}, {"policy", (*world).policy}, {"lost", (*world).lost},
	} {
		t.Run(flow.name, func(t *testing.T) {
			part := *w
			part.T = t
			flow.do(&part, b.Of(t))
			w.process, w.said = part.process, part.said
		})
		if t.Failed() {
			return // what follows goes on from there
		}
	}
}

// policy is broken nowhere, and a breach would have been reported.
func (w *world) policy(b *Browser) {
	w.reports(0)
	b.Do(b.Open("/flow"), Run(`document.body.append(Object.assign(document.createElement("script"), {textContent: "document.title = 'ran'"}))`))
	w.reports(1)
	if title := Get[string](b, "document.title"); title == "ran" {
		b.Error("a script in the page has run")
	}
}
