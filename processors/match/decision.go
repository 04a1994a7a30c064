package match

import (
	"slices"
	"strings"

	"leadline/schemas"
)

// What a decision says, in the state.
const (
	handLinked   = "linked"
	handUnlinked = "unlinked"
)

// decide lets what people decided win over the rules. Taking a company off takes
// its people's links too: what it is about is not the company's. A person who is
// taken off leaves the company where it is.
func (j *judgement) decide(meetings []string) error {
	all, err := j.decisionsOn(meetings)
	if err != nil || len(all) == 0 {
		return err
	}
	off := make(map[string]bool) // by hand, and with that out of reach of the rules and of other decisions
	for _, d := range all {
		if d.linked {
			continue
		}
		off[d.customer] = true
		j.consider("", schemas.FindingHandUnlinked, "", d.customer)
	}
	j.Links = slices.DeleteFunc(j.Links, func(l schemas.Link) bool {
		gone := l.CompanyID != nil && off[entryName(schemas.SortCompany, *l.CompanyID)]
		if gone {
			j.removed = append(j.removed, entryName(schemas.SortCompany, *l.CompanyID))
		}
		return gone
	})
	for i, l := range j.Links {
		if l.EndUserID != nil && off[entryName(schemas.SortEndUser, *l.EndUserID)] {
			j.removed = append(j.removed, entryName(schemas.SortEndUser, *l.EndUserID))
			j.Links[i].EndUserID = nil
		}
	}
	j.Links = slices.DeleteFunc(j.Links, func(l schemas.Link) bool { return l.CompanyID == nil && l.EndUserID == nil })
	for _, d := range all {
		if !d.linked {
			continue
		}
		if err := j.putOn(d, off); err != nil {
			return err
		}
	}
	return nil
}

// decisionsOn are those on the recordings of a call; of two on one customer that
// of the earlier recording in the list counts.
func (j *judgement) decisionsOn(meetings []string) ([]decision, error) {
	var all []decision
	for _, m := range meetings {
		more, err := j.decisions(m)
		if err != nil {
			return nil, err
		}
		for _, d := range more {
			if !slices.ContainsFunc(all, func(e decision) bool { return e.customer == d.customer }) {
				all = append(all, d)
			}
		}
	}
	slices.SortFunc(all, func(a, b decision) int { return strings.Compare(a.customer, b.customer) })
	return all, nil
}

// putOn links by hand. A customer who leaves the directory takes the link along,
// and has it again when they come back.
func (j *judgement) putOn(d decision, off map[string]bool) error {
	sort, id := cutEntry(d.customer)
	l := schemas.Link{Rule: schemas.RuleHand, EntryVersion: d.version}
	word := &schemas.Decision{MeetingID: d.meeting}
	var known bool
	var err error
	if sort == schemas.SortCompany {
		l.CompanyID, word.CompanyID = &id, &id
		known, err = j.company(id)
	} else {
		var p person
		p, known, err = j.endUser(id)
		l.EndUserID, word.EndUserID = &id, &id
		if p.company != "" && !off[entryName(schemas.SortCompany, p.company)] {
			l.CompanyID = &p.company
		}
	}
	if err != nil {
		return err
	}
	if !known {
		j.consider("", schemas.FindingHandGone, "", d.customer)
		return nil
	}
	j.consider("", schemas.FindingHandLinked, "", d.customer)
	l.Entry = entryName(schemas.SortDecision, schemas.DecisionID(word))
	j.Links = append(j.Links, l)
	return nil
}
