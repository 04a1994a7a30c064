package console

import (
	"context"
	"slices"
	"strings"

	"leadline/schemas"
)

// A meeting may be about two customers. Within the scope of one, what was said
// is theirs as much as the other's; that the directory knows the other, by
// which rule, and how to reach whom there, is not. The store's filter chooses
// meetings whole, so that what of each is seen is chosen here, for whoever
// reads.

// anyones says that the scope is not a customer's.
func anyones(s schemas.Scope) bool { return s.Company == "" && s.EndUser == "" }

// own says whether a link is the scope's own customer's. With both of company
// and end user the end user only narrows.
func own(s schemas.Scope, l schemas.Link) bool {
	if s.Company != "" {
		return l.CompanyID != nil && *l.CompanyID == s.Company
	}
	return l.EndUserID != nil && *l.EndUserID == s.EndUser
}

// seen is the meeting as it may be seen within the scope.
func seen(s schemas.Scope, m schemas.StoredMeeting) schemas.StoredMeeting {
	if anyones(s) {
		return m
	}
	row := m.Row
	known := make(map[string]bool) // addresses of our own side and of this customer's
	row.Links = nil
	for _, l := range m.Row.Links {
		if own(s, l) {
			row.Links = append(row.Links, l)
			known[strings.ToLower(l.Attendee)] = true
		}
	}
	row.Attendees = nil
	for _, a := range m.Row.Attendees {
		linked := a.Email != nil && slices.ContainsFunc(m.Row.Links, func(l schemas.Link) bool { return strings.EqualFold(l.Attendee, *a.Email) })
		ours := !a.External && !linked
		if ours || a.Email != nil && known[strings.ToLower(*a.Email)] {
			row.Attendees = append(row.Attendees, a)
			if a.Email != nil {
				known[strings.ToLower(*a.Email)] = true
			}
		}
	}
	if row.Matching == nil || !row.Matching.HostOutside {
		known[strings.ToLower(row.Host.Email)] = true
	} else if !known[strings.ToLower(row.Host.Email)] { // another customer's
		row.Host.Email = ""
	}
	address := func(email *string) *string {
		if email != nil && !known[strings.ToLower(*email)] {
			return nil
		}
		return email
	}
	row.Speakers = slices.Clone(row.Speakers)
	for i := range row.Speakers {
		row.Speakers[i].Email = address(row.Speakers[i].Email)
	}
	row.ActionItems = slices.Clone(row.ActionItems)
	for i := range row.ActionItems {
		row.ActionItems[i].AssigneeEmail = address(row.ActionItems[i].AssigneeEmail)
	}
	row.Distillates = slices.Clone(row.Distillates)
	for i := range row.Distillates {
		row.Distillates[i].Email = address(row.Distillates[i].Email)
	}
	// Which rules there are, and which phrase one of them met, is ours to know.
	row.Learning, row.LearningWhy = "", ""
	row.Reason, row.Matching, row.Call = "", nil, nil
	m.Row = row // last: in one assignment it would be the row as it was
	return m
}

// seenEntry is the entry likewise. Its list of companies does not say which of
// them an end user belongs to.
func seenEntry(s schemas.Scope, h schemas.Hit) schemas.Hit {
	switch {
	case anyones(s):
	case s.Company != "":
		h.Entry.Companies, h.Entry.EndUsers = []string{s.Company}, nil
	default:
		h.Entry.Companies, h.Entry.EndUsers = nil, []string{s.EndUser}
	}
	return h
}

// seenProgress leaves out what is told to those who run Leadline: how many
// customers a meeting met, and what was wrong with it.
func seenProgress(s schemas.Scope, p schemas.Progress) schemas.Progress {
	if !anyones(s) {
		p.Detail = ""
	}
	return p
}

// apart says that the scope names an end user who is not this company's: what
// both were in together would tell each of the other. Nothing is in it.
func (l Local) apart(ctx context.Context, s schemas.Scope) (bool, error) {
	if s.Company == "" || s.EndUser == "" {
		return false, nil
	}
	c, found, err := l.Store.Customer(ctx, schemas.Scope{Org: s.Org, Company: s.Company}, s.Company)
	if err != nil || !found || c.Company.ID != s.Company {
		return true, err
	}
	return !slices.ContainsFunc(c.EndUsers, func(u schemas.EndUser) bool { return u.ID == s.EndUser }), nil
}

// begins says whether a page of the scope may begin after the meeting. A store
// finds the place of any meeting of the organisation, so that one that is gone
// does not end a list; to a customer that would tell which there are, and when.
func (l Local) begins(ctx context.Context, q schemas.MeetingQuery) error {
	if q.Before == "" || anyones(q.Scope) {
		return nil
	}
	_, found, err := l.Store.Meeting(ctx, q.Scope, q.Before)
	if err == nil && !found {
		err = invalid("before", "names no meeting")
	}
	return err
}
