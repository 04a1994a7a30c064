package sinktest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"leadline/schemas"
	"leadline/sinks/sink"
)

func entryScopes(s *suite[EntryStore]) {
	seedScopes(s)
	for _, c := range scopes(s.org) {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: c.scope, Text: "lighthouse", Limit: 100})
		s.must(err)
		got := make([]string, len(hits))
		for i, h := range hits {
			got[i] = h.Entry.RecordingID
		}
		slices.Sort(got)
		if !slices.Equal(got, c.sees) {
			s.Errorf("%s finds %v, want %v", c.name, got, c.sees)
		}
		for _, id := range []string{"both", "acme", "zeta", "unmatched", "internal"} {
			all, err := s.store.MeetingEntries(s.Context(), c.scope, s.meetingID(id))
			s.must(err)
			if want := slices.Contains(c.sees, id); (len(all) == 1) != want {
				s.Errorf("%s reads %d entries of %s, want some: %v", c.name, len(all), id, want)
			}
		}
	}
}

// seedScopes writes what scopes tells about, and the same in another
// organisation; every text holds the word lighthouse.
func seedScopes(s *suite[EntryStore]) {
	s.Helper()
	entry := func(recording string, companies ...string) sink.Row[schemas.Entry] {
		return s.entry(recording, "transcript:0", "the lighthouse "+recording+" 灯台の話", 1, companies...)
	}
	both, unmatched, internal := entry("both", "acme", "zeta"), entry("unmatched"), entry("internal", "acme")
	both.Value.EndUsers = []string{"ines"}
	unmatched.Value.State = string(schemas.StateUnmatched)
	internal.Value.State = string(schemas.StateInternal)
	foreign := *s
	foreign.org += "x"
	write(s, s.store.EntrySink(), both, entry("acme", "acme"), entry("zeta", "zeta"), unmatched, internal,
		foreign.entry("foreign", "transcript:0", "the lighthouse of another organisation", 1, "acme"))
}

// injections asks queries that mean something in a query language of some
// store: each may find anything in scope or be refused, and nothing else.
func injections(s *suite[EntryStore]) {
	seedScopes(s)
	queries := []string{
		`"`, `""`, `"""`, `'`, `lighthouse"`, `"lighthouse`, `lighthouse" OR "lighthouse`, `lighthouse' OR '1'='1`,
		`NEAR(lighthouse the, 5)`, `NEAR`, `lighthouse NEAR/2 the`, `lighthouse*`, `*`, `* *`, `^lighthouse`, `^`, `-lighthouse`, `- `,
		`text:lighthouse`, `text : lighthouse`, `{title text} : lighthouse`, `- text : lighthouse`, `org:*`, `companies:zeta`, `_exists_:org`,
		`(lighthouse`, `lighthouse)`, `((((`, `lighthouse AND`, `AND OR NOT`, `NOT lighthouse`, `lighthouse OR lighthouse AND NOT zeta`,
		`lighthouse + the`, `lighthouse\`, `\"lighthouse\"`, "lighthouse\x00", "\x00", "lighthouse\x00\" OR 1=1", "\xff\xfe lighthouse", "\u200b",
		`lighthouse; DROP TABLE entries;`, `%lighthouse%`, `_`, `?`, `?1`, `:p`, `@p`, `$1`, `lighthouse /*`, `lighthouse --`,
		`{"match_all":{}}`, `lighthouse AND org:[* TO *]`, `/.*/`, `lighthouse~`, `lighthouse^9`, `<script>`, `灯台 "`, `灯台*`, `...`, `@#&'`,
		`rank`, `entries_fts`, `lighthouse` + strings.Repeat(" OR lighthouse", 100), strings.Repeat("(", 500),
		strings.Repeat("word ", 10_000), strings.Repeat("é", 3_000), strings.Repeat("灯台", 300), strings.Repeat("a b c d e f g ", 100) + "lighthouse",
	}
	for _, c := range scopes(s.org) {
		for _, text := range queries {
			hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: c.scope, Text: text, Limit: 100})
			var invalid *schemas.InvalidQuery
			if err != nil && !errors.As(err, &invalid) {
				s.Errorf("%s asks %.60q: %v", c.name, text, err)
			}
			for _, h := range hits {
				if h.Entry.Org != s.org || !slices.Contains(c.sees, h.Entry.RecordingID) {
					s.Errorf("%s asks %.60q and gets %s of %s", c.name, text, h.Entry.RecordingID, h.Entry.Org)
				}
				checkMarks(s, text, h)
			}
		}
	}
	hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: `lighthouse" OR NEAR(* -text:`, Limit: 100})
	if err != nil || len(hits) != 5 {
		s.Errorf("a word among signs finds %d entries, want 5: %v", len(hits), err)
	}
}

func checkMarks(s *suite[EntryStore], query string, h schemas.Hit) {
	s.Helper()
	end := 0
	for i, m := range h.Marks {
		if m[0] < end || (i > 0 && m[0] == end) || m[1] <= m[0] || m[1] > len(h.Entry.Text) {
			s.Errorf("query %.60q: marks %v are not rising, apart and within %d bytes", query, h.Marks, len(h.Entry.Text))
			return
		}
		end = m[1]
	}
}

func finds(s *suite[EntryStore]) {
	write(s, s.store.EntrySink(),
		s.entry("1", "transcript:0", "We need single sign-on with SAML before the renewal in March.", 1),
		s.entry("1", "transcript:5", "The renewal is fine. Prices were discussed, and discussed again.", 1),
		s.entry("2", "transcript:0", "Der Export nach Excel ist für unsere Prüfer sehr wichtig.", 1),
		s.entry("2", "transcript:5", "Naïve users click the café button.", 1),
		s.entry("3", "transcript:0", "Nothing of interest was said on the weather, and so on and on.", 1),
		s.entry("3", "transcript:5", "Version 3.5 fixed the login.", 1),
		s.entry("4", "transcript:0", "Don't paste it, the stamp isn't what's asked.", 1),
		s.entry("4", "transcript:5", "Their TS code is old.", 1))
	for _, c := range []struct {
		text string
		want string // the first hit; empty for none
		more bool   // others may follow
	}{
		{"renewal SAML", "fathom:1:transcript:0", true},
		{"What did they say on the renewals with saml?", "fathom:1:transcript:0", true},
		{"discussing price", "fathom:1:transcript:5", false},
		{"Was sagen die Prüfer über den Export?", "fathom:2:transcript:0", false},
		{"pruefer PRÜFER", "fathom:2:transcript:0", false},
		{"cafe naive", "fathom:2:transcript:5", false},
		{"what's the weather?", "fathom:3:transcript:0", false},
		{"TS", "fathom:4:transcript:5", false}, // is no t of don't
		{"3.5", "fathom:3:transcript:5", false},
		{"sign-on", "fathom:1:transcript:0", false},
		{"zeppelin", "", false},
		{"!?", "", false},
	} {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: c.text})
		s.must(err)
		got := entryIDs(hits)
		switch {
		case c.want == "" && len(got) > 0:
			s.Errorf("%q finds %v, want nothing", c.text, got)
		case c.want != "" && (len(got) == 0 || got[0] != c.want || (len(got) > 1 && !c.more)):
			s.Errorf("%q finds %v, want %s", c.text, got, c.want)
		}
		if !slices.IsSortedFunc(hits, func(a, b schemas.Hit) int { return int(b.Score*1e6) - int(a.Score*1e6) }) {
			s.Errorf("%q: scores do not fall", c.text)
		}
	}
	hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: "the on and"})
	s.must(err)
	if len(hits) == 0 {
		s.Error("a query of nothing but common words finds nothing")
	}
}

func marks(s *suite[EntryStore]) {
	write(s, s.store.EntrySink(),
		s.entry("1", "transcript:0", "Ünïcode first, then Prices and price: \uE000 <b>prices</b>", 1),
		s.entry("2", "transcript:0", "nul \x00 before the quay", 1),
		s.entry("3", "transcript:0", "来週APIの会議を開く", 1))
	for query, want := range map[string][]string{
		"pricing prices": {"Prices", "price", "prices"},
		"quay":           {"quay"},
		"会議":             {"会議"},
		"api 会議を":        {"API", "会議を"},
	} {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: query})
		s.must(err)
		if len(hits) != 1 {
			s.Errorf("%q finds %v, want one entry", query, entryIDs(hits))
			continue
		}
		checkMarks(s, query, hits[0])
		var got []string
		for _, m := range hits[0].Marks {
			got = append(got, hits[0].Entry.Text[m[0]:m[1]])
		}
		if !slices.Equal(got, want) {
			s.Errorf("%q marks %q, want %q", query, got, want)
		}
	}
}

func unspacedScripts(s *suite[EntryStore]) {
	write(s, s.store.EntrySink(),
		s.entry("1", "transcript:0", "請求書の自動発行機能について、来月までに見積もりをお願いします。", 1),
		s.entry("2", "transcript:0", "我们需要导出报表的功能，下个季度续约。", 1),
		s.entry("3", "transcript:0", "계약 갱신은 다음 달에 논의합시다. 엑셀로 내보내기가 필요합니다.", 1),
		s.entry("4", "transcript:0", "本日はSalesforce連携のご相談です。", 1),
		s.entry("5", "transcript:0", "犬", 1))
	for query, want := range map[string]string{
		"請求書": "1", "見積もりについて": "1", "自動発行": "1", "导出报表": "2", "续约": "2", "갱신": "3", "엑셀": "3",
		"salesforce": "4", "Salesforceの連携": "4", "犬": "5",
	} {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: query})
		s.must(err)
		if len(hits) == 0 || hits[0].Entry.RecordingID != want {
			s.Errorf("%q finds %v, want meeting %s first", query, entryIDs(hits), want)
			continue
		}
		if len(hits[0].Marks) == 0 {
			s.Errorf("%q marks nothing in %s", query, hits[0].Entry.Text)
		}
	}
}

func ties(s *suite[EntryStore]) {
	var b sink.Batch[schemas.Entry]
	var want []string
	for i := 29; i >= 0; i-- {
		b = append(b, s.entry(fmt.Sprintf("%02d", i), "transcript:0", "the same lighthouse", 1))
	}
	for i := range 12 {
		want = append(want, fmt.Sprintf("fathom:%02d:transcript:0", i))
	}
	write(s, s.store.EntrySink(), b...)
	for range 3 {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: "lighthouse", Limit: 12})
		s.must(err)
		if got := entryIDs(hits); !slices.Equal(got, want) {
			s.Fatalf("got %v\nwant %v", got, want)
		}
	}
}

func narrows(s *suite[EntryStore]) {
	var b sink.Batch[schemas.Entry]
	for i := range 15 {
		r := s.entry("1", fmt.Sprint("transcript:", 3*i), "lighthouse", 1) // no two are neighbours
		if i%5 == 0 {
			r.Value.Kind = schemas.EntrySummary
		}
		b = append(b, r)
	}
	write(s, s.store.EntrySink(), b...)
	for _, c := range []struct {
		kinds       []string
		limit, want int
	}{
		{nil, 0, 10}, {nil, 100, 15}, {nil, 1, 1},
		{[]string{schemas.EntrySummary}, 100, 3}, {[]string{schemas.EntrySummary, schemas.EntryTranscript}, 100, 15},
		{[]string{schemas.EntryDistilled}, 100, 0},
	} {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: "lighthouse", Kinds: c.kinds, Limit: c.limit})
		s.must(err)
		if len(hits) != c.want {
			s.Errorf("kinds %v, limit %d: %d hits, want %d", c.kinds, c.limit, len(hits), c.want)
		}
	}
}

func badSearches(s *suite[EntryStore]) {
	for _, c := range []struct {
		field string
		query schemas.SearchQuery
	}{
		{"org", schemas.SearchQuery{Text: "x"}},
		{"q", schemas.SearchQuery{Scope: s.staff()}},
		{"q", schemas.SearchQuery{Scope: s.staff(), Text: " \t\n"}},
		{"q", schemas.SearchQuery{Scope: s.staff(), Text: strings.Repeat("long ", 1000)}},
		{"kind", schemas.SearchQuery{Scope: s.staff(), Text: "x", Kinds: []string{schemas.EntrySummary, "poem"}}},
		{"limit", schemas.SearchQuery{Scope: s.staff(), Text: "x", Limit: 101}},
		{"limit", schemas.SearchQuery{Scope: s.staff(), Text: "x", Limit: -1}},
	} {
		_, err := s.store.Search(s.Context(), c.query)
		wantField(s, err, c.field)
	}
	_, err := s.store.MeetingEntries(s.Context(), schemas.Scope{}, s.meetingID("1"))
	wantField(s, err, "org")
}
