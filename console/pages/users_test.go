package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"leadline/schemas"
)

// users keeps them as console/people does.
type users struct{ all []schemas.User }

func (u *users) User(org, email string) (schemas.User, bool, error) {
	for _, one := range u.all {
		if one.Org == org && one.Email == email {
			return one, true, nil
		}
	}
	return schemas.User{}, false, nil
}

func (u *users) Users(org, email string) (found []schemas.User, _ error) {
	for _, one := range u.all {
		if (org == "" || one.Org == org) && (email == "" || one.Email == email) {
			found = append(found, one)
		}
	}
	return found, nil
}

func (u *users) Put(ctx context.Context, one schemas.User) error {
	if !strings.Contains(one.Email, "@") {
		return &schemas.InvalidQuery{Field: "email", Problem: "is no e-mail address"}
	}
	_ = u.Remove(ctx, one.Org, one.Email)
	u.all = append(u.all, one)
	return nil
}

func (u *users) Remove(_ context.Context, org, email string) error {
	var left []schemas.User
	for _, one := range u.all {
		if one.Org != org || one.Email != email {
			left = append(left, one)
		}
	}
	u.all = left
	return nil
}

// ledger keeps what was changed.
type ledger struct{ all []schemas.AuditEntry }

func (l *ledger) Note(_ context.Context, e schemas.AuditEntry) error {
	l.all = append(l.all, e)
	return nil
}

func (l *ledger) Last(context.Context, string, int) ([]schemas.AuditEntry, error) {
	return []schemas.AuditEntry{{Org: org, At: began, Who: hostile, Role: schemas.RoleAdmin, Action: "rules", About: hostile, Result: schemas.AuditDone}}, nil
}

// signInAs takes the link that an admin makes for somebody.
func (r *rig) signInAs(role string) *rig {
	r.Helper()
	r.signIn()
	form := url.Values{"csrf": {r.csrf()}, "do": {"put"}, "email": {"ida@harbour.example"}, "role": {role}}
	if w := r.do(http.MethodPost, "/users", form); w.Code != http.StatusSeeOther {
		r.Fatalf("adding a user: %d %.2000s", w.Code, w.Body)
	}
	form.Set("do", "link")
	w := r.do(http.MethodPost, "/users", form)
	_, rest, _ := strings.Cut(w.Body.String(), `value="/signin?code=`)
	code, _, found := strings.Cut(rest, `"`)
	if !found {
		r.Fatalf("no link: %d %.2000s", w.Code, w.Body)
	}
	r.cookie = ""
	w = r.do(http.MethodPost, "/signin", url.Values{"code": {code}})
	if len(w.Result().Cookies()) != 1 {
		r.Fatalf("signing in as %s: %d %s", role, w.Code, w.Body)
	}
	r.cookie = w.Result().Cookies()[0].Value
	return r
}

func TestRolesPermitWhatTheySay(t *testing.T) {
	t.Parallel()
	const connection = "recorder=fathom&name=default"
	for role, may := range map[string]map[string]bool{
		schemas.RoleReadOnly: {},
		schemas.RoleMember:   {"unmatched": true, "rules": true, "integration/sync": true},
		schemas.RoleAdmin:    {"unmatched": true, "rules": true, "integration/sync": true, "integration/ingest": true, "integration/end": true, "integrations": true, "deadletters": true, "users": true},
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			r := newRig(t).signInAs(role)
			csrf := r.anyCSRF("/meetings")
			for path, form := range map[string]string{
				"unmatched": "do=ignore&name=birch.example", "rules": "do=off&id=topic-1&version=3", "integration/sync": connection, "integration/ingest": connection,
				"integration/end": connection, "integrations": "recorder=fathom&credential=good&look_back=30", "deadletters": "at=" + at,
				"users": "do=put&email=bo@harbour.example&role=member",
			} {
				values, err := url.ParseQuery(form)
				if err != nil {
					t.Fatal(err)
				}
				values.Set("csrf", csrf)
				want, result := http.StatusForbidden, schemas.AuditRefused
				if may[path] {
					want, result = http.StatusSeeOther, schemas.AuditDone
				}
				if w := r.do(http.MethodPost, "/"+path, values); w.Code != want {
					t.Errorf("%s: %d, want %d", path, w.Code, want)
				}
				last := r.log.all[len(r.log.all)-1]
				if last.Who != "ida@harbour.example" || last.Role != role || last.Result != result || last.Action != strings.ReplaceAll(path, "/", " ") {
					t.Errorf("%s is in the log as %+v", path, last)
				}
			}
			for _, path := range []string{"/users", "/changes", "/deadletter?at=" + at, "/integration/end?" + connection} {
				want := http.StatusForbidden
				if role == schemas.RoleAdmin {
					want = http.StatusOK
				}
				if w := r.do(http.MethodGet, path, nil); w.Code != want {
					t.Errorf("%s: %d, want %d", path, w.Code, want)
				}
			}
		})
	}
}

// anyCSRF is the token of a page's forms.
func (r *rig) anyCSRF(path string) string {
	r.Helper()
	tree, _ := r.read(path)
	for _, input := range all(tree, "input") {
		if attribute(input, "name") == "csrf" {
			return attribute(input, "value")
		}
	}
	r.Fatalf("no form of %s has a token", path)
	return ""
}

func TestWhoIsRemovedSeesNothingMoreAndWhoIsLoweredLess(t *testing.T) {
	t.Parallel()
	r := newRig(t).signInAs(schemas.RoleAdmin)
	if w := r.do(http.MethodGet, "/users", nil); w.Code != http.StatusOK {
		t.Fatalf("an admin: %d", w.Code)
	}
	if err := r.people.Put(t.Context(), schemas.User{Org: org, Email: "ida@harbour.example", Role: schemas.RoleReadOnly}); err != nil {
		t.Fatal(err)
	}
	if w := r.do(http.MethodGet, "/users", nil); w.Code != http.StatusForbidden {
		t.Errorf("lowered: %d", w.Code)
	}
	if err := r.people.Remove(t.Context(), org, "ida@harbour.example"); err != nil {
		t.Fatal(err)
	}
	if w := r.do(http.MethodGet, "/meetings", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/signin" {
		t.Errorf("removed: %d", w.Code)
	}
}
