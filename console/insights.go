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

// Insights are who was in a customer's or a person's meetings. They are made of
// the meetings as they are when one asks: a new version, a deletion or another
// link is right at once, and there is no count that could drift.
type Insights struct {
	About    string     `json:"about" doc:"company/ID or end_user/ID"`
	Name     string     `json:"name"`
	Meetings int        `json:"meetings"`
	FirstMet *time.Time `json:"first_met"`
	LastMet  *time.Time `json:"last_met"`
	Words    int        `json:"words"`
	People   []Person   `json:"people" doc:"who came most first"`
}

// Person is somebody in those meetings.
type Person struct {
	Name      string    `json:"name"`
	Email     *string   `json:"email"`
	EndUserID *string   `json:"end_user_id"`
	External  bool      `json:"external"`
	Meetings  int       `json:"meetings"`
	FirstMet  time.Time `json:"first_met"`
	LastMet   time.Time `json:"last_met"`
	Spoke     int       `json:"spoke" doc:"in so many meetings"`
	Turns     int       `json:"turns"`
	Words     int       `json:"words"`
	TalkShare float64   `json:"talk_share" doc:"of the words in the meetings that they came to, 0 to 1"`
	Questions int       `json:"questions" doc:"sentences that ended with a question mark"`
	Usual     bool      `json:"usual" doc:"came to at least half of the last 10"`
	Quiet     bool      `json:"quiet" doc:"spoke in at least 2, and in none of the last 3"`

	heard int // words in the meetings that they came to
	last  int // how many of the newest meetings they came to
}

// InsightReader says who was in the meetings.
type InsightReader interface {
	CustomerInsights(ctx context.Context, scope schemas.Scope, idOrNameOrDomain string) (Insights, error)
	EndUserInsights(ctx context.Context, scope schemas.Scope, email string) (Insights, error)
}

const (
	usualOf = 10 // who comes now, not who came two years ago
	quietIn = 3  // one meeting missed is a holiday
)

// CustomerInsights goes through all meetings of the company.
func (l Local) CustomerInsights(ctx context.Context, scope schemas.Scope, idOrNameOrDomain string) (Insights, error) {
	c, found, err := l.Store.Customer(ctx, scope, idOrNameOrDomain)
	if err != nil {
		return Insights{}, err
	}
	if !found {
		return Insights{}, l.noCustomer(ctx, scope, idOrNameOrDomain)
	}
	scope.Company = c.Company.ID
	return l.insights(ctx, scope, Insights{About: schemas.SortCompany + "/" + c.Company.ID, Name: c.Company.Name})
}

// EndUserInsights goes through all meetings of the person.
func (l Local) EndUserInsights(ctx context.Context, scope schemas.Scope, email string) (Insights, error) {
	who, _, err := l.endUser(ctx, scope, email)
	if err != nil {
		return Insights{}, err
	}
	scope.EndUser = who.ID
	return l.insights(ctx, scope, Insights{About: schemas.SortEndUser + "/" + who.ID, Name: who.Name})
}

func (l Local) insights(ctx context.Context, scope schemas.Scope, i Insights) (Insights, error) {
	all := make(map[string]*Person)
	err := l.eachRow(ctx, schemas.MeetingQuery{Scope: scope, State: schemas.StateMatched}, func(m schemas.StoredMeeting) error {
		i.add(all, m.Row)
		return nil
	})
	i.sumUp(all)
	return i, err
}

// sumUp ends what add began.
func (i *Insights) sumUp(all map[string]*Person) {
	i.People = []Person{}
	for _, p := range all {
		if p.heard > 0 {
			p.TalkShare = float64(p.Words) / float64(p.heard)
		}
		p.Usual = 2*p.last >= min(usualOf, i.Meetings)
		p.Quiet = p.Quiet && p.Spoke >= 2 && i.Meetings > quietIn
		i.People = append(i.People, *p)
	}
	slices.SortFunc(i.People, func(a, b Person) int {
		return cmp.Or(cmp.Compare(b.Meetings, a.Meetings), cmp.Compare(b.Words, a.Words),
			strings.Compare(or(a.Email, ""), or(b.Email, "")), strings.Compare(a.Name, b.Name))
	})
}

// add takes in a meeting; they come newest first.
func (i *Insights) add(all map[string]*Person, m schemas.MeetingRow) {
	at := m.StartedAt.UTC()
	i.FirstMet = &at
	if i.LastMet == nil {
		i.LastMet = &at
	}
	words := 0
	for _, s := range m.Speakers {
		words += int(s.Words)
	}
	i.Words += words
	there := make(map[*Person]bool) // a meeting has somebody once, whatever ways they were invited
	for _, a := range m.Attendees {
		p := personOf(all, a, at)
		if there[p] {
			continue
		}
		there[p] = true
		p.Meetings++
		p.FirstMet = at
		p.heard += words
		if i.Meetings < usualOf {
			p.last++
		}
		for _, k := range m.Links {
			if k.EndUserID != nil && p.EndUserID == nil && a.Email != nil && sameMailbox(k.Attendee, *a.Email) {
				p.EndUserID = k.EndUserID
			}
		}
		spoke := false
		for _, s := range m.Speakers {
			if samePerson(shapeAttendee(a), shapeSpeaker(s)) {
				spoke = true
				p.Turns, p.Words, p.Questions = p.Turns+int(s.Turns), p.Words+int(s.Words), p.Questions+int(s.Questions)
			}
		}
		if spoke {
			p.Spoke++
			p.Quiet = p.Quiet && i.Meetings >= quietIn
		}
	}
	i.Meetings++
}

// personOf is known by the address, or else by the name.
func personOf(all map[string]*Person, a schemas.Attendee, at time.Time) *Person {
	key := "name " + folded(a.Name)
	if a.Email != nil {
		key = "address " + *a.Email
		if m, ok := addresses.Parse(*a.Email); ok {
			key = "address " + m.String()
		}
	}
	p := all[key]
	if p == nil {
		p = &Person{Name: a.Name, Email: a.Email, External: a.External, LastMet: at, Quiet: true}
		all[key] = p
	}
	if p.Name == "" {
		p.Name = a.Name
	}
	return p
}

func sameMailbox(a, b string) bool {
	x, ok := addresses.Parse(a)
	y, also := addresses.Parse(b)
	return ok && also && x == y
}
