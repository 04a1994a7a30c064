package console

import (
	"context"
	"fmt"

	"leadline/schemas"
)

// A Reader's methods are called by commands and may be called again. What is
// not there, or not in scope, is a *NotFound; what the caller got wrong is an
// *schemas.InvalidQuery; any other error says that it could not be read.

// MeetingReader lists meetings, newest first, and tells all about one.
//
// Here Scope.HeldBack says nothing: a list of meetings tells staff what became
// of each, so they see unmatched and internal ones, and a customer's scope
// never does.
type MeetingReader interface {
	Meetings(ctx context.Context, q schemas.MeetingQuery) ([]Meeting, error)
	Meeting(ctx context.Context, scope schemas.Scope, id string) (MeetingDetail, error)
}

// PassageReader searches. Unmatched and internal meetings are searched only
// with Scope.HeldBack, and never within a customer's scope.
type PassageReader interface {
	Search(ctx context.Context, q schemas.SearchQuery) ([]Passage, error)
}

// CustomerReader sums up a company, found by its id, its name or a domain.
type CustomerReader interface {
	Customer(ctx context.Context, scope schemas.Scope, idOrNameOrDomain string) (Customer, error)
}

// TallyReader counts what there is of an organisation.
type TallyReader interface {
	Tally(ctx context.Context, org string) (Tally, error)
}

// Reader is all that the commands read.
type Reader interface {
	MeetingReader
	PassageReader
	CustomerReader
	TallyReader
	DirectoryReader
	OwnReader
	WhyReader
	UnmatchedReader
	InsightReader
	CostReader
	RuleHitReader
	ContextReader
	ActionReader
}

// NotFound says that there is no such thing in the scope.
type NotFound struct {
	What string  // meeting, customer
	Name string  // as it was asked for
	Near []Named // of a customer: who may be meant
}

func (e *NotFound) Error() string {
	says := fmt.Sprintf("there is no %s %.140q", e.What, e.Name)
	for i, n := range e.Near {
		lead := ", "
		if i == 0 {
			lead = "; similar: "
		}
		says += fmt.Sprintf("%s%.140q (%.140s)", lead, n.Name, n.ID)
	}
	return says
}

// CustomerID is the id of the company that a person named by its id, its name
// or a domain. A scope takes ids only.
func CustomerID(ctx context.Context, r CustomerReader, org, name string) (string, error) {
	c, err := r.Customer(ctx, schemas.Scope{Org: org}, name)
	if err != nil {
		return "", err
	}
	return c.ID, nil
}
