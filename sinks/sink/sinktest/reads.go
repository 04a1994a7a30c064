package sinktest

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Reads is the suite of a store that holds everything: the directory, and what
// is read from several tables together.
func Reads(t *testing.T, open Open[WholeStore]) {
	t.Helper()
	tests := versions("directory", func(s *suite[WholeStore]) table[schemas.DirectoryEntry] {
		id := func(n int) string { return fmt.Sprint("company", n) }
		return table[schemas.DirectoryEntry]{
			sink: s.store.DirectorySink(),
			row: func(n int, version uint64, text string) sink.Row[schemas.DirectoryEntry] {
				return company(s, version, id(n), text)
			},
			read: func(n int) (string, uint64, bool) {
				c, found, err := s.store.Customer(s.Context(), s.staff(), id(n))
				s.must(err)
				version, _ := strconv.ParseUint(c.Company.Traits["version"], 10, 64)
				return c.Company.Name, version, found
			},
		}
	})
	tests["a customer is found by id, name and domain"] = findsCustomers
	tests["a customer is summed up within the scope"] = sumsUp
	tests["an end user moves and goes"] = userMoves
	tests["companies come by name, of one organisation"] = listsCompanies
	tests["a key that belies its value is unstorable"] = lyingDirectory
	tests["a tally counts what is there"] = tallies
	tests["a meeting counts its entries in the store"] = countsEntries
	for name, test := range tests {
		open.each(t, name, test)
	}
}

func company[S any](s *suite[S], version uint64, id, name string, domains ...string) sink.Row[schemas.DirectoryEntry] {
	return sink.Row[schemas.DirectoryEntry]{
		Key: schemas.DirectoryKey(s.org, schemas.SortCompany, id), Version: version,
		Value: &schemas.DirectoryEntry{Org: s.org, Company: &schemas.Company{
			ID: id, Name: name, Domains: domains, Traits: map[string]string{"version": fmt.Sprint(version)},
		}},
	}
}

func endUser[S any](s *suite[S], version uint64, id, companyID string) sink.Row[schemas.DirectoryEntry] {
	u := &schemas.EndUser{ID: id, Name: "Name of " + id, Emails: []string{id + "@example.com"}}
	if companyID != "" {
		u.CompanyID = &companyID
	}
	return sink.Row[schemas.DirectoryEntry]{
		Key: schemas.DirectoryKey(s.org, schemas.SortEndUser, id), Version: version,
		Value: &schemas.DirectoryEntry{Org: s.org, EndUser: u},
	}
}

func findsCustomers(s *suite[WholeStore]) {
	other := *s
	other.org += "x"
	write(s, s.store.DirectorySink(),
		company(s, 1, "c1", "Acme Works", "acme.example", "acme.test"), company(s, 1, "c2", "Zeta", "zeta.example"),
		company(s, 1, "c3", "c1"), company(s, 1, "c4", "Zeta"), company(s, 1, "c5", "Old Name", "old.example"),
		company(s, 1, "c6", "Gone", "gone.example"), company(&other, 1, "c7", "Elsewhere", "elsewhere.example"))
	write(s, s.store.DirectorySink(), company(s, 2, "c5", "New Name"),
		sink.Row[schemas.DirectoryEntry]{Key: schemas.DirectoryKey(s.org, schemas.SortCompany, "c6"), Version: 2})
	for name, want := range map[string]string{
		"c1": "c1", "acme works": "c1", "ACME WORKS ": "c1", "Acme.Test": "c1", "zeta": "c2", "zeta.example": "c2", "c3": "c3", "c4": "c4",
		"new name": "c5", "old name": "", "old.example": "", "gone": "", "gone.example": "", "c6": "",
		"c7": "", "elsewhere": "", "acme": "", "%": "", "": "", "C1": "c3",
	} {
		got, found, err := s.store.Customer(s.Context(), s.staff(), name)
		s.must(err)
		if found != (want != "") || got.Company.ID != want {
			s.Errorf("%q finds %q (%v), want %q", name, got.Company.ID, found, want)
		}
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

func userMoves(s *suite[WholeStore]) {
	count := func(id string) int {
		c, found, err := s.store.Customer(s.Context(), s.staff(), id)
		s.must(err)
		if !found {
			s.Fatalf("company %s is not there", id)
		}
		return len(c.EndUsers)
	}
	write(s, s.store.DirectorySink(), company(s, 1, "acme", "Acme"), company(s, 1, "zeta", "Zeta"), endUser(s, 1, "ines", "acme"))
	write(s, s.store.DirectorySink(), endUser(s, 2, "ines", "zeta"))
	write(s, s.store.DirectorySink(), endUser(s, 1, "ines", "acme"))
	if a, z := count("acme"), count("zeta"); a != 0 || z != 1 {
		s.Errorf("after the move acme has %d end users and zeta %d", a, z)
	}
	write(s, s.store.DirectorySink(), sink.Row[schemas.DirectoryEntry]{Key: schemas.DirectoryKey(s.org, schemas.SortEndUser, "ines"), Version: 3})
	if z := count("zeta"); z != 0 {
		s.Errorf("zeta still has %d end users", z)
	}
}

func listsCompanies(s *suite[WholeStore]) {
	other := *s
	other.org += "x"
	write(s, s.store.DirectorySink(), company(s, 1, "3", "Beta"), company(s, 1, "1", "Gamma"), company(s, 1, "2", "Alpha"),
		company(s, 1, "0", "Beta"), company(&other, 1, "9", "Alpha"), endUser(s, 1, "u", "1"))
	all, err := s.store.Companies(s.Context(), s.org)
	s.must(err)
	var ids []string
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	if want := []string{"2", "0", "3", "1"}; !slices.Equal(ids, want) {
		s.Errorf("got %v, want %v", ids, want)
	}
	_, err = s.store.Companies(s.Context(), "")
	wantField(s, err, "org")
}

func lyingDirectory(s *suite[WholeStore]) {
	org, id, sort, both, neither := company(s, 1, "a", "A"), company(s, 1, "b", "B"), company(s, 1, "c", "C"), company(s, 1, "d", "D"), company(s, 1, "e", "E")
	org.Value.Org = "another-org"
	id.Value.Company.ID = "z"
	sort.Key = schemas.DirectoryKey(s.org, schemas.SortEndUser, "c")
	both.Value.EndUser = &schemas.EndUser{ID: "d"}
	neither.Value.Company = nil
	b := sink.Batch[schemas.DirectoryEntry]{org, id, sort, both, neither, company(s, 1, "f", "F"),
		{Key: s.org + "/company", Version: 1}, {Key: s.org + "/house/1", Version: 1}, endUser(s, 1, "slash/in/id", "f")}
	wantUnstorable(s, s.store.DirectorySink().Write(s.Context(), b), 0, 1, 2, 3, 4, 6, 7)
	s.visible()
	all, err := s.store.Companies(s.Context(), s.org)
	s.must(err)
	if len(all) != 1 || all[0].ID != "f" {
		s.Errorf("stored %+v, want the sound one", all)
	}
}

func tallies(s *suite[WholeStore]) {
	other := *s
	other.org += "x"
	unmatched, internal := s.meeting("3", 1), s.meeting("4", 1)
	unmatched.Value.State, internal.Value.State = string(schemas.StateUnmatched), string(schemas.StateInternal)
	write(s, s.store.MeetingSink(), s.meeting("1", 1, "acme", "zeta"), s.meeting("2", 1, "acme", "acme"), unmatched, internal,
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
