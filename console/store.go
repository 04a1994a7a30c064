// Package console is what people and machines read: an HTTP API over the
// stores, its client, and what the commands print.
//
// A Reader answers the commands. Local answers from a store; Handler puts a
// Local behind HTTP, and Client is a Reader again on the other side, so that a
// command does not care whether a Leadline runs.
package console

import (
	"context"

	"leadline/schemas"
)

// The stores are read by the API's handlers, from many goroutines at once, and
// by commands. A read may be repeated. Every method applies the scope inside
// its query; an *schemas.InvalidQuery names what the caller got wrong, any
// other error says that the store could not be read this time. Answers may be
// nil where there is nothing.

// MeetingStore has the meetings. A meeting out of scope is not there.
type MeetingStore interface {
	Meetings(ctx context.Context, q schemas.MeetingQuery) ([]schemas.StoredMeeting, error)
	Meeting(ctx context.Context, scope schemas.Scope, id string) (schemas.StoredMeeting, bool, error)
}

// MeetingPartStore has what belongs to one meeting: what became of it at each
// stage, oldest first, and its entries, as people read them.
type MeetingPartStore interface {
	MeetingProgress(ctx context.Context, scope schemas.Scope, id string) ([]schemas.Progress, error)
	MeetingEntries(ctx context.Context, scope schemas.Scope, id string) ([]schemas.Hit, error)
}

// PassageStore finds passages, best first.
type PassageStore interface {
	Search(ctx context.Context, q schemas.SearchQuery) ([]schemas.Hit, error)
}

// CustomerStore sums up a company, found by its id, its name or a domain.
type CustomerStore interface {
	Customer(ctx context.Context, scope schemas.Scope, idOrNameOrDomain string) (schemas.Customer, bool, error)
}

// TallyStore counts all that it holds of an organisation, held back or not.
type TallyStore interface {
	Tally(ctx context.Context, org string) (schemas.Tally, error)
}

// SourceStore sums up what it holds of an organisation by recorder, held back
// or not.
type SourceStore interface {
	Sources(ctx context.Context, org string) ([]schemas.Holding, error)
}

// CostStore sums up what learning cost an organisation.
type CostStore interface {
	Costs(ctx context.Context, q schemas.CostQuery) (schemas.Costs, error)
}

// RuleHitStore lists what the learning rules did, newest first, whoever's words
// the excerpts are.
type RuleHitStore interface {
	RuleHits(ctx context.Context, q schemas.RuleHitQuery) ([]schemas.RuleHit, error)
}

// Store is all that the console reads.
type Store interface {
	MeetingStore
	MeetingPartStore
	PassageStore
	CustomerStore
	TallyStore
	SourceStore
	DirectoryStore
	HostStore
	CostStore
	RuleHitStore
}
