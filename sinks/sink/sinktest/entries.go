package sinktest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Entries is the suite of a store of knowledge entries.
func Entries(t *testing.T, open Open[EntryStore]) {
	t.Helper()
	tests := versions("entries", func(s *suite[EntryStore]) table[schemas.Entry] {
		return table[schemas.Entry]{
			sink: s.store.EntrySink(),
			// Each entry has a meeting of its own, so that reading one is cheap.
			row: func(n int, version uint64, text string) sink.Row[schemas.Entry] {
				return s.entry(fmt.Sprint(n), "transcript:0", text, version)
			},
			read: func(n int) (string, uint64, bool) {
				all, err := s.store.MeetingEntries(s.Context(), s.staff(), s.meetingID(fmt.Sprint(n)))
				s.must(err)
				if len(all) == 0 {
					return "", 0, false
				}
				return all[0].Entry.Text, all[0].Version, true
			},
		}
	})
	tests["an entry comes back whole"] = wholeEntry
	tests["a key that belies its value is unstorable"] = lyingEntries
	tests["a meeting reads in its natural order"] = naturalOrder
	tests["entries are seen within their scope only"] = entryScopes
	tests["no text of a query leads out of its scope"] = injections
	tests["a new version moves an entry to its new customers"] = entryMoves
	tests["what is gone or rewritten is not found by its old words"] = forgets
	tests["a query finds the passages with its words, best first"] = finds
	tests["marks are the words that matched"] = marks
	tests["scripts without spaces are found"] = unspacedScripts
	tests["words are found by their forms in their own language"] = languages
	tests["equal passages come in the order of their ids"] = ties
	tests["neighbours are one passage"] = neighbours
	tests["a passage holds nothing that is out of scope"] = foreignNeighbours
	tests["no two passages share an entry"] = sharing
	tests["a summary lifts the passages of its meeting"] = lifted
	tests["recorder, speaker, language and time narrow the answer"] = filtered
	tests["pages are the whole answer, once"] = pages
	tests["kinds and limit narrow the answer"] = narrows
	tests["a query that makes no sense names its field"] = badSearches
	for name, test := range tests {
		open.each(t, name, test)
	}
}

func wholeEntry(s *suite[EntryStore]) {
	want := s.entry("1", "transcript:0", "We sounded the harbour.", 7, "acme", "zeta")
	want.Value.Title, want.Value.Language, want.Value.URL = "Soundings", "en", "https://example.com/1?t=60"
	want.Value.StartMS, want.Value.EndMS = ptr(int64(60_000)), ptr(int64(90_500))
	want.Value.EndUsers = []string{"ines"}
	want.Value.Distilled = ptr(schemas.ProductAsk)
	write(s, s.store.EntrySink(), want)
	all, err := s.store.MeetingEntries(s.Context(), s.staff(), want.Value.MeetingID)
	s.must(err)
	found, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: "harbour"})
	s.must(err)
	for how, hits := range map[string][]schemas.Hit{"listed": all, "found": found} {
		if len(hits) != 1 || hits[0].Version != 7 || !reflect.DeepEqual(hits[0].Entry, *want.Value) {
			s.Errorf("%s: got %+v\nwant %+v", how, hits, *want.Value)
		}
	}
}

func lyingEntries(s *suite[EntryStore]) {
	org, id, meeting := s.entry("1", "a", "x", 1), s.entry("2", "a", "x", 1), s.entry("3", "a", "x", 1)
	org.Value.Org = "another-org"
	id.Value.ID = "fathom:2:b"
	meeting.Value.MeetingID = s.meetingID("4")
	b := sink.Batch[schemas.Entry]{
		org, id, meeting, s.entry("5", "a", "sound", 1), {Key: "no-entry", Version: 1},
		{Key: s.meetingID("1") + "/", Version: 1}, s.entry("6", "a", "sound", 1),
	}
	wantUnstorable(s, s.store.EntrySink().Write(s.Context(), b), 0, 1, 2, 4, 5)
	s.visible()
	hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: "x sound"})
	s.must(err)
	if got := entryIDs(hits); !slices.Equal(got, []string{"fathom:5:a", "fathom:6:a"}) {
		s.Errorf("stored %v, want the two sound ones", got)
	}
}

func entryIDs(hits []schemas.Hit) []string {
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = h.Entry.ID
	}
	return ids
}

func naturalOrder(s *suite[EntryStore]) {
	var b sink.Batch[schemas.Entry]
	add := func(id, kind, distilled string) {
		r := s.entry("1", "", "text", 1)
		r.Value.ID, r.Value.Kind = id, kind
		r.Key = schemas.EntryKey(r.Value.MeetingID, id)
		if distilled != "" {
			r.Value.Distilled = &distilled
		}
		b = append(b, r)
	}
	add("distilled:fathom:1:product_ask:0", schemas.EntryDistilled, schemas.ProductAsk)
	add("distilled:fathom:1:customer_feedback:11", schemas.EntryDistilled, schemas.CustomerFeedback)
	add("distilled:fathom:1:customer_feedback:2", schemas.EntryDistilled, schemas.CustomerFeedback)
	add("fathom:1:action_items", schemas.EntryActionItems, "")
	add("fathom:1:summary", schemas.EntrySummary, "")
	for _, n := range []int{10, 2, 0, 1, 9} {
		add(fmt.Sprint("fathom:1:transcript:", n), schemas.EntryTranscript, "")
	}
	write(s, s.store.EntrySink(), b...)
	all, err := s.store.MeetingEntries(s.Context(), s.staff(), s.meetingID("1"))
	s.must(err)
	want := []string{
		"fathom:1:transcript:0", "fathom:1:transcript:1", "fathom:1:transcript:2", "fathom:1:transcript:9", "fathom:1:transcript:10",
		"fathom:1:summary", "fathom:1:action_items", "distilled:fathom:1:customer_feedback:2",
		"distilled:fathom:1:customer_feedback:11", "distilled:fathom:1:product_ask:0",
	}
	if got := entryIDs(all); !slices.Equal(got, want) {
		s.Errorf("got  %v\nwant %v", got, want)
	}
}

func entryMoves(s *suite[EntryStore]) {
	write(s, s.store.EntrySink(), s.entry("1", "transcript:0", "lighthouse", 1, "acme"))
	write(s, s.store.EntrySink(), s.entry("1", "transcript:0", "lighthouse", 2, "zeta"))
	write(s, s.store.EntrySink(), s.entry("1", "transcript:0", "lighthouse", 1, "acme"))
	for company, want := range map[string]int{"acme": 0, "zeta": 1} {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: schemas.Scope{Org: s.org, Company: company}, Text: "lighthouse"})
		s.must(err)
		if len(hits) != want {
			s.Errorf("%s finds %d entries, want %d", company, len(hits), want)
		}
	}
}

func forgets(s *suite[EntryStore]) {
	write(s, s.store.EntrySink(), s.entry("1", "transcript:0", "the old lighthouse 灯台", 1), s.entry("1", "transcript:1", "the old lighthouse", 1))
	write(s, s.store.EntrySink(), s.entry("1", "transcript:0", "the new windmill 風車", 2),
		sink.Row[schemas.Entry]{Key: s.entry("1", "transcript:1", "", 0).Key, Version: 2})
	for text, want := range map[string]int{"lighthouse": 0, "灯台": 0, "windmill": 1, "風車": 1} {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: text})
		s.must(err)
		if len(hits) != want {
			s.Errorf("%q finds %d entries, want %d", text, len(hits), want)
		}
	}
}
