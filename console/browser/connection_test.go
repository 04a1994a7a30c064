package browser_test

import (
	"github.com/chromedp/chromedp/kb"

	. "leadline/console/browser"
)

// connect is by keyboard alone: with a wrong key, with a recorder that is down,
// and then as it should be. What a rule keeps out is shown with the rule.
func (w *world) connect(b *Browser) {
	const connecting = `form:has(#credential) `
	fill := func(key string) {
		b.Helper()
		tab(b, "#credential")
		b.Do(Type(key))
		if kept := Get[string](b, "document.querySelector('#name').value"); kept == "" {
			tab(b, "#name")
			b.Do(Type("second"))
		} else if kept != "second" {
			b.Errorf("the name that was typed is %q now", kept)
		}
		tab(b, "#look_back")
		b.Do(Type("e"))
		tab(b, connecting+"button")
		b.Do(Type(kb.Enter))
	}
	b.Do(b.Open("/integrations"))
	fill("wrong-key")
	b.Do(Shows(".problem[role=alert]"), Says("The recorder does not accept this key."))
	b.Accessible("a key that is refused")
	b.Shoot("connect")
	if Get[string](b, "document.documentElement.outerHTML.includes('wrong-key') ? 'it is' : ''") != "" {
		b.Error("the key is in the page that refuses it")
	}
	w.fathom.Cut()
	fill(secondKey)
	b.Do(Shows(".problem[role=alert]"), Says("The recorder does not answer"))
	w.fathom.Mend()
	fill(secondKey)
	b.Do(Says("Connected. Its meetings are being read."), Says("2 meetings on"))

	b.Do(b.Open("/integrations"), Press("#account_id", "account"), Press("#client_id", "a:colon"),
		Press("#client_secret", "secret"), Type(kb.Enter), Shows(".problem[role=alert]"))
	b.Accessible("a credential that is refused")
	b.Do(b.Open("/integration?recorder=fathom&name=default"), Says("Last deliveries"), Press(`button[value="off"]`, kb.Enter), Says("Paused"),
		Press(`button[value="on"]`, kb.Enter), Says("Resumed"), Press(`form[action="/integration/sync"] button`, kb.Enter),
		Says("A sync has been asked for"))
	w.poll("the rule has kept a meeting out", func() bool {
		b.Do(b.Open("/rules"), Says("Add a rule"))
		return Get[bool](b, `document.body.innerText.includes("What keyword-1 did last")`)
	})
	tab(b, "li.card > details:has(li) summary")
	b.Do(Type(kb.Enter), Says("Tidewell Utilities: kick-off western district"))
}

// erase ends a connection, and then what came by it, with a receipt that comes
// without loading the page anew.
func (w *world) erase(b *Browser) {
	const second = "recorder=fathom&name=second"
	b.Do(b.Open("/integration?" + second))
	tab(b, `a[href^="/integration/end"]:not(.bad)`)
	b.Do(Type(kb.Enter), Says("answer deliveries that still come with 410 Gone"))
	b.Accessible("disconnecting")
	tab(b, "button.bad")
	b.Do(Type(kb.Enter), Says("Disconnected. What was recorded stays."), Says("disconnected"))
	b.Do(b.Open("/meeting?recorder=fathom&recording=920016"), Says("Harlow Foods: renewal 2027"))

	b.Do(b.Open("/integration?" + second))
	tab(b, "a.bad")
	b.Do(Type(kb.Enter), Says("remove every meeting that came by this connection alone"), Press("#word", "no"), Type(kb.Enter), Says("Nothing was erased"))
	b.Accessible("an erasure that is not confirmed")
	b.Do(Press("#word", "erase"), Type(kb.Enter), Says("What came by it is being erased"), Says("2 meetings erased by"))
	b.Shoot("receipt")
	b.Do(b.Open("/meeting?recorder=fathom&recording=920016"), Says("Not found"))
}
