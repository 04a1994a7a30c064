package elasticsearch

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/passage"
)

// FuzzQueryBody asks for anything: the body of the query is one JSON object on one line whose filters begin with the
// scope, whose text is only ever the text of a match, and which is no longer than a few times what was asked.
func FuzzQueryBody(f *testing.F) {
	for _, q := range []string{"what is the price", `"}},{"match_all":{}}`, "a\n{}", "\u2028灯台", "\xff", `org:zeta OR *`, strings.Repeat("a b ", 500)} {
		f.Add(q, "acme", "co_"+q, q)
	}
	f.Fuzz(func(t *testing.T, text, org, customer, narrow string) {
		q := schemas.SearchQuery{
			Scope: schemas.Scope{Org: org, Company: customer, HeldBack: true}, Text: text, Kinds: []string{narrow}, Speakers: []string{narrow},
			Companies: []string{narrow}, Languages: []string{narrow}, Since: time.Unix(0, 0),
		}
		about, asks := passage.Split(clipped(text))
		words := []object{wordsOf(about, 1, searched(), object{}), wordsOf(asks, weightAsking, searched(), object{})}
		raw, err := json.Marshal(ranking(part{pool, q}, object{"bool": object{"minimum_should_match": 1, "should": words}}))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsAny(raw, "\n\r") {
			t.Fatal("more than one line")
		}
		if most := 4<<10 + 12*(2*len(text)+len(org)+len(customer)+6*len(narrow)); len(raw) > most {
			t.Fatalf("%d bytes", len(raw))
		}
		var got struct {
			Query struct {
				Bool struct {
					Filter []map[string]any
					Must   struct {
						Bool struct {
							Should []struct {
								Match map[string]any `json:"multi_match"`
							}
						}
					}
				}
			}
		}
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		filters := got.Query.Bool.Filter
		want := []object{is("deleted", false), is("org", org), isOneOf("state", []string{string(schemas.StateMatched)}), is("companies", customer)}
		if customer == "" {
			want = want[:2] // staff who look at what is held back see every state
		}
		for i, w := range want {
			scope, err := json.Marshal(w)
			if err != nil {
				t.Fatal(err)
			}
			var as map[string]any
			if err := json.Unmarshal(scope, &as); err != nil || i >= len(filters) || !reflect.DeepEqual(as, filters[i]) {
				t.Fatalf("filter %d of %v is not %s", i, filters, scope)
			}
		}
		if len(got.Query.Bool.Must.Bool.Should) != len(words) {
			t.Fatalf("%d clauses", len(got.Query.Bool.Must.Bool.Should))
		}
		for _, m := range got.Query.Bool.Must.Bool.Should {
			if m.Match == nil || m.Match["type"] != "most_fields" {
				t.Fatalf("a clause is %v", m)
			}
		}
	})
}
