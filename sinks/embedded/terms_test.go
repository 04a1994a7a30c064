package embedded

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leadline/schemas"
	"leadline/sinks/sink"
)

func TestTermsOfAQuery(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"What did they say about the SSO rollout?": `"sso" OR "rollout"`,
		"Summarize the discussion of SSO.":         `"summarize" OR "discussion" OR "sso" OR "sso"`,
		"Summarize the discussion":                 `"summarize" OR "discussion"`,
		"what is this":                             `"what" OR "is" OR "this"`,
		"Was sagt der Kunde über die Rechnung?":    `"sagt" OR "kunde" OR "kunde" OR "rechnung" OR "rechnung"`,
		"l'équipe n'a pas d'accès à l’export":      `"équipe" OR "accès" OR "accès" OR "export" OR "export"`,
		"die hard":                       `"die" OR "hard"`,
		"3.5 e-mail, a@b.example":        `"3.5" OR "e-mail" OR "a@b.example"`,
		`say "hi" NEAR(x) text:y* ^z -w`: `"hi" OR "near" OR "x" OR "text" OR "y" OR "z" OR "w"`,
		"The customer's O'Brien":         `"customer" OR "brien"`,
		"price price PRICE":              `"price"`,
		"会議の件":                           `grams : "会議" OR grams : "議の" OR grams : "の件"`,
		"について":                           `grams : "につ" OR grams : "つい" OR grams : "いて"`,
		"請求について":                         `grams : "請求" OR grams : "求に"`,
		"犬":                              `grams : "犬"`,
		"API連携":                          `"api" OR grams : "連携"`,
		"データー":                           `grams : "デー" OR grams : "ータ" OR grams : "ター"`,
		"... --- ' \x00":                 ``,
	} {
		if got := anyOf(termsOf(query)); got != want {
			t.Errorf("%q: got  %s\nwant %s", query, got, want)
		}
	}
	if got, want := (term{text: `a" OR "b`}).expression(), `"a"" OR ""b"`; got != want {
		t.Errorf("a quote in a term: got %s, want %s", got, want)
	}
	if n := len(termsOf(strings.Repeat("a b c d e f g 1 2 3 4 5 6 7 8 9 ", 40) + strings.Join(strings.Split(strings.Repeat("xyzu", 20), ""), "q "))); n > maxTerms {
		t.Errorf("a query has %d terms, of at most %d", n, maxTerms)
	}
}

func TestCommonTermsAreDroppedWhenAQueryTouchesTooMuch(t *testing.T) {
	t.Parallel()
	s := opened(t)
	var b sink.Batch[schemas.Entry]
	for n := range 60 {
		text := "everywhere"
		if n%2 == 0 {
			text += " often"
		}
		if n%20 == 0 {
			text += " seldom"
		}
		b = append(b, textOf("acme", n, text))
	}
	if err := s.EntrySink().Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		query, want string
		budget      int
	}{
		{"everywhere often seldom", "everywhere often seldom", 100},
		{"everywhere often seldom", "seldom often", 50},
		{"everywhere often seldom", "seldom", 20},
		{"everywhere often", "everywhere", 5}, // never nothing
		{"everywhere zeppelin", "zeppelin everywhere", 5},
		{"everywhere", "everywhere", 5},
	} {
		err := s.snapshot(t.Context(), func(tx *sql.Tx) error {
			kept, err := rarest(t.Context(), tx, termsOf(c.query), c.budget)
			var got []string
			for _, k := range kept {
				got = append(got, k.text)
			}
			if !slices.Equal(got, strings.Fields(c.want)) {
				t.Errorf("%q within %d: kept %q, want %q", c.query, c.budget, got, c.want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func opened(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func textOf(org string, n int, text string) sink.Row[schemas.Entry] {
	id := fmt.Sprintf("fathom:1:transcript:%d", n)
	meeting := schemas.MeetingID(org, schemas.Fathom, "1")
	return sink.Row[schemas.Entry]{Key: schemas.EntryKey(meeting, id), Version: 1, Value: &schemas.Entry{
		ID: id, MeetingID: meeting, Org: org, Kind: schemas.EntryTranscript, Text: text, State: string(schemas.StateMatched),
	}}
}

// FuzzSearch asks for anything in a store whose text is anything.
func FuzzSearch(f *testing.F) {
	for _, q := range []string{`"`, `a" OR "b`, "NEAR(a b)", "grams : x", "会議 API連携ー", "\x00", "\xff\xfe", "a-b.c@d'e", "\U000F0000", "ｶﾅ"} {
		f.Add(q, "the quick "+q+" fox")
	}
	s := opened(f)
	version := uint64(0)
	f.Fuzz(func(t *testing.T, query, text string) {
		version++
		own, foreign := textOf("acme", 0, text), textOf("zeta", 0, text+" "+query)
		own.Version, foreign.Version = version, version
		if err := s.EntrySink().Write(t.Context(), sink.Batch[schemas.Entry]{own, foreign}); err != nil {
			t.Fatal(err)
		}
		hits, err := s.Search(t.Context(), schemas.SearchQuery{Scope: schemas.Scope{Org: "acme"}, Text: query})
		if err != nil && (strings.TrimSpace(query) != "" && len(query) <= 2048) {
			t.Fatalf("%q: %v", query, err)
		}
		for _, h := range hits {
			if h.Entry.Org != "acme" {
				t.Fatalf("%q found an entry of %s", query, h.Entry.Org)
			}
			end := -1
			for _, m := range h.Marks {
				if m[0] <= end || m[1] <= m[0] || m[1] > len(h.Entry.Text) {
					t.Fatalf("%q marks %v in %q", query, h.Marks, text)
				}
				end = m[1]
			}
		}
	})
}
