package browser_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/chromedp/kb"

	. "leadline/console/browser"
)

// add makes somebody a user.
func add(b *Browser, email, role string) {
	b.Helper()
	b.Do(b.Open("/users"), Press("#email", email), Press("#role", role), Press("section[aria-labelledby=add] button", kb.Enter), Says("Saved."), Says(email))
}

// look finds a text on a page, or does not.
func look(b *Browser, all []string, there bool) {
	b.Helper()
	for _, one := range all {
		path, text, _ := strings.Cut(one, ": ")
		b.Do(b.Open(path), Shows("main h1"), Until("document.readyState === 'complete'"))
		if Get[bool](b, fmt.Sprintf("document.body.innerText.includes(%q)", text)) != there {
			b.Errorf("%s says %q: %t", path, text, !there)
		}
	}
}

// roles see and may do what they should, and no more.
func (w *world) roles(b *Browser) {
	for _, user := range []struct {
		email, key  string // which the list of roles begins with
		sees, lacks []string
		may, mayNot []string // forms, by what the server says of them
	}{
		{
			"member@demo.example", "m",
			[]string{"/rules: Add a rule", "/unmatched: New company", "/integration?recorder=fathom&name=default: Sync now", "/flow: malformed"},
			[]string{"/integrations: Connect Fathom", "/integration?recorder=fathom&name=default: Pause ingest", "/integration?recorder=fathom&name=default: End it", "/flow: Replay those"},
			[]string{"/rules", "/unmatched", "/integration/sync"}, []string{"/integrations", "/integration/ingest", "/integration/end", "/deadletters", "/users"},
		},
		{
			"reader@demo.example", "r",
			[]string{"/meetings: Filter", "/customers: Harlow Foods", "/search: Words", "/rules: keyword-1", "/flow: The pipeline", "/trends: Meetings a week"},
			[]string{"/rules: Add a rule", "/unmatched: New company", "/integration?recorder=fathom&name=default: Sync now", "/integrations: Connect Fathom", "/flow: Replay those"},
			nil, []string{"/rules", "/unmatched", "/integration/sync", "/integrations", "/integration/ingest", "/integration/end", "/deadletters", "/users"},
		},
	} {
		add(b, user.email, user.key)
		b.Do(Press(`button[aria-label="Make a link for `+user.email+`"]`, kb.Enter), Shows("#link"))
		v := b.Visitor(b.T)
		v.Do(v.Open(Get[string](b, "document.querySelector('#link').value")), Press("form button", kb.Enter), Says("Meetings"), Says(user.email))
		look(v, user.sees, true)
		look(v, user.lacks, false)
		v.Do(v.Open("/users"), Says("Your role does not permit this"))
		v.Accessible("what a role does not permit")
		for _, form := range slices.Concat(user.may, user.mayNot) {
			v.Do(v.Open("/meetings"))
			refused := Get[int](v, `fetch("`+form+`", {method: "POST", redirect: "manual", body: new URLSearchParams({csrf: document.querySelector("[name=csrf]").value,
				recorder: "fathom", name: "default"})}).then((answer) => answer.status)`) == 403
			if refused == slices.Contains(user.may, form) {
				v.Errorf("%s sends %s, and is refused: %t", user.email, form, refused)
			}
		}
		b.Do(b.Open("/users"), Press(`button[aria-label="Remove `+user.email+`"]`, kb.Enter), Says("may not sign in any more"))
		v.Do(v.Open("/meetings"), Says("You need a link to sign in"))
	}
	b.Do(b.Open("/changes"), Says("member@demo.example"), Says("refused"))
}

// signInService is another way in, for those who are users here.
func (w *world) signInService(b *Browser) {
	add(b, "ida@harbour.example", "m")
	v := b.Visitor(b.T)
	v.Do(v.Open("/signin"), Says("Sign in with Harbour ID"))
	v.Accessible("signing in")
	tab(v, `a[href="/signin/oidc"]`)
	v.Do(Type(kb.Enter), Says("Meetings"), Says("ida@harbour.example"))
	w.service.Claim(map[string]any{"email": "eve@elsewhere.example"})
	stranger := b.Visitor(b.T)
	stranger.Do(stranger.Open("/signin"), Press(`a[href="/signin/oidc"]`, kb.Enter), Says("You are not a user here"))
	stranger.Do(stranger.Open("/meetings"), Says("You need a link to sign in"))
}
