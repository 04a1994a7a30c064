package match

import (
	"fmt"
	"slices"

	"leadline/schemas"
)

// Difference is what another directory would make of a meeting.
type Difference struct {
	MeetingID        string
	Before, After    Verdict
	Linked, Unlinked []string // customers, company/ID or end_user/ID, in rising order
}

// Simulate says which meetings of an organisation would have other customers or
// another state if the directory were after instead of before. It writes
// nothing; the meetings' hosts are told to both.
func Simulate(meetings []*schemas.Meeting, before, after *Directory) ([]Difference, error) {
	for _, m := range meetings {
		for _, d := range []*Directory{before, after} {
			if err := d.Recorded(m); err != nil {
				return nil, fmt.Errorf("taking in the host of %s: %w", m.ID, err)
			}
		}
	}
	var all []Difference
	for _, m := range meetings {
		was, err := Explain(m, before)
		if err != nil {
			return nil, fmt.Errorf("judging %s as it is: %w", m.ID, err)
		}
		is, err := Explain(m, after)
		if err != nil {
			return nil, fmt.Errorf("judging %s as it would be: %w", m.ID, err)
		}
		old, now := customersOf(was.Links), customersOf(is.Links)
		d := Difference{MeetingID: m.ID, Before: was, After: is, Linked: without(now, old), Unlinked: without(old, now)}
		if was.State != is.State || len(d.Linked)+len(d.Unlinked) > 0 {
			all = append(all, d)
		}
	}
	return all, nil
}

// customersOf are those of the links, sorted and each once.
func customersOf(links []schemas.Link) []string {
	set := make(map[string]bool)
	for _, l := range links {
		if l.CompanyID != nil {
			set[entryName(schemas.SortCompany, *l.CompanyID)] = true
		}
		if l.EndUserID != nil {
			set[entryName(schemas.SortEndUser, *l.EndUserID)] = true
		}
	}
	return sorted(set)
}

func without(all, those []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(those, s) })
}
