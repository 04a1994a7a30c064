package console

import (
	"context"
	"net/http"
	"time"

	"leadline/schemas"
)

// Rules are changes of the directory, to be tried.
type Rules struct {
	Changes []schemas.DirectoryLine `json:"changes"`
}

const (
	// maxRules is a list of some ten thousand companies.
	maxRules = 8 << 20

	// simulatePatience is 50,000 meetings and a million end users.
	simulatePatience = 2 * time.Minute
)

// matchRoutes are for how meetings find their customers, and who was in them.
var matchRoutes = []route{
	{
		name: "customer_insights", method: http.MethodGet, path: "/orgs/{org}/customers/{id}/insights", permission: schemas.PermissionRead,
		summary: "Say who comes to a customer's meetings, who talks, who asks, and who went quiet.", params: []param{customerParam}, answer: Insights{}, do: (*api).customerInsights,
	},
	{
		name: "end_user_insights", method: http.MethodGet, path: "/orgs/{org}/end_users/{email}/insights", permission: schemas.PermissionRead,
		summary: "Say the same of one person's meetings.", params: []param{customerParam}, answer: Insights{}, do: (*api).endUserInsights,
	},
	{
		name: "why", method: http.MethodGet, path: "/orgs/{org}/meetings/{provider}/{recording}/why/{id}", permission: schemas.PermissionRead, staff: true,
		summary: "Say why a meeting is a customer's, or why it is not.", answer: Why{}, do: (*api).why,
	},
	{
		name: "unmatched", method: http.MethodGet, path: "/orgs/{org}/unmatched", permission: schemas.PermissionRead, staff: true,
		summary: "List unmatched meetings with their reasons, and what would resolve most of them.",
		params:  []param{limitParam(500, "How many meetings; 50 unless it is said.")}, answer: Unmatched{}, do: (*api).unmatched,
	},
	{
		name: "resolve", method: http.MethodPost, path: "/orgs/{org}/unmatched/resolve", permission: schemas.PermissionAdmin, staff: true,
		summary: "Say whose a domain or an address is; earlier meetings come along. Answers the entry that was written.",
		body:    Resolution{}, answer: schemas.DirectoryLine{}, do: (*api).resolved,
	},
	{
		name: "simulate", method: http.MethodPost, path: "/orgs/{org}/match/simulate", permission: schemas.PermissionRead, staff: true,
		summary: "Say what changes of the directory would link and unlink, without making them.",
		params:  []param{limitParam(50_000, "How many meetings, the newest; 5000 unless it is said.")},
		body:    Rules{}, most: maxRules, answer: Simulation{}, patience: simulatePatience, do: (*api).simulated,
	},
}

func (a *api) why(ctx context.Context, c *call) (any, error) {
	org, meeting, customer := c.scope().Org, c.meetingID(), c.segment("id")
	if c.err != nil {
		return nil, c.err
	}
	return a.local.Why(ctx, org, meeting, customer)
}

func (a *api) unmatched(ctx context.Context, c *call) (any, error) {
	org, limit := c.scope().Org, c.number("limit", defaultMeetings)
	if c.err != nil {
		return nil, c.err
	}
	return a.local.Unmatched(ctx, org, limit)
}

func (a *api) resolved(ctx context.Context, c *call) (any, error) {
	org := c.scope().Org
	if c.err != nil {
		return nil, c.err
	}
	return a.Directory.Resolve(ctx, org, *c.body.(*Resolution))
}

func (a *api) simulated(ctx context.Context, c *call) (any, error) {
	org, limit := c.scope().Org, c.number("limit", 5000)
	if c.err != nil {
		return nil, c.err
	}
	return a.simulate(ctx, org, c.body.(*Rules).Changes, limit)
}

func (a *api) customerInsights(ctx context.Context, c *call) (any, error) {
	scope, customer := c.scope(), c.segment("id")
	if c.err != nil {
		return nil, c.err
	}
	return a.local.CustomerInsights(ctx, scope, customer)
}

func (a *api) endUserInsights(ctx context.Context, c *call) (any, error) {
	scope, email := c.scope(), c.segment("email")
	if c.err != nil {
		return nil, c.err
	}
	return a.local.EndUserInsights(ctx, scope, email)
}
