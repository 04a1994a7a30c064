package sinktest

import (
	"fmt"
	"testing"

	"leadline/schemas"
)

// Ranked checks what a store does that knows what each word of a question gives to
// a score. The index in SQLite's file, which answers until the one in memory is
// read, does not.
func Ranked(t *testing.T, open Open[EntryStore]) {
	t.Helper()
	open.each(t, "different words are more than the same twice", together)
	open.each(t, "who is named is heard first", heard)
	open.each(t, "letters are found as they are typed without them", typed)
}

// together has two recordings: of one, two neighbours have one word each, of
// the other both have the same.
func together(s *suite[EntryStore]) {
	part := func(recording string, n int, text string) {
		write(s, s.store.EntrySink(), s.entry(recording, fmt.Sprint("transcript:", n), text, 1))
	}
	part("1", 0, "We walked along the pier for the whole long afternoon.")
	part("1", 1, "They stood around at the quay for the whole long evening.")
	part("2", 0, "The pier was then closed for some days.")
	part("2", 1, "The pier was then open for some days.")
	part("3", 0, "The quay is wet.")
	part("4", 0, "The quay is dry.")
	hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: "pier quay"})
	s.must(err)
	if len(hits) == 0 || hits[0].Entry.RecordingID != "1" {
		s.Errorf("found %v, want both words of recording 1 first", entryIDs(hits))
	}
}

// heard has two chunks of the same words: in one Ugo says much and Ines little,
// in the other it is the other way round.
func heard(s *suite[EntryStore]) {
	part := func(recording, text string) {
		r := s.entry(recording, "transcript:0", text, 1)
		r.Value.Speakers = []string{"Ines", "Ugo"}
		write(s, s.store.EntrySink(), r)
	}
	part("1", "Ines: the quay is closed for the whole of March\nUgo: the pier")
	part("2", "Ugo: the quay is closed for the whole of March\nInes: the pier")
	for question, want := range map[string]string{"What did Ines say of the quay?": "1", "What did Ugo say of the quay?": "2"} {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: question})
		s.must(err)
		if len(hits) != 2 || hits[0].Entry.RecordingID != want {
			s.Errorf("%q finds %v, want recording %s first", question, entryIDs(hits), want)
		}
	}
}

// typed asks with the letters that most keyboards have.
func typed(s *suite[EntryStore]) {
	write(s, s.store.EntrySink(), s.entry("1", "transcript:0", "The office in Goethestraße, the others in Łódź and Tromsø.", 1))
	for _, word := range []string{"goethestrasse", "Goethestraße", "lodz", "tromso"} {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: word})
		s.must(err)
		if len(hits) != 1 || len(hits[0].Marks) != 1 {
			s.Errorf("%q finds %v", word, hits)
		}
	}
}
