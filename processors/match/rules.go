package match

import (
	"cmp"
	"slices"
	"strings"

	"leadline/schemas"
)

// lookups is what the rules ask of the directory, as often as they like. An
// error means that the directory could not be read and nothing is known.
type lookups interface {
	// endUsers returns who has the address, in rising order of ids.
	endUsers(address string) ([]person, error)
	// claims returns the companies that have exactly this domain, in rising order.
	claims(domain string) ([]string, error)
}

// person is an end user who has an address.
type person struct {
	id      string
	company string // empty unless the directory has it
}

// verdict is what matching says of a meeting.
type verdict struct {
	state  schemas.State
	reason string
	links  []schemas.Link
	own    []string
}

// links applies the rules: a pure function of the meeting and the directory.
func links(m *schemas.Meeting, directory lookups) (verdict, error) {
	v := verdict{links: []schemas.Link{}, own: ownSideOf(m).domains()}
	var outside []stranger
	someone := false
	for _, a := range attendeesOf(m) {
		someone = true
		if a.own {
			continue
		}
		found, why, err := linksOf(a, directory)
		if err != nil {
			return verdict{}, err
		}
		v.links = append(v.links, found...)
		if len(found) == 0 {
			outside = append(outside, why)
		}
	}
	slices.SortFunc(v.links, compareLinks)
	switch {
	case len(v.links) > 0:
		v.state = schemas.StateMatched
	case len(outside) > 0:
		v.state, v.reason = schemas.StateUnmatched, unmatchedReason(outside)
	default:
		v.state, v.reason = schemas.StateInternal, internalReason(someone, v.own)
	}
	return v, nil
}

// linksOf follows one attendee. The end user's company wins over the domain's:
// the directory knows the person, the domain only where their mail goes. Without
// a known company the domain still says whose they are.
func linksOf(a attendee, directory lookups) ([]schemas.Link, stranger, error) {
	if !a.readable {
		return nil, stranger{attendee: a}, nil
	}
	name := a.mailbox.String()
	people, err := directory.endUsers(name)
	if err != nil {
		return nil, stranger{}, err
	}
	var found []schemas.Link
	employed := false
	for _, p := range people {
		l := schemas.Link{EndUserID: &p.id, Attendee: name, Rule: schemas.RuleEmail, Matched: name}
		if p.company != "" {
			employed = true
			l.CompanyID = &p.company
		}
		found = append(found, l)
	}
	if employed {
		return found, stranger{}, nil
	}
	for _, d := range a.domains {
		claims, err := directory.claims(d)
		if err != nil {
			return nil, stranger{}, err
		}
		switch len(claims) {
		case 0:
			continue
		case 1:
			found = append(found, schemas.Link{CompanyID: &claims[0], Attendee: name, Rule: schemas.RuleDomain, Matched: d})
			return found, stranger{}, nil
		}
		// The most specific domain decides, also when it decides nothing: what its
		// parent says would be a guess between the two that claim it.
		return found, stranger{attendee: a, disputed: d, claims: claims}, nil
	}
	return found, stranger{attendee: a}, nil
}

func compareLinks(a, b schemas.Link) int {
	return cmp.Or(
		strings.Compare(text(a.CompanyID), text(b.CompanyID)), strings.Compare(text(a.EndUserID), text(b.EndUserID)),
		strings.Compare(a.Attendee, b.Attendee), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Matched, b.Matched))
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
