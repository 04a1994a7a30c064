package browser_test

import (
	. "leadline/console/browser"
)

// phone is the width of a small one.
const phone = 360

// everyPage is open to a screen reader, in the light and in the dark, and
// nothing of it is out of sight on a phone.
func (w *world) everyPage(b *Browser) {
	for _, page := range []struct{ name, path string }{
		{"meetings", "/meetings"}, {"meeting", "/meeting?recorder=fathom&recording=910016"},
		{"versions", "/meeting/versions?recorder=fathom&recording=910016"}, {"customers", "/customers"}, {"customer", "/customer?id=co_harlow"},
		{"unmatched", "/unmatched"}, {"search", "/search?q=renewal"}, {"sources", "/sources"}, {"rules", "/rules"}, {"integrations", "/integrations"},
		{"integration", "/integration?recorder=fathom&name=default"}, {"ending", "/integration/end?recorder=fathom&name=default"},
		{"erasing", "/integration/end?recorder=fathom&name=default&erase=1"}, {"deadletter", deadLetter(b)},
		{"trends", "/trends"}, {"flow", "/flow"}, {"users", "/users"}, {"changes", "/changes"}, {"nowhere", "/nowhere"},
	} {
		b.Do(b.Open(page.path), Shows("main h1"))
		everyWay(b, page.name)
	}
	v := b.Visitor(b.T)
	v.Do(v.Open("/signin"), Says("You need a link to sign in"))
	everyWay(v, "signin")
}

// everyWay is how people look at the page that is open.
func everyWay(b *Browser, name string) {
	b.Helper()
	b.Accessible(name)
	b.Still(name)
	b.Shoot(name)
	b.Scheme("dark")
	b.Accessible(name + " in the dark")
	b.Shoot(name + "-dark")
	b.Phone(phone)
	b.Accessible(name + " in the dark on a phone")
	b.Scheme("light")
	b.Still(name + " on a phone")
	b.Accessible(name + " on a phone")
	b.Shoot(name + "-phone")
	b.Desk()
}

// deadLetter is the path of one.
func deadLetter(b *Browser) string {
	b.Helper()
	b.Do(b.Open("/flow"), Shows(`td a[href^="/deadletter"]`))
	return Get[string](b, `document.querySelector('td a[href^="/deadletter"]').getAttribute("href")`)
}

// lost is a live part whose server is gone: it says so, and recovers by itself.
func (w *world) lost(b *Browser) {
	const lost = "The connection is lost"
	for _, path := range []string{"/flow", "/integration?recorder=fathom&name=default"} {
		b.Do(b.Open(path), Shows("[data-live] *"), Hushed(lost))
		w.console.Cut()
		b.Do(Says(lost))
		w.console.Mend()
		b.Do(Hushed(lost))
	}
	b.Do(b.Open("/flow"), Says("The pipeline"))
	w.console.Cut()
	b.Do(Says(lost))
	b.Accessible("a connection that is lost")
	w.stop()
	w.start()
	w.console.Mend()
	b.Do(Says("You are signed out"))
	b.Do(Press(".lost a", "\r"), Says("You need a link to sign in"))
	b.Do(Follow(w.link()), Press("form button", "\r"), Says("Meetings"), b.Open("/flow"), Says("All: 21 meetings stored"))
}
