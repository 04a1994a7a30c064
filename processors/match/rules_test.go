package match

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"leadline/schemas"
)

// book is a directory that looks at every entry for each question: slow, and
// too plain to be wrong.
type book []schemas.DirectoryEntry

func (b book) endUsers(address_ string) ([]person, error) {
	var people []person
	for _, e := range b {
		if e.EndUser == nil {
			continue
		}
		for _, typed := range e.EndUser.Emails {
			if m, ok := address(typed); !ok || m.String() != address_ {
				continue
			}
			p := person{id: e.EndUser.ID}
			for _, c := range b {
				if c.Company != nil && e.EndUser.CompanyID != nil && c.Company.ID == *e.EndUser.CompanyID {
					p.company = c.Company.ID
				}
			}
			people = append(people, p)
			break
		}
	}
	slices.SortFunc(people, func(a, b person) int { return strings.Compare(a.id, b.id) })
	return people, nil
}

func (b book) claims(domain_ string) ([]string, error) {
	var companies []string
	for _, e := range b {
		if e.Company == nil {
			continue
		}
		for _, typed := range e.Company.Domains {
			if d, ok := companyDomain(typed); ok && d == domain_ {
				companies = append(companies, e.Company.ID)
				break
			}
		}
	}
	slices.Sort(companies)
	return companies, nil
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
	directory := book{
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
			"/ann2/email/ann@acme.example acme/ann/email/ann@acme.example", ""},
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
		{"a host at free mail is alone ours", "hana@gmail.com", []string{"hana@gmail.com"}, schemas.StateInternal, "", "host"},
		{"others at the host's free mail", "hana@gmail.com", []string{"hana@gmail.com", "new@gmail.com"}, schemas.StateUnmatched, "", "new@gmail.com"},
		{"a host without an address", "", []string{"ida@leadline.example"}, schemas.StateMatched, "acme/ours/email/ida@leadline.example", ""},
		{"nobody", host, nil, schemas.StateInternal, "", "nobody"},
		{"an empty address is nobody", host, []string{"", "  "}, schemas.StateInternal, "", "nobody"},
		{"what is no address matches nothing", host, []string{"Ann at acme.example"}, schemas.StateUnmatched, "", `"Ann at acme.example" is not`},
		{"a meeting room is nobody", host, []string{"c_188@resource.calendar.google.com"}, schemas.StateInternal, "", "nobody"},
		{"a note taker is nobody", host, []string{"fred@fireflies.ai"}, schemas.StateInternal, "", "nobody"},
		{"several companies", host, []string{"x@acme.example", "y@south.example", "x@acme.example", "X@acme.example."}, schemas.StateMatched,
			"acme//domain/acme.example south//domain/south.example", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v, err := links(meeting(c.host, c.invited...), directory)
			if err != nil {
				t.Fatal(err)
			}
			if v.state != c.state || told(v.links) != c.links {
				t.Errorf("%s [%s], want %s [%s]", v.state, told(v.links), c.state, c.links)
			}
			if !strings.Contains(v.reason, c.reason) || (v.reason == "") != (c.state == schemas.StateMatched) {
				t.Errorf("reason %q, want it to say %q", v.reason, c.reason)
			}
		})
	}
}

func TestSpeakersCountAndNamesDoNot(t *testing.T) {
	t.Parallel()
	directory := book{company("acme", "acme.example"), endUser("ann", "acme", "ann@acme.example")}
	m := meeting("hana@leadline.example")
	name, domain_ := "ann@acme.example", "acme.example"
	m.Invitees = []schemas.Invitee{{Name: &name, SpeakerName: &name, EmailDomain: &domain_, External: true}}
	m.Turns = []schemas.Turn{{Speaker: "ann@acme.example", Text: "Hello."}}
	if v, _ := links(m, directory); v.state != schemas.StateInternal {
		t.Errorf("a name or a bare domain made it %s", v.state)
	}
	email := "ann@acme.example"
	m.Turns[0].Email = &email
	if v, _ := links(m, directory); told(v.links) != "acme/ann/email/ann@acme.example" {
		t.Errorf("a speaker's address led to [%s]", told(v.links))
	}
}

func TestReasonNamesAFewAndCountsTheOthers(t *testing.T) {
	t.Parallel()
	var invited []string
	for i := range 40 {
		invited = append(invited, fmt.Sprintf("p%02d@x%02d.example", i, i))
	}
	v, err := links(meeting("h@leadline.example", invited...), book{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(v.reason, "and 35 more") || len(v.reason) > 1000 {
		t.Errorf("reason %q", v.reason)
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
