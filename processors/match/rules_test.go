package match

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"leadline/schemas"
)

// verdictOf judges a meeting that is the organisation's only one.
func verdictOf(t *testing.T, m *schemas.Meeting, entries ...schemas.DirectoryEntry) Verdict {
	t.Helper()
	d, err := NewDirectory("o", entries)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Recorded(m); err != nil {
		t.Fatal(err)
	}
	v, err := Explain(m, d)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func company(id string, domains ...string) schemas.DirectoryEntry {
	return schemas.DirectoryEntry{Org: "o", Company: &schemas.Company{ID: id, Name: id, Domains: domains}}
}

func endUser(id, company string, emails ...string) schemas.DirectoryEntry {
	u := &schemas.EndUser{ID: id, Name: id, Emails: emails}
	if company != "" {
		u.CompanyID = &company
	}
	return schemas.DirectoryEntry{Org: "o", EndUser: u}
}

func meeting(host string, invited ...string) *schemas.Meeting {
	m := &schemas.Meeting{ID: "o/fathom/1", Org: "o", Provider: "fathom", RecordingID: "1", Host: schemas.Host{Name: "Host", Email: host}}
	for _, e := range invited {
		m.Invitees = append(m.Invitees, schemas.Invitee{Name: &e, Email: &e, External: true})
	}
	return m
}

// told writes links as company/end user/rule/matched.
func told(links []schemas.Link) string {
	var all []string
	for _, l := range links {
		all = append(all, fmt.Sprintf("%s/%s/%s/%s", text(l.CompanyID), text(l.EndUserID), l.Rule, l.Matched))
	}
	return strings.Join(all, " ")
}

func TestRules(t *testing.T) {
	t.Parallel()
	const host = "hana@leadline.example"
	directory := []schemas.DirectoryEntry{
		company("acme", "https://www.acme.example/", "Bücher.example"),
		company("emea", "emea.acme.example"),
		company("north", "shared.example"), company("south", "shared.example", "@south.example"),
		company("hoster", "github.io"), company("tenant", "tenant.github.io"),
		company("mailer", "gmail.com"), company("us", "leadline.example"), company("uk", "co.uk"),
		company("twice", "twice.example", "TWICE.example", "@twice.example"),
		endUser("ann", "acme", "Ann@Acme.example", "ann@gmail.com"),
		endUser("ann2", "", "ann@acme.example"),
		endUser("bob", "", "bob@acme.example"),
		endUser("cyd", "gone", "cyd@emea.acme.example"),
		endUser("dot", "south", "dot@acme.example"),
		endUser("desk", "acme", "support@acme.example"),
		endUser("free", "", "free@gmail.com"),
		endUser("tag", "acme", "eve+news@gmail.com"),
		endUser("ours", "acme", "ida@leadline.example"),
		company("fight1", "fight.acme.example"), company("fight2", "fight.acme.example"),
		endUser("pair1", "south", "pair@acme.example"), endUser("pair2", "", "pair@acme.example"),
		endUser("lone", "", "lone@shared.example"), endUser("it", "", "it@acme.example"),
		endUser("twin1", "north", "twin@other.example"), endUser("twin2", "south", "twin@other.example"),
	}
	for _, c := range []struct {
		name    string
		host    string
		invited []string
		state   schemas.State
		links   string
		reason  string // a part of it
	}{
		{"an end user and the company", host, []string{"ANN@acme.example"}, schemas.StateMatched,
			"/ann2/email/ann@acme.example acme//domain/acme.example acme/ann/email/ann@acme.example", ""},
		{"a second address of the end user", host, []string{"ann@gmail.com"}, schemas.StateMatched, "acme/ann/email/ann@gmail.com", ""},
		{"two end users with one address", host, []string{"twin@other.example"}, schemas.StateMatched,
			"north/twin1/email/twin@other.example south/twin2/email/twin@other.example", ""},
		{"no company of their own: the domain's", host, []string{"bob@acme.example"}, schemas.StateMatched,
			"/bob/email/bob@acme.example acme//domain/acme.example", ""},
		{"an unknown company: the domain's", host, []string{"cyd@emea.acme.example"}, schemas.StateMatched,
			"/cyd/email/cyd@emea.acme.example emea//domain/emea.acme.example", ""},
		{"their company wins over the domain's", host, []string{"dot@acme.example"}, schemas.StateMatched, "south/dot/email/dot@acme.example", ""},
		{"the exact domain", host, []string{"new@acme.example"}, schemas.StateMatched, "acme//domain/acme.example", ""},
		{"a parent of the domain", host, []string{"new@mail.eu.acme.example"}, schemas.StateMatched, "acme//domain/acme.example", ""},
		{"the most specific domain", host, []string{"new@x.emea.acme.example"}, schemas.StateMatched, "emea//domain/emea.acme.example", ""},
		{"an international domain", host, []string{"new@xn--bcher-kva.example"}, schemas.StateMatched, "acme//domain/xn--bcher-kva.example", ""},
		{"a domain typed three ways is no conflict", host, []string{"new@twice.example"}, schemas.StateMatched, "twice//domain/twice.example", ""},
		{"a claimed public suffix", host, []string{"new@other.github.io"}, schemas.StateUnmatched, "", "no company the domain other.github.io"},
		{"below a private suffix", host, []string{"new@tenant.github.io"}, schemas.StateMatched, "tenant//domain/tenant.github.io", ""},
		{"at a public suffix", host, []string{"new@co.uk"}, schemas.StateUnmatched, "", "nobody can register"},
		{"two companies claim it", host, []string{"new@shared.example"}, schemas.StateUnmatched, "", `conflict, 2 companies claim the domain shared.example ("north", "south")`},
		{"a conflict takes nothing else away", host, []string{"new@shared.example", "new@acme.example"}, schemas.StateMatched, "acme//domain/acme.example", ""},
		{"free mail by domain", host, []string{"new@gmail.com"}, schemas.StateUnmatched, "", "anybody can get an address"},
		{"below free mail", host, []string{"new@x.gmail.com"}, schemas.StateUnmatched, "", "anybody can get an address"},
		{"free mail by address", host, []string{"free@gmail.com"}, schemas.StateMatched, "/free/email/free@gmail.com", ""},
		{"a role mailbox by domain", host, []string{"info@acme.example", "Support+1@acme.example"}, schemas.StateUnmatched, "", "shared mailbox"},
		{"a role mailbox by address", host, []string{"support@acme.example"}, schemas.StateMatched, "acme/desk/email/support@acme.example", ""},
		{"a plus address is somebody else", host, []string{"eve@gmail.com", "ann+x@gmail.com"}, schemas.StateUnmatched, "", "eve@gmail.com"},
		{"a plus address by address", host, []string{"eve+news@gmail.com"}, schemas.StateMatched, "acme/tag/email/eve+news@gmail.com", ""},
		{"a plus address by domain", host, []string{"new+x@acme.example"}, schemas.StateMatched, "acme//domain/acme.example", ""},
		{"our own, whatever the directory says", host, []string{"ida@leadline.example", "jon@eu.leadline.example"}, schemas.StateInternal, "", "leadline.example"},
		{"like our own is not our own", host, []string{"jon@notleadline.example"}, schemas.StateUnmatched, "", "jon@notleadline.example"},
		{"a host below our domain", "hana@eu.leadline.example", []string{"ida@leadline.example"}, schemas.StateInternal, "", "leadline.example"},
		{"a host at free mail is alone ours", "hana@gmail.com", []string{"hana@gmail.com"}, schemas.StateInternal, "", "only our own people"},
		{"others at the host's free mail", "hana@gmail.com", []string{"hana@gmail.com", "new@gmail.com"}, schemas.StateUnmatched, "", "new@gmail.com"},
		{"a host without an address", "", []string{"ida@leadline.example"}, schemas.StateMatched, "acme/ours/email/ida@leadline.example", ""},
		{"nobody", host, nil, schemas.StateInternal, "", "nobody"},
		{"an empty address is nobody", host, []string{"", "  "}, schemas.StateInternal, "", "nobody"},
		{"what is no address matches nothing", host, []string{"Ann at acme.example"}, schemas.StateUnmatched, "", `"Ann at acme.example" is not`},
		{"a meeting room is nobody", host, []string{"c_188@resource.calendar.google.com"}, schemas.StateInternal, "", "nobody"},
		{"a note taker is nobody", host, []string{"fred@fireflies.ai"}, schemas.StateInternal, "", "nobody"},
		{"one of two end users has no company", host, []string{"pair@acme.example"}, schemas.StateMatched,
			"/pair2/email/pair@acme.example acme//domain/acme.example south/pair1/email/pair@acme.example", ""},
		{"a role mailbox of several words", host, []string{"customer-success@acme.example", "no_reply@acme.example"}, schemas.StateUnmatched, "", "shared mailbox"},
		{"a quoted local part", host, []string{`"ann lee"@acme.example`}, schemas.StateMatched, "acme//domain/acme.example", ""},
		{"a conflict and its parent", host, []string{"new@x.fight.acme.example"}, schemas.StateUnmatched, "", "conflict, 2 companies claim the domain fight.acme.example"},
		{"an end user without a company and a conflict", host, []string{"lone@shared.example"}, schemas.StateMatched, "/lone/email/lone@shared.example", ""},
		{"an end user without a company at a role mailbox", host, []string{"it@acme.example"}, schemas.StateMatched, "/it/email/it@acme.example", ""},
		{"a calendar that hosts owns nothing", "c_188@resource.calendar.google.com", []string{"new@google.com"}, schemas.StateUnmatched, "", "new@google.com"},
		{"several companies", host, []string{"x@acme.example", "y@south.example", "x@acme.example", "X@acme.example."}, schemas.StateMatched,
			"acme//domain/acme.example south//domain/south.example", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := verdictOf(t, meeting(c.host, c.invited...), directory...)
			if v.State != c.state || told(v.Links) != c.links {
				t.Errorf("%s [%s], want %s [%s]", v.State, told(v.Links), c.state, c.links)
			}
			if !strings.Contains(v.Reason, c.reason) || (v.Reason == "") != (c.state == schemas.StateMatched) {
				t.Errorf("reason %q, want it to say %q", v.Reason, c.reason)
			}
		})
	}
}

func TestSpeakersCountAndNamesDoNot(t *testing.T) {
	t.Parallel()
	directory := []schemas.DirectoryEntry{company("acme", "acme.example"), endUser("ann", "acme", "ann@acme.example")}
	m := meeting("hana@leadline.example")
	name, domain_ := "ann@acme.example", "acme.example"
	m.Invitees = []schemas.Invitee{{Name: &name, SpeakerName: &name, EmailDomain: &domain_, External: true}}
	m.Turns = []schemas.Turn{{Speaker: "ann@acme.example", Text: "Hello."}}
	if v := verdictOf(t, m, directory...); v.State != schemas.StateUnmatched || len(v.Links) > 0 {
		t.Errorf("a name or a bare domain made it %s with [%s]", v.State, told(v.Links))
	}
	email := "ann@acme.example"
	m.Turns[0].Email = &email
	if v := verdictOf(t, m, directory...); told(v.Links) != "acme/ann/email/ann@acme.example" {
		t.Errorf("a speaker's address led to [%s]", told(v.Links))
	}
}

func TestReasonNamesAFewAndCountsTheOthers(t *testing.T) {
	t.Parallel()
	var invited []string
	for i := range 40 {
		invited = append(invited, fmt.Sprintf("p%02d@x%02d.example", i, i))
	}
	v := verdictOf(t, meeting("h@leadline.example", invited...))
	if !strings.HasSuffix(v.Reason, "and 35 more") || len(v.Reason) > 1000 {
		t.Errorf("reason %q", v.Reason)
	}
}

func TestKeysOfDifferentNamesDiffer(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "a/b", "a%2Fb", "a%252Fb", "%", "/", "", "//", "a/", "/b", "e", "e/a", "\x00", "a\x00b"}
	seen := make(map[string]string)
	for _, org := range names {
		for _, first := range names {
			for _, second := range names {
				id, _ := json.Marshal([]string{org, first, second})
				for k, as := range map[string]string{pair(org, "e", first, second): "pair", key(org, "e", first+second): "key"} {
					if as == "key" {
						id, _ = json.Marshal([]string{org, first + second})
					}
					if other, taken := seen[k]; taken && other != string(id) {
						t.Fatalf("%s and %s share the key %q", other, id, k)
					}
					seen[k] = string(id)
				}
				if got := unescape.Replace(escape.Replace(second)); got != second {
					t.Fatalf("%q comes back as %q", second, got)
				}
			}
		}
	}
}

// Zoom knows no address of a guest who did not register, and does know that he is
// from outside: a call with a customer is not internal for that.
func TestAGuestWithoutAnAddressIsFromOutside(t *testing.T) {
	t.Parallel()
	named := func(name string, external bool) schemas.Invitee {
		return schemas.Invitee{Name: &name, External: external}
	}
	for name, c := range map[string]struct {
		invited []schemas.Invitee
		state   schemas.State
		reason  string
	}{
		"a guest":                    {[]schemas.Invitee{named("Gus", true)}, schemas.StateUnmatched, `"Gus"`},
		"one of us, not signed in":   {[]schemas.Invitee{named("Ida", false)}, schemas.StateInternal, "our own domain leadline.example"},
		"a guest of two sessions":    {[]schemas.Invitee{named("Gus", false), named("Gus", true)}, schemas.StateUnmatched, `"Gus"`},
		"the host, by telephone too": {[]schemas.Invitee{named(" host ", true)}, schemas.StateInternal, "our own domain leadline.example"},
		"who has an address as well": {[]schemas.Invitee{named("IDA@leadline.example", true), meeting("", "ida@leadline.example").Invitees[0]}, schemas.StateInternal, "our own"},
		"a guest and a customer":     {[]schemas.Invitee{named("Gus", true), meeting("", "ann@acme.example").Invitees[0]}, schemas.StateMatched, ""},
	} {
		m := meeting("hana@leadline.example", "hana@leadline.example")
		m.Invitees = append(m.Invitees, c.invited...)
		v := verdictOf(t, m, company("acme", "acme.example"))
		if v.State != c.state || !strings.Contains(v.Reason, c.reason) || strings.Contains(v.Reason, "no end user has this address") {
			t.Errorf("%s: %s, %q", name, v.State, v.Reason)
		}
	}
}

// Another recording of the call may know the same person by name alone.
func TestSomebodyKnownByOneRecordingIsNoStrangerInAnother(t *testing.T) {
	t.Parallel()
	ida, email := "Ida Berg", "ida@leadline.example"
	m := meeting("hana@leadline.example")
	m.Invitees = []schemas.Invitee{{Name: &ida, Email: &email}}
	d, err := NewDirectory("o", nil)
	if err == nil {
		err = d.Recorded(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]schemas.State{"ida berg": schemas.StateInternal, "Gus": schemas.StateUnmatched} {
		call := &schemas.Call{Canonical: m.ID, People: []schemas.Invitee{{Name: &name, External: true}}}
		if v, err := judge(m, newView(d.held, "o"), call); err != nil || v.State != want {
			t.Errorf("%s: %s, %v", name, v.State, err)
		}
	}
}
