package sinktest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// said is an entry of a transcript with one turn, or a part of one.
func (s *suite[S]) said(n, turn int, speaker, text string, companies ...string) sink.Row[schemas.Entry] {
	r := s.entry("1", fmt.Sprint("transcript:", n), speaker+": "+text, 1, companies...)
	at, start := int32(turn), int64(turn)*10_000 //nolint:gosec // a few
	end := start + 9_000
	r.Value.TurnFirst, r.Value.TurnLast, r.Value.StartMS, r.Value.EndMS = &at, &at, &start, &end
	r.Value.Speakers, r.Value.URL = []string{speaker}, fmt.Sprint("https://example.com/1?t=", turn*10)
	return r
}

func neighbours(s *suite[EntryStore]) {
	write(s, s.store.EntrySink(),
		s.said(0, 0, "Ines", "Good morning."),
		s.said(1, 1, "Ugo", "How high is the lighthouse?"),
		s.said(2, 2, "Ines", "Forty metres, and the lighthouse"),
		s.said(3, 2, "Ines", "was built in spring."),
		s.said(9, 9, "Ugo", "Goodbye."))
	for query, want := range map[string]struct {
		text, url   string
		first, last int32
		marked      []string
	}{
		"lighthouse": {
			"Ugo: How high is the lighthouse?\nInes: Forty metres, and the lighthouse", "https://example.com/1?t=10", 1, 2,
			[]string{"lighthouse", "lighthouse"},
		},
		// The turn that was cut is whole again.
		"metres spring": {
			"Ines: Forty metres, and the lighthouse was built in spring.", "https://example.com/1?t=20", 2, 2,
			[]string{"metres", "spring"},
		},
		"goodbye": {"Ugo: Goodbye.", "https://example.com/1?t=90", 9, 9, []string{"Goodbye"}},
	} {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: query})
		s.must(err)
		if len(hits) == 0 {
			s.Errorf("%q finds nothing", query)
			continue
		}
		e := hits[0].Entry
		if e.Text != want.text || e.URL != want.url || *e.TurnFirst != want.first || *e.TurnLast != want.last ||
			*e.StartMS != int64(want.first)*10_000 || *e.EndMS != int64(want.last)*10_000+9_000 {
			s.Errorf("%q: got %+v, want %+v", query, e, want)
		}
		checkMarks(s, query, hits[0])
		var marked []string
		for _, m := range hits[0].Marks {
			marked = append(marked, e.Text[m[0]:m[1]])
		}
		if !slices.Equal(marked, want.marked) {
			s.Errorf("%q marks %q, want %q", query, marked, want.marked)
		}
		for _, speaker := range e.Speakers {
			if !strings.Contains(e.Text, speaker+": ") {
				s.Errorf("%q: %s is no speaker of %q", query, speaker, e.Text)
			}
		}
	}
}

func foreignNeighbours(s *suite[EntryStore]) {
	held := s.said(2, 2, "Ugo", "held back")
	held.Value.State = string(schemas.StateInternal)
	write(s, s.store.EntrySink(),
		s.said(0, 0, "Ugo", "a secret of zeta", "zeta"), s.said(1, 1, "Ines", "the lighthouse", "acme"), held)
	for _, scope := range []schemas.Scope{{Org: s.org, Company: "acme"}, {Org: s.org, Company: "acme", HeldBack: true}} {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: scope, Text: "lighthouse"})
		s.must(err)
		if len(hits) != 1 || hits[0].Entry.Text != "Ines: the lighthouse" {
			s.Errorf("%+v gets %+v", scope, hits)
		}
	}
}

func sharing(s *suite[EntryStore]) {
	var b sink.Batch[schemas.Entry]
	for n := range 30 {
		b = append(b, s.said(n, n, "Ines", fmt.Sprintf("the lighthouse n%d", n)))
	}
	write(s, s.store.EntrySink(), b...)
	hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: "lighthouse", Limit: 100})
	s.must(err)
	seen := make(map[string]bool)
	for _, h := range hits {
		for line := range strings.Lines(h.Entry.Text) {
			if line = strings.TrimSpace(line); seen[line] {
				s.Errorf("%q is shown twice", line)
			} else {
				seen[line] = true
			}
		}
	}
	if len(seen) != 30 {
		s.Errorf("%d of 30 entries are shown", len(seen))
	}
}

func lifted(s *suite[EntryStore]) {
	summary := s.entry("2", "summary", "Everything on the harbour pilots and their lighthouse.", 1)
	summary.Value.Kind = schemas.EntrySummary
	held := s.entry("1", "summary", "Harbour pilots, harbour pilots and the lighthouse.", 1)
	held.Value.Kind, held.Value.State = schemas.EntrySummary, string(schemas.StateInternal)
	write(s, s.store.EntrySink(), summary, held,
		s.entry("1", "transcript:0", "the lighthouse is old", 1), s.entry("2", "transcript:0", "the lighthouse is old", 1))
	hits, err := s.store.Search(s.Context(), schemas.SearchQuery{
		Scope: schemas.Scope{Org: s.org}, Text: "harbour pilots lighthouse", Kinds: []string{schemas.EntryTranscript},
	})
	s.must(err)
	// What is held back lifts nothing: the order would tell of it.
	if got := entryIDs(hits); !slices.Equal(got, []string{"fathom:2:transcript:0", "fathom:1:transcript:0"}) {
		s.Errorf("got %v, want that of meeting 2 first", got)
	}
}

func filtered(s *suite[EntryStore]) {
	day := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var b sink.Batch[schemas.Entry]
	for n, e := range []struct {
		provider, language string
		speakers           []string
		at                 time.Time
		companies          []string
	}{
		{schemas.Fathom, "en", []string{"Ines", "Ugo"}, day, []string{"acme", "zeta"}},
		{schemas.Fathom, "en-GB", []string{"Ines Vale"}, day.Add(time.Hour), []string{"zeta"}},
		{schemas.Zoom, "de", []string{"Ugo"}, day.Add(24 * time.Hour), []string{"acme"}},
		{schemas.Zoom, "eng", nil, day.Add(48 * time.Hour), nil},
	} {
		r := s.entry(fmt.Sprint(n), "transcript:0", "the lighthouse", 1)
		r.Value.Provider, r.Value.Language, r.Value.Speakers, r.Value.MeetingAt = e.provider, e.language, e.speakers, e.at
		r.Value.Companies = e.companies
		b = append(b, r)
	}
	write(s, s.store.EntrySink(), b...)
	for name, c := range map[string]struct {
		query schemas.SearchQuery
		want  []string
	}{
		"nothing":          {schemas.SearchQuery{}, []string{"0", "1", "2", "3"}},
		"a recorder":       {schemas.SearchQuery{Providers: []string{schemas.Zoom}}, []string{"2", "3"}},
		"either recorder":  {schemas.SearchQuery{Providers: []string{schemas.Zoom, schemas.Fathom}}, []string{"0", "1", "2", "3"}},
		"a speaker":        {schemas.SearchQuery{Speakers: []string{"Ugo"}}, []string{"0", "2"}},
		"a whole name":     {schemas.SearchQuery{Speakers: []string{"Ines"}}, []string{"0"}},
		"an injected name": {schemas.SearchQuery{Speakers: []string{`x' OR '1'='1`, `*`, `%`}}, nil},
		"a company":        {schemas.SearchQuery{Companies: []string{"acme"}}, []string{"0", "2"}},
		"either company":   {schemas.SearchQuery{Companies: []string{"zeta", "acme", "nobody"}}, []string{"0", "1", "2"}},
		"a language":       {schemas.SearchQuery{Languages: []string{"en"}}, []string{"0", "1"}},
		"a narrower one":   {schemas.SearchQuery{Languages: []string{"en-GB", "de"}}, []string{"1", "2"}},
		"since, inclusive": {schemas.SearchQuery{Since: day.Add(time.Hour)}, []string{"1", "2", "3"}},
		"until, exclusive": {schemas.SearchQuery{Until: day.Add(time.Hour)}, []string{"0"}},
		"in another zone":  {schemas.SearchQuery{Since: day.Add(time.Hour).In(time.FixedZone("x", 3600)), Until: day.Add(2 * time.Hour)}, []string{"1"}},
		"all of them at once": {schemas.SearchQuery{
			Providers: []string{schemas.Fathom}, Speakers: []string{"Ugo"}, Companies: []string{"acme"}, Languages: []string{"en"}, Since: day, Until: day.Add(time.Minute),
			Kinds: []string{schemas.EntryTranscript},
		}, []string{"0"}},
	} {
		c.query.Scope, c.query.Text = s.staff(), "lighthouse"
		hits, err := s.store.Search(s.Context(), c.query)
		s.must(err)
		var got []string
		for _, h := range hits {
			got = append(got, h.Entry.RecordingID)
		}
		if slices.Sort(got); !slices.Equal(got, c.want) {
			s.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	for field, q := range map[string]schemas.SearchQuery{
		"speaker":  {Speakers: []string{""}},
		"company":  {Companies: []string{strings.Repeat("x", 2000)}},
		"provider": {Providers: make([]string, 101)},
		"until":    {Since: day, Until: day},
		"after":    {After: "no cursor"},
	} {
		q.Scope, q.Text = s.staff(), "lighthouse"
		_, err := s.store.Search(s.Context(), q)
		wantField(s, err, field)
	}
}

func pages(s *suite[EntryStore]) {
	var b sink.Batch[schemas.Entry]
	for n := range 60 {
		r := s.entry(fmt.Sprint(n%6), fmt.Sprint("transcript:", n/6), fmt.Sprintf("the lighthouse %s", strings.Repeat("and more ", n%7)), 1)
		b = append(b, r)
	}
	write(s, s.store.EntrySink(), b...)
	ask := func(limit int, after string) []schemas.Hit {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: "lighthouse", Limit: limit, After: after})
		s.must(err)
		return hits
	}
	// Ranks hang on how often a word is anywhere in the store. While other tests write to it they move, and nobody
	// promises whole pages: only an answer that was the same before and after counts.
	for range 20 {
		before := ask(100, "")
		whole := entryKeys(before)
		var paged []string
		for after := ""; len(paged) <= len(whole); {
			hits := ask(7, after)
			if len(hits) == 0 {
				break
			}
			paged = append(paged, entryKeys(hits)...)
			after = hits[len(hits)-1].Cursor
		}
		if len(whole) >= 30 && slices.Equal(whole, paged) {
			return
		}
		if slices.EqualFunc(before, ask(100, ""), func(a, b schemas.Hit) bool { return a.Cursor == b.Cursor }) {
			s.Fatalf("page by page %v\nat once %v", paged, whole)
		}
	}
	s.Error("the answer was never the same before and after its pages")
}

func entryKeys(hits []schemas.Hit) []string {
	keys := make([]string, len(hits))
	for i, h := range hits {
		keys[i] = schemas.EntryKey(h.Entry.MeetingID, h.Entry.ID)
	}
	return keys
}
