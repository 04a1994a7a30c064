package browser_test

import (
	"strings"

	"github.com/chromedp/chromedp/kb"

	. "leadline/console/browser"
)

// saidOnce is in one meeting of the second account.
const saidOnce = "trial account was set up"

// rules are tried, added, put in order, edited and switched, by keyboard alone.
func (w *world) rules(b *Browser) {
	const adding = "section[aria-labelledby=add] "
	b.Do(b.Open("/rules"), Says("Add a rule"))
	tab(b, "#type")
	b.Do(Type("k"))
	tab(b, "#text")
	b.Do(Type(saidOnce))
	tab(b, adding+"button[value=try]")
	b.Do(Type(kb.Enter), Says("of the last 8 weeks would be judged otherwise. Nothing was saved."))
	b.Accessible("a rule that is tried")
	tab(b, adding+"button[value=add]")
	b.Do(Type(kb.Enter), Says("The rule was added"), Says("keyword-1"))

	b.Do(Press("#type", "i"), Press("#text", "name the module"))
	tab(b, adding+"button[value=add]")
	b.Do(Type(kb.Enter), Says("The rule was added"), Says("instruction-1"))
	order := func(want string) {
		b.Helper()
		if got := strings.Join(Get[[]string](b, `[...document.querySelectorAll("li.card > p .faint")].map((e) => e.textContent)`), " "); got != want {
			b.Errorf("the rules are in the order %s, want %s", got, want)
		}
	}
	order("keyword-1 instruction-1")
	tab(b, `button[aria-label="Move instruction-1 up"]`)
	b.Do(Type(kb.Enter), Says("The rule was moved up"))
	order("instruction-1 keyword-1")

	const editing = `details:has(input[value="instruction-1"]) `
	b.Do(b.Open("/rules"))
	tab(b, editing+"summary")
	b.Do(Type(kb.Enter))
	tab(b, editing+"textarea")
	b.Do(Type(kb.End), Type(" that is spoken of"))
	tab(b, editing+"button[value=try]")
	b.Do(Type(kb.Enter), Says("with instruction-1"), Until(`document.querySelector('details[open] textarea').value === "name the module that is spoken of"`))
	tab(b, editing+"button[value=save]")
	b.Do(Type(kb.Enter), Says("The rule was saved"), Says("name the module that is spoken of"))
	tab(b, `button[aria-label="Switch instruction-1 off"]`)
	b.Do(Type(kb.Enter), Says("The rule was switched off"), Press(`button[aria-label="Switch instruction-1 on"]`, kb.Enter), Says("The rule was switched on"))
	b.Shoot("rules")
}

// search finds while somebody types: nothing is sent by hand. A passage leads to
// its meeting, and a quote there to the turn that says it.
func (w *world) search(b *Browser) {
	b.Do(b.Open("/search"))
	tab(b, "#q")
	b.Do(Type("renewal"), Shows("#results mark"), Until(`location.search.includes("q=renewal")`))
	tab(b, `#results a[href^="/meeting"]`)
	b.Do(Type(kb.Enter), Says("Transcript"))
	b.Do(b.Open("/meeting?recorder=fathom&recording=910016"))
	tab(b, `blockquote a[href*="#"]`)
	b.Do(Type(kb.Enter), Until(`document.querySelector(".line:target") !== null`))
}

// unmatched meetings follow the company that somebody makes of a domain.
func (w *world) unmatched(b *Browser) {
	total := func() int { return Get[int](b, `parseInt(document.querySelector("main > p").innerText)`) }
	b.Do(b.Open("/unmatched"), Says("What would resolve most"))
	before := total()
	if before == 0 {
		b.Fatal("the demonstration has nothing to resolve")
	}
	b.Do(Press(`form[action="/unmatched"] button[value=create]`, kb.Enter), Says("Give the new company a name."))
	b.Accessible("a company without a name")
	tab(b, `form[action="/unmatched"] input[name=company]`)
	b.Do(Type("New Customer"), Type(kb.Escape)) // which closes the list of companies
	tab(b, `form[action="/unmatched"] button[value=create]`)
	b.Do(Type(kb.Enter), Says("belongs to a new company now"))
	w.poll("its meetings have followed", func() bool {
		b.Do(b.Open("/unmatched"), Says("What would resolve most"))
		return total() < before
	})
	b.Do(b.Open("/customers"), Says("New Customer"))
}
