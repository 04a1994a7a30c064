package match

import (
	"fmt"
	"slices"
	"testing"

	"leadline/schemas"
)

func TestFindingsAreAClosedList(t *testing.T) {
	t.Parallel()
	if !slices.IsSorted(schemas.Findings) {
		t.Error("the list is not sorted")
	}
	for f := range barredFor {
		if !slices.Contains(schemas.Findings, f) {
			t.Errorf("%s is not in it", f)
		}
	}
}

func TestLinksNameTheirEntryAndItsVersion(t *testing.T) {
	t.Parallel()
	link := func(entries ...schemas.DirectoryEntry) schemas.Link {
		t.Helper()
		v := verdictOf(t, meeting("h@own.example", "ann@acme.example"), entries...)
		if len(v.Links) != 1 {
			t.Fatalf("%d links", len(v.Links))
		}
		return v.Links[0]
	}
	first := link(company("acme", "acme.example"))
	if first.Entry != "company/acme" || len(first.EntryVersion) != 12 {
		t.Errorf("%+v", first)
	}
	renamed := company("acme", "https://ACME.example/")
	renamed.Company.Name, renamed.Company.Traits = "Acme plc", map[string]string{"plan": "gold"}
	if again := link(renamed); again.EntryVersion != first.EntryVersion {
		t.Error("the version changes with what matching does not read")
	}
	if other := link(company("acme", "acme.example", "other.example")); other.EntryVersion == first.EntryVersion {
		t.Error("the version stays when the domains change")
	}
	if l := link(endUser("ann", "", "ann@acme.example")); l.Entry != "end_user/ann" {
		t.Errorf("%+v", l)
	}
}

func TestConflictsAreListed(t *testing.T) {
	t.Parallel()
	d, err := NewDirectory("o", []schemas.DirectoryEntry{
		company("b", "x.example", "y.example"), company("a/1", "www.x.example"), company("c", "y.example", "Y.example"), company("d", "z.example", "z.example"),
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.Conflicts()
	if got := fmt.Sprint(all); err != nil || got != "[{x.example [a/1 b]} {y.example [b c]}]" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestSimulateSaysWhatAChangeWouldLinkAndUnlink(t *testing.T) {
	t.Parallel()
	var stored []*schemas.Meeting
	for i, invited := range []string{"ann@acme.example", "bob@other.example", "ida@own.example", "cyd@acme.example"} {
		email := invited
		stored = append(stored, MeetingOf(&schemas.MeetingRow{
			ID: schemas.MeetingID("o", "fathom", fmt.Sprint(i)), Org: "o", Host: schemas.Host{Email: "h@own.example"},
			Attendees: []schemas.Attendee{{Name: "Ann", Email: &email, External: true}, {Name: "Somebody"}},
		}))
	}
	directory := func(entries ...schemas.DirectoryEntry) *Directory {
		d, err := NewDirectory("o", entries)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	all, err := Simulate(stored,
		directory(company("acme", "acme.example"), endUser("ann", "acme", "ann@acme.example")),
		directory(company("acme", "other.example"), endUser("ann", "acme", "ann@acme.example"), sided("own.example", schemas.SideOutside)))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, d := range all {
		got += fmt.Sprintf("%s %s>%s +%v -%v; ", d.MeetingID, d.Before.State, d.After.State, d.Linked, d.Unlinked)
	}
	if want := "o/fathom/1 unmatched>matched +[company/acme] -[]; o/fathom/2 internal>unmatched +[] -[]; o/fathom/3 matched>unmatched +[] -[company/acme]; "; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
