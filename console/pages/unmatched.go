package pages

import (
	"context"
	"net/http"
	"strings"

	"leadline/console"
	"leadline/schemas"
)

// Resolver writes what resolves a domain or an address. The pages call it for
// each form; twice the same changes nothing. An *schemas.InvalidQuery or a
// *console.NotFound says what the visitor got wrong.
type Resolver interface {
	Resolve(ctx context.Context, org string, r console.Resolution) (schemas.DirectoryLine, error)
}

const (
	pageUnmatched   = 50
	pageSuggestions = 50
	maxCompanies    = 1000
)

// suggestion is one with what can be done about it in one step.
type suggestion struct {
	console.Suggestion
	Address  bool   // it is an address, and not a domain
	Typed    string // what somebody wrote of it that could not be done
	Conflict bool   // companies that claim it have to give it up, which is no one step
}

type unmatchedPage struct {
	console.Unmatched
	Rows      []suggestion
	More      int                     // suggestions that are not shown
	Companies []schemas.DirectoryLine // to choose from, as one types
	CanSolve  bool
}

func (s *Site) unmatched(ctx context.Context, v *visit) (answer, error) {
	return s.unmatchedWith(ctx, v, 0, "")
}

func (s *Site) unmatchedWith(ctx context.Context, v *visit, status int, problem string) (answer, error) {
	found, err := s.local.Unmatched(ctx, v.session.org, pageUnmatched)
	if err != nil {
		return answer{}, err
	}
	made := unmatchedPage{
		Unmatched: found, CanSolve: s.Resolver != nil && v.session.may(schemas.RoleMember),
		More: max(0, len(found.Suggestions)-pageSuggestions),
	}
	for _, one := range found.Suggestions[:len(found.Suggestions)-made.More] {
		row := suggestion{Suggestion: one, Address: strings.Contains(one.Name, "@"), Conflict: one.Finding == schemas.FindingConflict}
		if one.Name == v.PostFormValue("name") {
			row.Typed = clip(400, v.PostFormValue("company"))
		}
		made.Rows = append(made.Rows, row)
	}
	made.Companies, err = s.local.Directory(ctx, schemas.DirectoryQuery{Org: v.session.org, Sort: schemas.SortCompany, Limit: maxCompanies})
	return answer{status: status, name: "unmatched", title: "Unmatched", problem: problem, data: made}, err
}

// resolve does one step for one domain or address. Earlier meetings come along.
func (s *Site) resolve(ctx context.Context, v *visit) (answer, error) {
	if s.Resolver == nil {
		return s.unmatched(ctx, v)
	}
	name, company := v.PostFormValue("name"), strings.TrimSpace(v.PostFormValue("company"))
	r, note := console.Resolution{Name: name}, ""
	switch v.PostFormValue("do") {
	case "ignore":
		r.Ignore, note = true, " is ignored from now on."
	case "company":
		id, err := console.CustomerID(ctx, s.local, v.session.org, company)
		if err != nil || company == "" {
			return s.unresolved(ctx, v, err, "Choose a company, or make one.")
		}
		r.Company, note = id, " belongs to "+company+" now. Its meetings follow."
	case "create":
		r.Create, note = &console.NewEntity{ID: idOf(name), Name: company}, " belongs to a new company now. Its meetings follow."
		if company == "" {
			return s.unresolved(ctx, v, nil, "Give the new company a name.")
		}
	case "person":
		r.Person, note = &console.NewEntity{ID: name, Name: company}, " is somebody now. Their meetings follow."
	}
	v.about = name
	if _, err := s.Resolver.Resolve(ctx, v.session.org, r); err != nil {
		return s.unresolved(ctx, v, err, "")
	}
	v.session.tell(clip(254, name) + note)
	return answer{to: "/unmatched"}, nil
}

func (s *Site) unresolved(ctx context.Context, v *visit, err error, why string) (answer, error) {
	if err != nil {
		if !isInvalid(err) && !isNotFound(err) {
			return answer{}, err
		}
		why = sentence(err)
	}
	return s.unmatchedWith(ctx, v, http.StatusUnprocessableEntity, why)
}

// idOf makes an id of a domain or an address that people can read.
func idOf(name string) string {
	return "co_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, strings.ToLower(name))
}
