package console

import (
	"context"
	"time"

	"leadline/schemas"
)

// Portrait is a customer as its page shows it, of one reading of its meetings:
// what Customer, Context and CustomerInsights say, each of which would read
// them again.
type Portrait struct {
	Customer Customer
	Known    CustomerContext
	Insights Insights
	Started  []time.Time // of each meeting, the newest first
}

// Portrait goes through all meetings of the company. Its context has at most so
// many tokens.
func (l Local) Portrait(ctx context.Context, scope schemas.Scope, idOrNameOrDomain string, tokens int) (Portrait, error) {
	scope.HeldBack = false
	c, found, err := l.Store.Customer(ctx, scope, idOrNameOrDomain)
	if err != nil {
		return Portrait{}, err
	}
	if !found {
		return Portrait{}, l.noCustomer(ctx, scope, idOrNameOrDomain)
	}
	scope.Company = c.Company.ID
	p := Portrait{
		Known:    CustomerContext{Notice: Untrusted, TokenBudget: tokens, Customer: &Named{ID: c.Company.ID, Name: c.Company.Name}},
		Insights: Insights{About: schemas.SortCompany + "/" + c.Company.ID, Name: c.Company.Name},
	}
	var (
		recent []schemas.StoredMeeting
		all    evidence
		people = make(map[string]*Person)
	)
	err = l.eachRow(ctx, schemas.MeetingQuery{Scope: scope, State: schemas.StateMatched}, func(m schemas.StoredMeeting) error {
		if len(recent) < recentMeetings {
			recent = append(recent, m)
		}
		if len(p.Started) < evidenceMeetings {
			all.of(m.Row)
		}
		p.Started = append(p.Started, m.Row.StartedAt.UTC())
		p.Insights.add(people, m.Row)
		return nil
	})
	if err != nil {
		return Portrait{}, err
	}
	fill(&p.Known, all)
	p.Insights.sumUp(people)
	p.Customer = shapeCustomer(c, recent)
	return p, nil
}
