package command

import (
	"context"
	"os"
	"time"

	"leadline/console"
	"leadline/schemas"
)

type rulesParkedCommand struct {
	output
	Limit int `default:"50" help:"How many of each sort, at most 500."`
}

// Help says what to do about them.
func (*rulesParkedCommand) Help() string {
	return `Those that are parked stay so until leadline replay asks again. Those that wait go on by themselves: when their turn comes, or,
where the organisation's budget for the day is spent, on the next day.`
}

// Run lists meetings that nothing is learned from yet.
func (c *rulesParkedCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		all, err := unlearned(ctx, r, g.Org, c.Limit)
		if err != nil {
			return err
		}
		return show(c.output, all, func(s console.Style) error { return console.PrintParked(os.Stdout, all, s) })
	})
}

// unlearned are the meetings that are parked and those that wait, the latter
// with what the caller said of them last: that a budget is spent is known there.
func unlearned(ctx context.Context, r console.Reader, org string, limit int) ([]console.Meeting, error) {
	var all []console.Meeting
	for _, learning := range []string{schemas.LearningParked, schemas.LearningWaiting} {
		found, err := r.Meetings(ctx, schemas.MeetingQuery{Scope: schemas.Scope{Org: org}, Learning: learning, Limit: limit})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	for i := range all {
		if all[i].Learning != schemas.LearningWaiting {
			continue
		}
		m, err := r.Meeting(ctx, schemas.Scope{Org: org}, all[i].ID)
		if err != nil {
			return nil, err
		}
		for _, s := range m.Stages {
			if s.Outcome == schemas.OutcomeParked && s.Stage == "distill-calls" {
				all[i].LearningWhy = s.Detail
			}
		}
	}
	return all, nil
}

type rulesCostsCommand struct {
	output
	Since time.Time `placeholder:"2026-03-02" help:"Only answers of this day (UTC) or later. Default: all."`
}

// Run sums up.
func (c *rulesCostsCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		costs, err := r.Costs(ctx, schemas.CostQuery{Org: g.Org, Since: c.Since})
		if err != nil {
			return err
		}
		return show(c.output, []console.Costs{costs}, func(s console.Style) error { return console.PrintCosts(os.Stdout, costs, s) })
	})
}
