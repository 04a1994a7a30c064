package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"leadline/console"
	"leadline/schemas"
)

// maySee is the rule, written once more: which meetings a request may tell of.
func maySee(m *schemas.MeetingRow, customer, user string, heldBack bool) bool {
	linked := func(id func(schemas.Link) *string, want string) bool {
		return want == "" || slices.ContainsFunc(m.Links, func(l schemas.Link) bool { return id(l) != nil && *id(l) == want })
	}
	return linked(func(l schemas.Link) *string { return l.CompanyID }, customer) &&
		linked(func(l schemas.Link) *string { return l.EndUserID }, user) &&
		(m.State == string(schemas.StateMatched) || heldBack && customer == "" && user == "")
}

func TestNoParameterWidensTheScope(t *testing.T) {
	t.Parallel()
	h := console.Handler(console.Options{Store: openHarbour(t), Token: token})
	all := meetings()
	for _, customer := range []string{"", "co_amber", "co_birch", "co_nobody", "Amber Works", "%", "*"} {
		for _, user := range []string{"", "eu_ann", "eu_lone", "eu_nobody"} {
			query := make(url.Values)
			if customer != "" {
				query.Set("customer", customer)
			}
			if user != "" {
				query.Set("end_user", user)
			}
			want := func(heldBack bool) []string {
				ids := []string{}
				for _, m := range all {
					if maySee(m, customer, user, heldBack) {
						ids = append(ids, m.ID)
					}
				}
				return ids
			}
			what := fmt.Sprintf("customer %q, end user %q", customer, user)
			wantMeetings(t, h, what, query, want(true))
			for _, m := range all {
				seen := slices.Contains(want(true), m.ID)
				path := "/harbour/meetings/" + m.Provider + "/" + m.RecordingID
				for _, path := range []string{path + "?" + query.Encode(), path + "/entries?" + query.Encode()} {
					if got := ask(t, h, path).Code == http.StatusOK; got != seen {
						t.Errorf("%s: %s is shown: %t, want %t", what, path, got, seen)
					}
				}
			}
			for _, heldBack := range []string{"", "false", "true"} {
				if heldBack != "" {
					query.Set("held_back", heldBack)
				}
				wantPassages(t, h, what+", held back "+heldBack, query, want(heldBack == "true"))
			}
		}
	}
}

func wantMeetings(t *testing.T, h http.Handler, what string, query url.Values, want []string) {
	t.Helper()
	var page struct {
		Meetings []console.Meeting `json:"meetings"`
	}
	read(t, h, "/harbour/meetings?"+query.Encode(), &page)
	got := []string{}
	for _, m := range page.Meetings {
		got = append(got, m.ID)
	}
	sameIDs(t, what+": meetings", got, want)
}

func wantPassages(t *testing.T, h http.Handler, what string, query url.Values, want []string) {
	t.Helper()
	var list struct {
		Results []console.Passage `json:"results"`
	}
	read(t, h, "/harbour/search?q=pier&limit=100&"+query.Encode(), &list)
	got := []string{}
	for _, p := range list.Results {
		if !slices.Contains(got, p.MeetingID) {
			got = append(got, p.MeetingID)
		}
	}
	sameIDs(t, what+": passages", got, want)
}

func read(t *testing.T, h http.Handler, path string, into any) {
	t.Helper()
	w := ask(t, h, path)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

func sameIDs(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %v\nwant %v", what, got, want)
	}
}

// watched remembers the scopes that reach the store.
type watched struct {
	console.Store
	seen []schemas.Scope
}

func (w *watched) Search(_ context.Context, q schemas.SearchQuery) ([]schemas.Hit, error) {
	w.seen = append(w.seen, q.Scope)
	return nil, nil
}

func (*watched) Customer(_ context.Context, s schemas.Scope, _ string) (schemas.Customer, bool, error) {
	return schemas.Customer{Company: schemas.Company{ID: s.Company}, EndUsers: []schemas.EndUser{{ID: "eu_ann"}}}, true, nil
}

func (*watched) DirectoryEntry(context.Context, string, string, string) (schemas.DirectoryEntry, bool, error) {
	return schemas.DirectoryEntry{}, false, nil
}

func (w *watched) Meetings(_ context.Context, q schemas.MeetingQuery) ([]schemas.StoredMeeting, error) {
	w.seen = append(w.seen, q.Scope)
	return nil, nil
}

// The stores hold it back too; here it is not even asked for.
func TestACustomersScopeNeverAsksForWhatIsHeldBack(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]schemas.Scope{
		"":                                      {Org: harbour},
		"held_back=true":                        {Org: harbour, HeldBack: true},
		"held_back=true&customer=co_amber":      {Org: harbour, Company: "co_amber"},
		"end_user=eu_ann&held_back=true":        {Org: harbour, EndUser: "eu_ann"},
		"customer=co_amber&end_user=eu_ann":     {Org: harbour, Company: "co_amber", EndUser: "eu_ann"},
		"customer=foreign%2Fx&held_back=true":   {Org: harbour, Company: "foreign/x"},
		"customer=%27+OR+1%3D1&held_back=false": {Org: harbour, Company: "' OR 1=1"},
	} {
		store := &watched{}
		if w := ask(t, console.Handler(console.Options{Store: store, Token: token}), "/harbour/search?q=pier&"+query); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
		if !slices.Equal(store.seen, []schemas.Scope{want}) {
			t.Errorf("%s asks for %+v, want %+v", query, store.seen, want)
		}
	}
	store := &watched{}
	local := console.Local{Store: store}
	for _, s := range []schemas.Scope{{Org: harbour}, {Org: harbour, Company: "co_amber", HeldBack: true}} {
		if _, err := local.Meetings(t.Context(), schemas.MeetingQuery{Scope: s}); err != nil {
			t.Fatal(err)
		}
	}
	if want := []schemas.Scope{{Org: harbour, HeldBack: true}, {Org: harbour, Company: "co_amber"}}; !slices.Equal(store.seen, want) {
		t.Errorf("meetings are asked for with %+v, want %+v", store.seen, want)
	}
}
