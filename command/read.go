package command

import (
	"context"
	"errors"
	"os"
	"strings"

	"leadline/console"
	"leadline/schemas"
)

// output is what every reading command takes.
type output struct {
	JSON bool `name:"json" help:"One JSON object a line."`
}

// reading opens the reader for one command.
func reading(ctx context.Context, g *Globals, read func(console.Reader) error) (err error) {
	reader, closeReader, err := openReader(ctx, g)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeReader()) }()
	err = read(reader)
	if invalid := (*schemas.InvalidQuery)(nil); errors.As(err, &invalid) {
		return &usageError{err}
	}
	return err
}

// show prints all as JSON lines, or as people read them.
func show[T any](o output, all []T, print func(console.Style) error) error {
	if o.JSON {
		return console.PrintJSON(os.Stdout, all...)
	}
	return print(console.StyleFor(os.Stdout))
}

// customerScope is the scope of a customer named by id, name or domain; without
// a name it is that of the organisation's staff.
func customerScope(ctx context.Context, r console.Reader, org, customer string) (schemas.Scope, error) {
	scope := schemas.Scope{Org: org}
	if customer == "" {
		return scope, nil
	}
	var err error
	scope.Company, err = console.CustomerID(ctx, r, org, customer)
	return scope, err
}

type meetingsCommand struct {
	output
	Customer string `help:"Only this customer's: id, name or domain."`
	State    string `enum:"matched,internal,unmatched,grouped," default:"" help:"matched, internal, unmatched, or grouped: those that another recording of the same call stands for."`
	Limit    int    `default:"50" help:"How many, at most 500."`
	Before   string `help:"Go on after this meeting id, the last one of the page before."`
}

// Help shows examples.
func (*meetingsCommand) Help() string {
	return `Examples:
  leadline meetings
  leadline meetings --customer acme.example --json
  leadline meetings --state unmatched`
}

// Run lists.
func (c *meetingsCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		scope, err := customerScope(ctx, r, g.Org, c.Customer)
		if err != nil {
			return err
		}
		all, err := r.Meetings(ctx, schemas.MeetingQuery{Scope: scope, State: schemas.State(c.State), Limit: c.Limit, Before: c.Before})
		if err != nil {
			return err
		}
		return show(c.output, all, func(s console.Style) error { return console.PrintMeetings(os.Stdout, all, s) })
	})
}

type meetingCommand struct {
	output
	ID string `arg:"" help:"A meeting's id, or its recording's."`
}

// Help shows examples.
func (*meetingCommand) Help() string {
	return `Examples:
  leadline meeting 910016
  leadline meeting main/fathom/910016 --json`
}

// Run shows one.
func (c *meetingCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		m, err := console.FindMeeting(ctx, r, schemas.Scope{Org: g.Org}, c.ID)
		if err != nil {
			return err
		}
		return show(c.output, []console.MeetingDetail{m}, func(s console.Style) error { return console.PrintMeeting(os.Stdout, m, s) })
	})
}

type searchCommand struct {
	output
	Text     string   `arg:"" help:"Words to look for."`
	Customer string   `help:"Only this customer's entries: id, name or domain."`
	Kind     []string `enum:"transcript,summary,action_items,distilled" help:"Only these kinds: transcript, summary, action_items, distilled."`
	Provider []string `help:"Only of these recorders: fathom, zoom."`
	Speaker  []string `sep:"none" help:"Only where this one speaks: a name, as the transcript has it. May be repeated."`
	EndUser  string   `help:"Only what this end user may see: the id."`
	Company  []string `sep:"none" help:"Only of meetings about this one: id, name or domain. May be repeated; not with --customer or --end-user."`
	Language []string `help:"Only in these languages: en is en and en-GB."`
	Since    string   `help:"Only of meetings that began then or later: 2026-03-02 or 2026-03-02T09:00:00Z."`
	Until    string   `help:"Only of meetings that began before."`
	After    string   `help:"Go on behind this cursor: that of the last passage, which --json has."`
	Limit    int      `default:"10" help:"How many, at most 100."`
	HeldBack bool     `help:"Also meetings that are unmatched or internal. Not with --customer or --end-user."`
}

// Help shows examples.
func (*searchCommand) Help() string {
	return `Examples:
  leadline search "renewal price" --customer acme
  leadline search "renewal price" --provider zoom --speaker "Ida Holm" --since 2026-01-01
  leadline search "export times out" --kind distilled --json`
}

// Run searches.
func (c *searchCommand) Run(ctx context.Context, g *Globals) error {
	bound := c.Customer != "" || c.EndUser != ""
	switch {
	case c.HeldBack && bound:
		return &usageError{errors.New("--held-back does not go with --customer or --end-user: what is held back is no customer's")}
	case bound && len(c.Company) > 0:
		return &usageError{errors.New("--company does not go with --customer or --end-user: it would tell who else was there")}
	}
	return reading(ctx, g, func(r console.Reader) error {
		scope, err := customerScope(ctx, r, g.Org, c.Customer)
		if err != nil {
			return err
		}
		scope.EndUser, scope.HeldBack = c.EndUser, c.HeldBack
		q := schemas.SearchQuery{
			Scope: scope, Text: c.Text, Kinds: c.Kind, Providers: c.Provider, Speakers: c.Speaker, Languages: c.Language,
			Limit: c.Limit, After: c.After,
		}
		if q.Since, err = console.ParseMoment("since", c.Since); err != nil {
			return err
		}
		if q.Until, err = console.ParseMoment("until", c.Until); err != nil {
			return err
		}
		for _, name := range c.Company {
			id, err := console.CustomerID(ctx, r, g.Org, name)
			if err != nil {
				return err
			}
			q.Companies = append(q.Companies, id)
		}
		found, err := r.Search(ctx, q)
		if err != nil {
			return err
		}
		return show(c.output, found, func(s console.Style) error { return console.PrintPassages(os.Stdout, found, s) })
	})
}

type customerCommand struct {
	output
	Name   string `arg:"" help:"A customer's id, name or domain; with --people also an end user's e-mail address."`
	People bool   `help:"Who comes to the meetings, who talks, who asks, and who went quiet."`
}

// Help shows examples.
func (*customerCommand) Help() string {
	return `Examples:
  leadline customer acme.example
  leadline customer acme.example --people
  leadline customer ann@acme.example --people`
}

// Run shows one.
func (c *customerCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		scope := schemas.Scope{Org: g.Org}
		if c.People {
			ask := r.CustomerInsights
			if strings.Contains(c.Name, "@") {
				ask = r.EndUserInsights
			}
			found, err := ask(ctx, scope, c.Name)
			if err != nil {
				return err
			}
			return show(c.output, []console.Insights{found}, func(s console.Style) error { return console.PrintInsights(os.Stdout, found, s) })
		}
		found, err := r.Customer(ctx, scope, c.Name)
		if err != nil {
			return err
		}
		return show(c.output, []console.Customer{found}, func(s console.Style) error { return console.PrintCustomer(os.Stdout, found, s) })
	})
}
