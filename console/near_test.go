package console_test

import (
	"net/http/httptest"
	"testing"

	"leadline/console"
	"leadline/schemas"
)

// Who names a customer by a part of its name is told the whole of it; a
// customer is told of nobody.
func TestACustomerByPartOfItsNameIsSuggested(t *testing.T) {
	t.Parallel()
	local := console.Local{Store: openHarbour(t)}
	server := httptest.NewServer(console.Handler(console.Options{Store: local.Store, Token: token}))
	t.Cleanup(server.Close)
	client, err := console.NewClient(server.URL, token)
	if err != nil {
		t.Fatal(err)
	}
	staff := schemas.Scope{Org: harbour}
	for _, c := range []struct {
		scope       schemas.Scope
		asked, says string
	}{
		{staff, "works  AMBER", `there is no customer "works  AMBER"; similar: "Amber Works" (co_amber)`},
		{staff, "the Birch Labs Ltd", `there is no customer "the Birch Labs Ltd"; similar: "Birch Labs" (co_birch)`},
		{staff, "amber-works", `there is no customer "amber-works"; similar: "Amber Works" (co_amber)`},
		{staff, "oak", `there is no customer "oak"`},
		{staff, " ", `there is no customer " "`},
		{schemas.Scope{Org: harbour, Company: "co_birch"}, "amber", `there is no customer "amber"`},
		{schemas.Scope{Org: harbour, EndUser: "eu_ann"}, "birch", `there is no customer "birch"`},
	} {
		for name, r := range map[string]console.Reader{"local": local, "client": client} {
			if _, err := r.Customer(t.Context(), c.scope, c.asked); err == nil || err.Error() != c.says {
				t.Errorf("%s, %+v: %v, want %s", name, c.scope, err, c.says)
			}
			if _, err := r.Why(t.Context(), harbour, harbour+"/fathom/1001", c.asked); (err == nil || err.Error() != c.says) && c.scope == staff {
				t.Errorf("%s, why of %+v: %v, want %s", name, c.scope, err, c.says)
			}
			if _, err := r.Context(t.Context(), console.ContextQuery{Scope: c.scope, Customer: c.asked}); (err == nil || err.Error() != c.says) && c.scope.EndUser == "" {
				t.Errorf("%s, context of %+v: %v, want %s", name, c.scope, err, c.says)
			}
		}
	}
}
