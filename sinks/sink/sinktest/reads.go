package sinktest

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Reads is the suite of a store that holds everything: the directory, and what
// is read from several tables together.
func Reads(t *testing.T, open Open[WholeStore]) {
	t.Helper()
	Directory(t, func(t *testing.T) (DirectoryStore, func(context.Context) error) { return open(t) })
	for name, test := range map[string]func(*suite[WholeStore]){
		"a customer is summed up within the scope":  sumsUp,
		"a tally counts what is there":              tallies,
		"sources are summed up":                     sumsUpSources,
		"a meeting counts its entries in the store": countsEntries,
	} {
		open.each(t, name, test)
	}
}

func sumsUp(s *suite[WholeStore]) {
	write(s, s.store.DirectorySink(), company(s, 1, "acme", "Acme"), company(s, 1, "zeta", "Zeta"),
		endUser(s, 1, "ines", "acme"), endUser(s, 1, "ugo", "acme"), endUser(s, 1, "zoe", "zeta"), endUser(s, 1, "nemo", ""))
	early, late, internal := s.meeting("1", 1, "acme"), s.meeting("2", 1, "acme", "zeta"), s.meeting("3", 1, "acme")
	late.Value.StartedAt = start.Add(time.Hour)
	early.Value.Links[0].EndUserID = ptr("ines")
	internal.Value.State = string(schemas.StateInternal)
	internal.Value.StartedAt = start.Add(2 * time.Hour)
	write(s, s.store.MeetingSink(), early, late, internal)
	distilled := func(recording, kind string, users []string, companies ...string) sink.Row[schemas.Entry] {
		e := s.entry(recording, kind, "text", 1, companies...)
		e.Value.Kind, e.Value.Distilled, e.Value.EndUsers = schemas.EntryDistilled, &kind, users
		return e
	}
	write(s, s.store.EntrySink(), distilled("1", schemas.ProductAsk, []string{"ines"}, "acme"),
		distilled("2", schemas.ProductAsk, nil, "acme", "zeta"), distilled("2", schemas.RenewalSignal, nil, "acme", "zeta"),
		s.entry("1", "transcript:0", "no distillate", 1, "acme"))

	users := func(c schemas.Customer) (ids []string) {
		for _, u := range c.EndUsers {
			ids = append(ids, u.ID)
		}
		return ids
	}
	for _, c := range []struct {
		scope     schemas.Scope
		meetings  int
		last      time.Time
		distilled map[string]int
		users     []string
	}{
		{schemas.Scope{Org: s.org}, 2, start.Add(time.Hour), map[string]int{schemas.ProductAsk: 2, schemas.RenewalSignal: 1}, []string{"ines", "ugo"}},
		// Whoever may see what is held back still sees of a customer what is the customer's.
		{schemas.Scope{Org: s.org, HeldBack: true}, 2, start.Add(time.Hour), map[string]int{schemas.ProductAsk: 2, schemas.RenewalSignal: 1}, []string{"ines", "ugo"}},
		{schemas.Scope{Org: s.org, Company: "acme", HeldBack: true}, 2, start.Add(time.Hour), map[string]int{schemas.ProductAsk: 2, schemas.RenewalSignal: 1}, []string{"ines", "ugo"}},
		{schemas.Scope{Org: s.org, EndUser: "ines"}, 1, start, map[string]int{schemas.ProductAsk: 1}, []string{"ines"}},
	} {
		got, found, err := s.store.Customer(s.Context(), c.scope, "acme")
		s.must(err)
		if !found || got.Meetings != c.meetings || got.LastMet == nil || !got.LastMet.Equal(c.last) ||
			!reflect.DeepEqual(got.Distilled, c.distilled) || !slices.Equal(users(got), c.users) {
			s.Errorf("%+v: got %+v (found %v), last met %v, want %+v", c.scope, got, found, got.LastMet, c)
		}
	}
	for _, scope := range []schemas.Scope{
		{Org: s.org, Company: "zeta", HeldBack: true}, {Org: s.org, EndUser: "zoe"}, {Org: s.org, EndUser: "nemo"}, {Org: s.org + "y"},
	} {
		if _, found, err := s.store.Customer(s.Context(), scope, "acme"); err != nil || found {
			s.Errorf("%+v finds acme (%v)", scope, err)
		}
	}
	_, _, err := s.store.Customer(s.Context(), schemas.Scope{}, "acme")
	wantField(s, err, "org")
}

func tallies(s *suite[WholeStore]) {
	other := *s
	other.org += "x"
	unmatched, internal, grouped := s.meeting("3", 1), s.meeting("4", 1), s.meeting("7", 1)
	grouped.Value.State = string(schemas.StateGrouped)
	unmatched.Value.State, internal.Value.State = string(schemas.StateUnmatched), string(schemas.StateInternal)
	write(s, s.store.MeetingSink(), s.meeting("1", 1, "acme", "zeta"), s.meeting("2", 1, "acme", "acme"), unmatched, internal, grouped,
		s.meeting("5", 1, "acme"), other.meeting("6", 1, "acme"))
	write(s, s.store.MeetingSink(), sink.Row[schemas.MeetingRow]{Key: s.meetingID("5"), Version: 2})
	summary := s.entry("1", "summary", "text", 1)
	summary.Value.Kind = schemas.EntrySummary
	write(s, s.store.EntrySink(), summary, s.entry("1", "transcript:0", "text", 1), s.entry("1", "transcript:1", "text", 1),
		s.entry("1", "transcript:2", "text", 1), other.entry("6", "transcript:0", "text", 1))
	write(s, s.store.EntrySink(), sink.Row[schemas.Entry]{Key: s.entry("1", "transcript:2", "", 0).Key, Version: 2})
	write(s, s.store.ProgressSink(), event(s, 0, "1", "match", schemas.OutcomeDone, 1), event(s, 1, "2", "match", schemas.OutcomeDone, 2),
		event(s, 2, "2", "match", schemas.OutcomeStale, 3), event(&other, 3, "6", "match", schemas.OutcomeDone, 4))
	got, err := s.store.Tally(s.Context(), s.org)
	s.must(err)
	want := schemas.Tally{
		Meetings:  map[schemas.State]int{schemas.StateMatched: 2, schemas.StateUnmatched: 1, schemas.StateInternal: 1},
		ByCompany: map[string]int{"acme": 2, "zeta": 1},
		Entries:   map[string]int{schemas.EntryTranscript: 2, schemas.EntrySummary: 1},
		Progress:  map[string]int{"match/done": 2, "match/stale": 1},
	}
	if !reflect.DeepEqual(got, want) {
		s.Errorf("got  %+v\nwant %+v", got, want)
	}
	_, err = s.store.Tally(s.Context(), "")
	wantField(s, err, "org")
}

func sumsUpSources(s *suite[WholeStore]) {
	other := *s
	other.org += "x"
	late, gone := s.meeting("2", 1, "acme"), s.meeting("3", 1)
	late.Value.StartedAt = start.Add(time.Hour)
	late.Value.State = string(schemas.StateUnmatched)
	write(s, s.store.MeetingSink(), s.meeting("1", 1, "acme"), late, gone, other.meeting("4", 1, "acme"))
	write(s, s.store.MeetingSink(), sink.Row[schemas.MeetingRow]{Key: gone.Key, Version: 2})
	summary := s.entry("1", "summary", "text", 1)
	summary.Value.Kind = schemas.EntrySummary
	write(s, s.store.EntrySink(), summary, s.entry("1", "transcript:0", "text", 1), s.entry("1", "transcript:1", "text", 1), other.entry("4", "transcript:0", "text", 1))
	write(s, s.store.EntrySink(), sink.Row[schemas.Entry]{Key: s.entry("1", "transcript:1", "", 0).Key, Version: 2})
	got, err := s.store.Sources(s.Context(), s.org)
	s.must(err)
	want := []schemas.Holding{{
		Provider: schemas.Fathom, Meetings: 2, Searchable: 1, Newest: start.Add(time.Hour),
		Entries: map[string]int{schemas.EntryTranscript: 1, schemas.EntrySummary: 1},
	}}
	if !reflect.DeepEqual(got, want) {
		s.Errorf("got  %+v\nwant %+v", got, want)
	}
	_, err = s.store.Sources(s.Context(), "")
	wantField(s, err, "org")
}

func countsEntries(s *suite[WholeStore]) {
	row := s.meeting("1", 1, "acme")
	row.Value.Entries = 99
	write(s, s.store.MeetingSink(), row)
	write(s, s.store.EntrySink(), s.entry("1", "transcript:0", "a", 1), s.entry("1", "transcript:1", "b", 1), s.entry("2", "transcript:0", "c", 1))
	write(s, s.store.EntrySink(), sink.Row[schemas.Entry]{Key: s.entry("1", "transcript:1", "", 0).Key, Version: 2})
	all, err := s.store.Meetings(s.Context(), schemas.MeetingQuery{Scope: s.staff()})
	s.must(err)
	if len(all) != 1 || all[0].Entries != 1 {
		s.Errorf("got %+v, want one meeting with one entry", all)
	}
}
