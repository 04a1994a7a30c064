package browser_test

import (
	"fmt"

	"github.com/chromedp/chromedp/kb"

	. "leadline/console/browser"
)

// at fails where the keyboard or the window's title are not what somebody needs
// who cannot see that the page is another one.
func at(b *Browser, title, focused string) {
	b.Helper()
	b.Do(Until(fmt.Sprintf("document.title.startsWith(%q)", title)))
	if !Get[bool](b, fmt.Sprintf("document.activeElement.matches(%q)", focused)) {
		b.Errorf("%s: the keyboard is on %s", title, Get[string](b, "document.activeElement.outerHTML.slice(0, 200)"))
	}
	if !Get[bool](b, "window.same === true && document.querySelectorAll('main, header').length === 2") {
		b.Errorf("%s was loaded anew", title)
	}
}

// within is what a new document would do by itself, where the page that is open
// is changed instead.
func (w *world) within(b *Browser) {
	const toMeeting, scrolled = `tbody tr:nth-child(12) th a`, "Math.abs(scrollY - 120) < 2"
	b.Do(b.Open("/meetings"), Shows(toMeeting))
	title := Get[string](b, fmt.Sprintf("document.querySelector(%q).innerText", toMeeting))
	b.Do(Run("window.same = true; scrollTo(0, 120)"), Run(fmt.Sprintf("document.querySelector(%q).focus({preventScroll: true})", toMeeting)), Type(kb.Enter))
	at(b, title, "main h1")
	b.Accessible("a meeting within the page")
	if y := Get[float64](b, "scrollY"); y != 0 {
		b.Errorf("the meeting is open at %.0f", y)
	}
	// Back and forward, to where one was.
	b.Do(Run("history.back()"), Until("document.title.startsWith('Meetings') && "+scrolled))
	at(b, "Meetings", toMeeting)
	b.Do(Run("history.forward()"))
	at(b, title, "main h1")

	// What is live begins and ends with its page.
	b.Do(Press(`nav a[href="/flow"]`, kb.Enter), Shows("[data-live] *"), Says("All: 21 meetings stored"))
	at(b, "Flow", "main h1")
	w.poll("the flow is sent", func() bool { return w.metric("leadline_pages_streams") == "1" })
	b.Do(Press(`nav a[href="/search"]`, kb.Enter))
	at(b, "Knowledge", "main h1")
	w.poll("the flow is sent to nobody", func() bool { return w.metric("leadline_pages_streams") == "0" })
	b.Do(Press("#q", "renewal"), Shows("#results mark"))

	// What was done is said, and what went wrong.
	b.Do(Press(`nav a[href="/rules"]`, kb.Enter))
	at(b, "Learning Rules", "main h1")
	b.Do(Press(`button[aria-label="Switch instruction-1 off"]`, kb.Enter), Says("The rule was switched off"))
	at(b, "Learning Rules", ".note[role=status]")
	b.Do(Press(`button[aria-label="Switch instruction-1 on"]`, kb.Enter), Says("The rule was switched on"))
	b.Do(Press(`nav a[href="/integrations"]`, kb.Enter), Press("#account_id", "account"), Press("#client_id", "a:colon"),
		Press("#client_secret", "secret"), Type(kb.Enter), Shows(".problem[role=alert]"))
	at(b, "Integrations", ".problem[role=alert]")
	b.Do(Run(`document.querySelector("main").append(Object.assign(document.createElement("a"), {href: "/nowhere", id: "nowhere", innerText: "x"}))`), Press("#nowhere", kb.Enter))
	at(b, "Not found", ".problem[role=alert]")

	// A line of the whole transcript, and an address that leads to another.
	b.Do(Run(`document.querySelector("main").append(Object.assign(document.createElement("a"), {id: "line", href: "/meeting?recorder=fathom&recording=910016&all=1#t2-1", innerText: "x"}))`),
		Press("#line", kb.Enter), Shows("#t2-1:target"))
	at(b, "Harlow Foods: renewal", "#t2-1")
	if !Get[bool](b, "Math.abs(document.querySelector('#t2-1').getBoundingClientRect().top) < 100") {
		b.Error("the line is not in sight")
	}
	b.Do(Run("history.back()"), Says("Not found"), Run(`document.querySelector("main").append(Object.assign(document.createElement("a"), {id: "named", href: "/customers?name=Harlow Foods", innerText: "x"}))`),
		Press("#named", kb.Enter), Until("location.pathname === '/customer'"))
	at(b, "Harlow Foods", "main h1")

	// A session that is over, somewhere else.
	v := b.Visitor(b.T)
	v.Do(Follow(w.link()), Press("form button", kb.Enter), Says("Newest first"), Run("window.same = true"),
		Run(`fetch("/signout", {method: "POST", body: new URLSearchParams({csrf: document.querySelector("[name=csrf]").value})}).then(() => { document.title = "gone" })`),
		Until("document.title === 'gone'"), Press("th a", kb.Enter), Says("You need a link to sign in"))
	if Get[bool](v, "window.same === true") {
		v.Error("who has to sign in is still on the page of before")
	}
}

// plain is a browser that runs no scripts: links and forms lead to new documents.
func (w *world) plain(b *Browser) {
	v := b.Visitor(b.T)
	v.Plain()
	v.Do(Follow(w.link()), Press("form button", kb.Enter), Says("Newest first"), Press(`th a[href^="/meeting"]`, kb.Enter), Says("Transcript"),
		v.Open("/rules"), Press(`button[aria-label="Switch instruction-1 off"]`, kb.Enter), Says("The rule was switched off"),
		Press(`button[aria-label="Switch instruction-1 on"]`, kb.Enter), Says("The rule was switched on"))
}

// unsure is a form whose answer is lost: nobody is told that it was done, nor
// that it was not, and what was typed is still there.
func (w *world) unsure(b *Browser) {
	b.Do(b.Open("/users"), Press("#email", "lost@demo.example"))
	w.console.Cut()
	b.Do(Type(kb.Enter), Says("whether it was done is not known"))
	b.Accessible("an answer that is lost")
	if !Get[bool](b, "document.activeElement.matches('.problem[role=alert]') && document.querySelector('#email').value === 'lost@demo.example'") {
		b.Error("what was typed is lost, or nobody is told")
	}
	w.console.Mend()
	b.Do(Press("#email", kb.Enter), Says("lost@demo.example"), Says("Saved."))
	b.Do(Press(`button[aria-label="Remove lost@demo.example"]`, kb.Enter), Says("may not sign in any more"))
}
