package command

import (
	"context"
	"os"
	"time"

	"leadline/console"
	"leadline/schemas"
)

type rulesAuditCommand struct {
	output
	Rule   string    `help:"Only of this rule: its id."`
	Effect string    `enum:"excluded,about,off_topic,given," default:"" help:"Only where the rule did this: excluded, about, off_topic or given."`
	Since  time.Time `placeholder:"2026-03-02" help:"Only of this day (UTC) or later. Default: all."`
	Limit  int       `default:"50" help:"How many, at most 500."`
}

// Help says what the effects are.
func (*rulesAuditCommand) Help() string {
	return `The newest first. A keyword that keeps a meeting out is excluded, a topic that a meeting is about is about, and off_topic names all
topics of which it is about none. An instruction that went to a model with a meeting is given. Each has the version of the rules,
and the words as they stand in the meeting. A meeting that was judged before this was kept has none until leadline replay.

Example:
  leadline rules audit --rule internal-only --since 2026-09-01 --json`
}

// Run lists them.
func (c *rulesAuditCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		all, err := r.RuleHits(ctx, schemas.RuleHitQuery{Org: g.Org, Rule: c.Rule, Effect: c.Effect, Since: c.Since, Limit: c.Limit})
		if err != nil {
			return err
		}
		return show(c.output, all, func(s console.Style) error { return console.PrintRuleHits(os.Stdout, all, s) })
	})
}
