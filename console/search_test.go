package console_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"leadline/console"
	"leadline/schemas"
)

type searched struct {
	Results []console.Passage `json:"results"`
	Next    *string           `json:"next"`
}

func TestSearchPagesShowEveryPassageOnce(t *testing.T) {
	t.Parallel()
	h := console.Handler(console.Options{Store: openHarbour(t), Token: token})
	var whole searched
	read(t, h, "/harbour/search?q=pier&limit=100", &whole)
	if whole.Next != nil || len(whole.Results) < 4 {
		t.Fatalf("%d results and next %v", len(whole.Results), whole.Next)
	}
	var paged []string
	for after := ""; len(paged) <= len(whole.Results); {
		var page searched
		read(t, h, "/harbour/search?q=pier&limit=2"+after, &page)
		for _, p := range page.Results {
			paged = append(paged, p.MeetingID+p.EntryID)
		}
		if page.Next == nil {
			break
		}
		after = "&after=" + url.QueryEscape(*page.Next)
	}
	var want []string
	for _, p := range whole.Results {
		want = append(want, p.MeetingID+p.EntryID)
	}
	if !slices.Equal(paged, want) {
		t.Errorf("page by page %v\nat once %v", paged, want)
	}
}

func TestSearchFiltersNarrow(t *testing.T) {
	t.Parallel()
	h := console.Handler(console.Options{Store: openHarbour(t), Token: token})
	var all searched
	read(t, h, "/harbour/search?q=pier&limit=100", &all)
	one := all.Results[0]
	day := one.StartedAt.Format("2006-01-02")
	for query, keep := range map[string]func(console.Passage) bool{
		"provider=fathom":                    func(p console.Passage) bool { return p.MeetingID[:len("harbour/fathom")] == "harbour/fathom" },
		"provider=fathom&provider=zoom":      func(console.Passage) bool { return true },
		"company=co_amber":                   func(p console.Passage) bool { return slices.Contains(p.Companies, "co_amber") },
		"company=co_amber&company=co_no":     func(p console.Passage) bool { return slices.Contains(p.Companies, "co_amber") },
		"language=xx":                        func(console.Passage) bool { return false },
		"since=" + day:                       func(p console.Passage) bool { return p.StartedAt.Format("2006-01-02") >= day },
		"until=" + day + "T00:00:00%2B00:00": func(p console.Passage) bool { return p.StartedAt.Format("2006-01-02") < day },
		"since=" + day + "&until=2999-01-01": func(p console.Passage) bool { return p.StartedAt.Format("2006-01-02") >= day },
	} {
		var got searched
		read(t, h, "/harbour/search?q=pier&limit=100&"+query, &got)
		want := 0
		for _, p := range all.Results {
			if keep(p) {
				want++
			}
		}
		if len(got.Results) != want || slices.ContainsFunc(got.Results, func(p console.Passage) bool { return !keep(p) }) {
			t.Errorf("%s: %d passages, want %d", query, len(got.Results), want)
		}
	}
	for query, field := range map[string]string{
		"since=yesterday": "since", "until=2026-13-01": "until", "since=2026-02-01&until=2026-01-01": "until", "provider=": "provider",
		"after=nowhere": "after", "limit=0": "limit",
	} {
		w := ask(t, h, "/harbour/search?q=pier&"+query)
		var problem struct{ Field string }
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != http.StatusBadRequest || problem.Field != field {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}

// A meeting may be about two customers; that it is must not be found out by
// asking the one's scope for the other.
func TestACompanyFilterDoesNotTellWhoElseWasThere(t *testing.T) {
	t.Parallel()
	book := openTokens(t)
	h := console.Handler(console.Options{Store: openHarbour(t), Token: token, Tokens: book})
	bound := mint(t, book, schemas.APIToken{Name: "bound", Permissions: []string{schemas.PermissionRead}, Company: ptr("co_amber")})
	for query, want := range map[string]int{
		"company=co_amber":                  http.StatusOK,
		"company=co_birch":                  http.StatusForbidden,
		"company=co_amber&company=co_birch": http.StatusForbidden,
		"company=co_nobody":                 http.StatusForbidden,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/orgs/harbour/search?q=pier&"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+bound)
		if w := send(h, r); w.Code != want {
			t.Errorf("a bound token asks %s: %d %s, want %d", query, w.Code, w.Body, want)
		}
		for _, scope := range []string{"customer=co_amber&", "end_user=eu_ann&"} {
			wanted := http.StatusBadRequest
			if scope[0] == 'c' && want == http.StatusOK {
				wanted = want
			}
			if w := ask(t, h, "/harbour/search?q=pier&"+scope+query); w.Code != wanted {
				t.Errorf("staff ask %s%s: %d %s, want %d", scope, query, w.Code, w.Body, wanted)
			}
		}
	}
}
