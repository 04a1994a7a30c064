package pages_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"leadline/console"
	"leadline/console/browser"
	"leadline/console/hops"
	"leadline/console/pages"
	"leadline/console/tail"
	"leadline/schemas"
	"leadline/sinks/embedded"
)

// emptyPages are what each page says before there is anything, with what to do.
var emptyPages = map[string]string{
	"/meetings": "No meetings yet", "/customers": "leadline directory import", "/unmatched": "Nothing is to be resolved", "/search": "while you type",
	"/search?q=pier": "Nothing was found", "/sources": "Nothing yet", "/rules": "everything is learned from", "/integrations": "Its key, below",
	"/trends": "No meeting in these weeks", "/flow": "Connect a recorder", "/users": "Add a user", "/changes": "Nothing yet",
	"/meetings?state=unmatched": "Show all meetings",
}

// nothing is what Kafka has of an organisation that has just begun.
type nothing struct{ topics }

func (*nothing) DeadLetters(context.Context, string, int) ([]tail.DeadLetter, bool, error) {
	return nil, true, nil
}
func (*nothing) Last(context.Context, string, int) ([]schemas.AuditEntry, error) { return nil, nil }
func (*nothing) Note(context.Context, schemas.AuditEntry) error                  { return nil }

// unconnected has no connection.
type unconnected struct{ *recorders }

func (unconnected) Connections(context.Context, string) ([]schemas.ConnectionStatus, error) {
	return nil, nil
}

var _ console.Connections = unconnected{}

func newEmptyRig(t *testing.T) *rig {
	t.Helper()
	store, err := embedded.Open(t.Context(), t.TempDir()+"/empty.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	r := newRigWith(t, func(o *pages.Options) {
		o.Store, o.Connections, o.Hops = store, unconnected{o.Connections.(*recorders)}, hopsAt{hops.Hop{Name: "match", Topic: "t", Members: 1}}
		o.DeadLetters, o.Audit = new(nothing), new(nothing)
	})
	r.rules.set = schemas.RuleSet{Org: org}
	return r
}

// Somebody who has just started Leadline is told on each page what it will have
// and how that comes, whatever the light and however small the window.
func TestInABrowserAnEmptyConsoleSaysWhatToDo(t *testing.T) {
	t.Parallel()
	browser.Axe(t)
	r := newEmptyRig(t)
	server := httptest.NewServer(r.site)
	t.Cleanup(server.Close)
	b := browser.New(t, server.URL)
	b.Do(b.Open(r.site.Link(org)), browser.Press("form button", kb.Enter), browser.Says("Meetings"))
	for path, want := range emptyPages {
		b.Do(b.Open(path), browser.Shows("main h1"), browser.Says(want))
		b.Accessible(path)
		b.Scheme("dark")
		b.Accessible(path + " in the dark")
		b.Phone(390)
		b.Still(path + " on a phone")
		b.Accessible(path + " in the dark on a phone")
		b.Scheme("light")
		b.Desk()
	}
}
