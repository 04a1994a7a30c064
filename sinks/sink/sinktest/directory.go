package sinktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Directory is the suite of a store of companies and end users.
func Directory(t *testing.T, open Open[DirectoryStore]) {
	t.Helper()
	tests := versions("directory", func(s *suite[DirectoryStore]) table[schemas.DirectoryEntry] {
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
	tests["an end user moves and goes"] = userMoves
	tests["companies come by name, of one organisation"] = listsCompanies
	tests["entries of every sort come back by pages, until they go"] = pagesDirectory
	tests["a key that belies its value is unstorable"] = lyingDirectory
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

func findsCustomers(s *suite[DirectoryStore]) {
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

func userMoves(s *suite[DirectoryStore]) {
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

func listsCompanies(s *suite[DirectoryStore]) {
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

func lyingDirectory(s *suite[DirectoryStore]) {
	org, id, sort, both, neither := company(s, 1, "a", "A"), company(s, 1, "b", "B"), company(s, 1, "c", "C"), company(s, 1, "d", "D"), company(s, 1, "e", "E")
	org.Value.Org = "another-org"
	id.Value.Company.ID = "z"
	sort.Key = schemas.DirectoryKey(s.org, schemas.SortEndUser, "c")
	both.Value.EndUser = &schemas.EndUser{ID: "d"}
	neither.Value.Company = nil
	// What is no customer is taken, and does not show among them.
	word := &schemas.Decision{MeetingID: schemas.MeetingID(s.org, "fathom", "1"), CompanyID: &id.Value.Company.ID, Linked: true}
	ours := &schemas.Side{Name: "own.example", Is: schemas.SideOwn}
	b := sink.Batch[schemas.DirectoryEntry]{org, id, sort, both, neither, company(s, 1, "f", "F"),
		{Key: s.org + "/company", Version: 1}, {Key: s.org + "/house/1", Version: 1}, endUser(s, 1, "slash/in/id", "f"),
		{Key: schemas.DirectoryKey(s.org, schemas.SortDecision, schemas.DecisionID(word)), Version: 1, Value: &schemas.DirectoryEntry{Org: s.org, Decision: word}},
		{Key: schemas.DirectoryKey(s.org, schemas.SortSide, "own.example"), Version: 1, Value: &schemas.DirectoryEntry{Org: s.org, Side: ours}},
		{Key: schemas.DirectoryKey(s.org, schemas.SortSide, "own.example"), Version: 2}}
	wantUnstorable(s, s.store.DirectorySink().Write(s.Context(), b), 0, 1, 2, 3, 4, 6, 7)
	s.visible()
	all, err := s.store.Companies(s.Context(), s.org)
	s.must(err)
	if len(all) != 1 || all[0].ID != "f" {
		s.Errorf("stored %+v, want the sound one", all)
	}
}

func pagesDirectory(s *suite[DirectoryStore]) {
	other := *s
	other.org += "x"
	word := func(s *suite[DirectoryStore], recording string) schemas.DirectoryEntry {
		return schemas.DirectoryEntry{Org: s.org, Decision: &schemas.Decision{
			MeetingID: schemas.MeetingID(s.org, schemas.Fathom, recording), CompanyID: ptr("c"), Linked: true, By: "ida", At: start,
		}}
	}
	all := map[string][]schemas.DirectoryEntry{
		schemas.SortDecision: {word(s, "1"), word(s, "2"), word(s, "3")},
		schemas.SortSide: {
			{Org: s.org, Side: &schemas.Side{Name: "a.example", Is: schemas.SideOwn}},
			{Org: s.org, Side: &schemas.Side{Name: "b@c.example", Is: schemas.SideIgnored}},
		},
		schemas.SortSameCall: {{Org: s.org, SameCall: &schemas.SameCall{
			MeetingID: schemas.MeetingID(s.org, schemas.Fathom, "1"), OtherID: schemas.MeetingID(s.org, schemas.Zoom, "2"), By: "ida", At: start,
		}}},
		schemas.SortSetting: {{Org: s.org, Setting: &schemas.Setting{Name: schemas.SettingUnmatched, Value: schemas.UnmatchedGeneral}}},
		schemas.SortCompany: {*company(s, 1, "1", "B").Value, *company(s, 1, "2", "A").Value, *company(s, 1, "a/b", "C").Value},
		schemas.SortEndUser: {*endUser(s, 1, "1", "1").Value, *endUser(s, 1, "2", "").Value},
	}
	var b sink.Batch[schemas.DirectoryEntry]
	put := func(version uint64, e schemas.DirectoryEntry, live bool) {
		sort, id, _ := e.Identity()
		r := sink.Row[schemas.DirectoryEntry]{Key: schemas.DirectoryKey(e.Org, sort, id), Version: version}
		if live {
			r.Value = &e
		}
		b = append(b, r)
	}
	for _, entries := range all {
		for _, e := range entries {
			put(2, e, true)
		}
	}
	put(1, word(&other, "1"), true)
	put(1, all[schemas.SortDecision][0], false) // older than what is there
	write(s, s.store.DirectorySink(), b...)
	for sort, want := range all {
		s.sameEntries(sort, want)
		_, id, _ := want[0].Identity()
		if _, found, err := s.store.DirectoryEntry(s.Context(), other.org+"x", sort, id); err != nil || found {
			s.Errorf("%s of another organisation is found (%v)", sort, err)
		}
	}
	b = nil
	for _, entries := range all {
		put(3, entries[0], false)
	}
	write(s, s.store.DirectorySink(), b...)
	for sort, want := range all {
		s.sameEntries(sort, want[1:])
	}
	_, err := s.store.DirectoryEntries(s.Context(), schemas.DirectoryQuery{Org: s.org, Sort: "house"})
	wantField(s, err, "sort")
	_, err = s.store.DirectoryEntries(s.Context(), schemas.DirectoryQuery{Sort: schemas.SortSide})
	wantField(s, err, "org")
}

// sameEntries reads them two at a time, and each alone.
func (s *suite[S]) sameEntries(sort string, want []schemas.DirectoryEntry) {
	s.Helper()
	store := any(s.store).(DirectoryStore)
	var got []schemas.DirectoryEntry
	for q := (schemas.DirectoryQuery{Org: s.org, Sort: sort, Limit: 2}); ; {
		page, err := store.DirectoryEntries(s.Context(), q)
		s.must(err)
		got = append(got, page...)
		if len(page) < q.Limit {
			break
		}
		_, q.After, _ = page[len(page)-1].Identity()
	}
	text := func(all []schemas.DirectoryEntry) string {
		var ids []string
		for _, e := range all {
			line, err := json.Marshal(schemas.LineOf(&e))
			s.must(err)
			ids = append(ids, string(line))
		}
		return strings.Join(ids, "\n")
	}
	if text(got) != text(want) {
		s.Errorf("%s:\ngot  %s\nwant %s", sort, text(got), text(want))
	}
	for _, w := range want {
		_, id, _ := w.Identity()
		e, found, err := store.DirectoryEntry(s.Context(), s.org, sort, id)
		s.must(err)
		if one := []schemas.DirectoryEntry{e}; !found || text(one) != text([]schemas.DirectoryEntry{w}) {
			s.Errorf("%s %s: %v %s", sort, id, found, text(one))
		}
	}
}
