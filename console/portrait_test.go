package console_test

import (
	"reflect"
	"testing"

	"leadline/console"
	"leadline/schemas"
)

// A portrait is what is said apart, so that a page and the API never differ.
func TestAPortraitSaysWhatIsSaidApart(t *testing.T) {
	t.Parallel()
	local, scope := console.Local{Store: openHarbour(t)}, schemas.Scope{Org: harbour}
	for _, id := range []string{"co_amber", "co_birch"} {
		p, err := local.Portrait(t.Context(), scope, id, 2000)
		if err != nil {
			t.Fatal(err)
		}
		customer, err := local.Customer(t.Context(), scope, id)
		if err != nil {
			t.Fatal(err)
		}
		known, err := local.Context(t.Context(), console.ContextQuery{Scope: scope, Customer: id, Tokens: 2000})
		if err != nil {
			t.Fatal(err)
		}
		insights, err := local.CustomerInsights(t.Context(), scope, id)
		if err != nil {
			t.Fatal(err)
		}
		if insights.Meetings == 0 || len(customer.Recent) == 0 || len(known.Meetings) == 0 {
			t.Errorf("%s has %d meetings and is no example", id, insights.Meetings)
		}
		for what, pair := range map[string][2]any{"the customer": {p.Customer, customer}, "what is known": {p.Known, known}, "who came": {p.Insights, insights}} {
			if !reflect.DeepEqual(pair[0], pair[1]) {
				t.Errorf("%s: %s is\n%+v\nin its portrait, and apart\n%+v", id, what, pair[0], pair[1])
			}
		}
		if len(p.Started) != insights.Meetings || len(p.Started) > 0 && !p.Started[0].Equal(*insights.LastMet) {
			t.Errorf("%s: %d started, the last %v", id, len(p.Started), p.Started)
		}
	}
	if _, err := local.Portrait(t.Context(), scope, "co_none", 2000); err == nil {
		t.Error("nobody has a portrait")
	}
}
