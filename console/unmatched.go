package console

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"leadline/schemas"
	addresses "leadline/schemas/address"
)

// Unmatched is what is to be resolved.
type Unmatched struct {
	Policy      string             `json:"policy" doc:"held_back: these meetings are in no search unless it asks for them; general: staff find them"`
	Total       int                `json:"total"`
	Meetings    []UnmatchedMeeting `json:"meetings" doc:"the newest ones"`
	Suggestions []Suggestion       `json:"suggestions" doc:"what would resolve most meetings first"`
}

// UnmatchedMeeting is a meeting that an outsider took part in, and that is
// nobody's.
type UnmatchedMeeting struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	StartedAt time.Time `json:"started_at"`
	Reason    string    `json:"reason"`
	Names     []string  `json:"names" doc:"the suggestions that would resolve it"`
}

// Suggestion is a domain or an address to be resolved.
type Suggestion struct {
	Name      string   `json:"name"`
	Finding   string   `json:"finding" doc:"unknown and conflict: a domain; free_mail, role_mailbox and public_suffix: an address"`
	Meetings  int      `json:"meetings"`
	People    []string `json:"people" doc:"some who were in them"`
	Companies []string `json:"companies" doc:"entries that claim the domain, where it is a conflict"`
	Do        string   `json:"do" doc:"in words"`
}

// UnmatchedReader lists unmatched meetings with what would resolve them.
type UnmatchedReader interface {
	Unmatched(ctx context.Context, org string, limit int) (Unmatched, error)
}

// suggestedPeople are as many as tell who they are.
const suggestedPeople = 5

// Unmatched goes through all unmatched meetings of the organisation.
func (l Local) Unmatched(ctx context.Context, org string, limit int) (Unmatched, error) {
	u := Unmatched{Policy: schemas.UnmatchedHeldBack, Meetings: []UnmatchedMeeting{}}
	general, err := l.unmatchedIsGeneral(ctx, org)
	if err != nil {
		return u, err
	}
	if general {
		u.Policy = schemas.UnmatchedGeneral
	}
	found := make(map[string]*Suggestion)
	q := schemas.MeetingQuery{Scope: schemas.Scope{Org: org, HeldBack: true}, State: schemas.StateUnmatched}
	err = l.eachRow(ctx, q, func(m schemas.StoredMeeting) error {
		u.Total++
		names := suggest(found, m.Row)
		if len(u.Meetings) < limit {
			u.Meetings = append(u.Meetings, UnmatchedMeeting{
				ID: m.Row.ID, Title: m.Row.Title, StartedAt: m.Row.StartedAt.UTC(), Reason: m.Row.Reason, Names: names,
			})
		}
		return nil
	})
	u.Suggestions = []Suggestion{}
	for _, s := range found {
		s.Do = s.advice()
		u.Suggestions = append(u.Suggestions, *s)
	}
	slices.SortFunc(u.Suggestions, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Meetings, a.Meetings), strings.Compare(a.Name, b.Name))
	})
	return u, err
}

// eachRow yields all meetings of the query, newest first, whatever its limit.
func (l Local) eachRow(ctx context.Context, q schemas.MeetingQuery, yield func(schemas.StoredMeeting) error) error {
	q.Limit = 500
	for {
		page, err := l.rows(ctx, q)
		if err != nil {
			return err
		}
		for _, m := range page {
			if err := yield(m); err != nil {
				return err
			}
		}
		if len(page) < q.Limit {
			return nil
		}
		q.Before = page[len(page)-1].Row.ID
	}
}

// suggest counts the meeting for each name that would resolve it.
func suggest(found map[string]*Suggestion, m schemas.MeetingRow) []string {
	names := []string{}
	if m.Matching == nil {
		return names
	}
	for _, c := range m.Matching.Considered {
		name := resolvable(c)
		if name == "" {
			continue
		}
		s := found[name]
		if s == nil {
			s = &Suggestion{Name: name, Finding: c.Finding, People: []string{}, Companies: listed(c.Entries)}
			found[name] = s
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
			s.Meetings++
		}
		if len(s.People) < suggestedPeople && !slices.Contains(s.People, c.Attendee) {
			s.People = append(s.People, c.Attendee)
		}
	}
	return names
}

// resolvable is the domain, or the address where its domain does not count,
// that an entry would have to name; empty where none can.
func resolvable(c schemas.Considered) string {
	switch c.Finding {
	case schemas.FindingConflict:
		return c.Name
	case schemas.FindingFreeMail, schemas.FindingRole, schemas.FindingPublicSuffix:
		return c.Attendee
	case schemas.FindingUnknown:
		if m, ok := addresses.Parse(c.Attendee); ok {
			if root, ok := addresses.Registrable(m.Domain); ok {
				return root
			}
		}
		return c.Attendee
	}
	return ""
}

func (s Suggestion) advice() string {
	switch {
	case s.Finding == schemas.FindingConflict:
		return "take the domain from all companies but one"
	case strings.Contains(s.Name, "@"):
		return "create the person, or ignore the address"
	}
	return "assign the domain to a company, or ignore it"
}
