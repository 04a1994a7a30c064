package match

import (
	"cmp"
	"slices"
	"strings"

	"leadline/schemas"
)

// Verdict is what matching says of a meeting.
type Verdict struct {
	State      schemas.State
	Reason     string // why there is no link, for people
	Links      []schemas.Link
	OwnDomains []string
	Matching   schemas.Matching
}

// outsider is somebody who led to no customer, and why.
type outsider struct {
	attendee
	considered schemas.Considered
}

// judgement is a verdict in the making.
type judgement struct {
	Verdict
	*view
	own       []ours
	others    []attendee // readable, and not ours
	outsiders []outsider
	known     bool // somebody took part whose address says something
	removed   []string
}

// judge applies the rules, and then what people decided by hand: a pure function
// of the meeting and the organisation's directory and hosts.
//
// With a call the attendees of its other recordings count like those of the
// meeting. Who is ours is the meeting's own affair: it goes into what a
// distillation is remembered by, and another recording must not make that new.
func judge(m *schemas.Meeting, v *view, call *schemas.Call) (Verdict, error) {
	j := judgement{view: v, Verdict: Verdict{Links: []schemas.Link{}, Matching: schemas.Matching{
		OwnAddresses: []string{}, Considered: []schemas.Considered{},
	}}}
	named := attendeesOf(m)
	for _, a := range named {
		if err := j.attend(a); err != nil {
			return Verdict{}, err
		}
	}
	named, err := j.outsideHost(m, named)
	if err != nil {
		return Verdict{}, err
	}
	if err := j.ownSide(m); err != nil {
		return Verdict{}, err
	}
	if isGrouped(m, call) {
		j.grouped(call)
		return j.Verdict, nil
	}
	for _, a := range others(m, call, named) {
		if err := j.attend(a); err != nil {
			return Verdict{}, err
		}
	}
	if err := j.decide(decidedOn(m, call)); err != nil {
		return Verdict{}, err
	}
	slices.SortFunc(j.Links, compareLinks)
	switch {
	case len(j.Links) > 0:
		j.State = schemas.StateMatched
	case len(j.outsiders) > 0 || len(j.removed) > 0:
		j.State, j.Reason = schemas.StateUnmatched, j.unmatchedReason()
	default:
		j.State, j.Reason = schemas.StateInternal, j.internalReason()
	}
	return j.Verdict, nil
}

func (j *judgement) consider(who, finding, name string, entries ...string) schemas.Considered {
	c := schemas.Considered{Attendee: who, Finding: finding, Name: name, Entries: append([]string{}, entries...)}
	j.Matching.Considered = append(j.Matching.Considered, c)
	return c
}

// attend follows one attendee. The end user's company wins over the domain's:
// the directory knows the person, the domain only where their mail goes. An end
// user without a known company still gets the domain's.
func (j *judgement) attend(a attendee) error {
	if a.out != "" {
		c := j.consider(a.shown, a.out, "")
		if a.out == schemas.FindingNotAnAddress || a.out == schemas.FindingNoAddress && a.external {
			j.known = true
			j.outsiders = append(j.outsiders, outsider{a, c})
		}
		return nil
	}
	j.known = true
	s, err := j.sideOf(a)
	if err != nil {
		return err
	}
	if s.is == schemas.SideOwn {
		j.consider(a.shown, schemas.FindingOwn, s.name)
		j.own = append(j.own, ours{a, s.name})
		return nil
	}
	j.others = append(j.others, a)
	people, err := j.endUsers(a.shown)
	if err != nil {
		return err
	}
	homeless := len(people) == 0
	var entries []string
	for _, p := range people {
		entries = append(entries, entryName(schemas.SortEndUser, p.id))
		l := schemas.Link{
			EndUserID: &p.id, Attendee: a.shown, Rule: schemas.RuleEmail, Matched: a.shown,
			Entry: entryName(schemas.SortEndUser, p.id), EntryVersion: p.version,
		}
		if p.company != "" {
			l.CompanyID = &p.company
		}
		homeless = homeless || p.company == ""
		j.Links = append(j.Links, l)
	}
	if len(people) > 0 {
		j.consider(a.shown, schemas.FindingEmail, a.shown, entries...)
	}
	if !homeless {
		return nil
	}
	c, err := j.byDomain(a, s)
	if err == nil && len(people) == 0 && c.Finding != schemas.FindingDomain && c.Finding != schemas.FindingIgnored {
		j.outsiders = append(j.outsiders, outsider{a, c})
	}
	return err
}

// byDomain follows an attendee's domain. The most specific one that a company
// has decides, also when it decides nothing: what its parent says would be a
// guess between the two that claim it.
func (j *judgement) byDomain(a attendee, s side) (schemas.Considered, error) {
	if s.is == schemas.SideIgnored {
		return j.consider(a.shown, schemas.FindingIgnored, s.name), nil
	}
	if a.barred != "" {
		return j.consider(a.shown, a.barred, ""), nil
	}
	for _, d := range a.domains {
		claims, err := j.claims(d)
		if err != nil {
			return schemas.Considered{}, err
		}
		var entries []string
		for _, c := range claims {
			entries = append(entries, entryName(schemas.SortCompany, c.id))
		}
		switch len(claims) {
		case 0:
			continue
		case 1:
			j.Links = append(j.Links, schemas.Link{
				CompanyID: &claims[0].id, Attendee: a.shown, Rule: schemas.RuleDomain, Matched: d,
				Entry: entries[0], EntryVersion: claims[0].version,
			})
			return j.consider(a.shown, schemas.FindingDomain, d, entries...), nil
		}
		return j.consider(a.shown, schemas.FindingConflict, d, entries...), nil
	}
	return j.consider(a.shown, schemas.FindingUnknown, ""), nil
}

func compareLinks(a, b schemas.Link) int {
	return cmp.Or(
		strings.Compare(text(a.CompanyID), text(b.CompanyID)), strings.Compare(text(a.EndUserID), text(b.EndUserID)),
		strings.Compare(a.Attendee, b.Attendee), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Matched, b.Matched))
}
