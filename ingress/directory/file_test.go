package directory

import (
	"strings"
	"testing"
)

func TestReadFile(t *testing.T) {
	t.Parallel()
	entries, err := ReadFile("acme", strings.NewReader(`{
		"companies": [{"id": "c1", "name": "One", "domain": "https://www.One.example/", "domains": ["one.example", "@uno.example"]}],
		"end_users": [{"id": "u1", "email": "a@one.example", "name": "A", "company_id": "c1"}, {"id": "u2", "emails": ["b@one.example"], "company_id": ""}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(entries[0].Company.Domains, " "); got != "one.example uno.example" {
		t.Errorf("domains: %s", got)
	}
	if Key(entries[0]) != "acme/company/c1" || Key(entries[1]) != "acme/end_user/u1" || *entries[1].EndUser.CompanyID != "c1" {
		t.Errorf("%+v", entries)
	}
	if entries[2].EndUser.CompanyID != nil || entries[2].EndUser.Emails[0] != "b@one.example" {
		t.Errorf("%+v", entries[2].EndUser)
	}
}

func TestReadFileNamesEveryRefusedField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, org, in, want string }{
		{"not JSON", "acme", `{`, "decoding the directory file"},
		{"an unknown member", "acme", `{"companies":[{"id":"x","domain_names":["x.example"]}]}`, `unknown field "domain_names"`},
		{"an unknown list", "acme", `{"company":[{"id":"x"}]}`, `unknown field "company"`},
		{"two values", "acme", `{"companies":[]} {"companies":[{"id":"x"}]}`, "more than one value"},
		{"organisation", "A/B", `{"companies":[{"id":"x"}]}`, "organisation"},
		{"no id", "acme", `{"companies":[{"name":"x"}]}`, "companies[0]: id: missing"},
		{"twice", "acme", `{"end_users":[{"id":"x"},{"id":"x"}]}`, "end_users[1]: id: occurs twice"},
		{"zero width", "acme", `{"end_users":[{"id":"x","email":"a\u200b@b.example"}]}`, "end_users[0]: emails[0]: holds the invisible character U+200B"},
		{"wildcard", "acme", `{"companies":[{"id":"x","domain":"*.x.example"}]}`, `companies[0]: domains[0]: "*.x.example": wildcards are not needed`},
		{"public suffix", "acme", `{"companies":[{"id":"x","domains":["ok.example","co.uk"]}]}`, `companies[0]: domains[1]: "co.uk": a public suffix`},
		{"no domain", "acme", `{"companies":[{"id":"x","domain":"ann@x.example"}]}`, `companies[0]: domains[0]: "ann@x.example": not a domain`},
		{"long", "acme", `{"companies":[{"id":"x","name":"` + strings.Repeat("n", 501) + `"}]}`, "companies[0]: name: 501 bytes"},
		{"all of them", "acme", `{"companies":[{"id":""}],"end_users":[{"id":""}]}`, "end_users[0]: id: missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			entries, err := ReadFile(c.org, strings.NewReader(c.in))
			if err == nil || entries != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add([]byte(`{"companies":[{"id":"c","domain":"x.example"}],"end_users":[{"id":"u","email":"a@x.example"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		entries, err := ReadFile("acme", strings.NewReader(string(raw)))
		if err != nil {
			return
		}
		for _, e := range entries {
			if err := Check(e); err != nil || Key(e) == "" {
				t.Fatalf("accepted %+v: %v", e, err)
			}
		}
	})
}
