package command

import (
	"context"
	"fmt"
	"os"

	"leadline/console"
	"leadline/schemas"
)

type unmatchedCommand struct {
	List    unmatchedListCommand    `cmd:"" default:"withargs" help:"List them, with what would resolve most."`
	Resolve unmatchedResolveCommand `cmd:"" help:"Say whose a domain or an address is; earlier meetings come along."`
	Policy  unmatchedPolicyCommand  `cmd:"" help:"Say whether unmatched meetings are held back or general knowledge."`
}

type unmatchedListCommand struct {
	output
	Limit int `default:"20" help:"How many meetings, at most 500."`
}

// Help shows an example.
func (*unmatchedListCommand) Help() string { return "Example:\n  leadline unmatched" }

// Run lists.
func (c *unmatchedListCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		u, err := r.Unmatched(ctx, g.Org, c.Limit)
		if err != nil {
			return err
		}
		return show(c.output, []console.Unmatched{u}, func(s console.Style) error { return console.PrintUnmatched(os.Stdout, u, s) })
	})
}

type unmatchedResolveCommand struct {
	Name    string `arg:"" help:"A domain or an address, as leadline unmatched lists them."`
	Company string `help:"Whose it is: a company's id, name or domain."`
	Create  string `help:"Instead: the id of a company to be made."`
	Person  string `help:"Of an address: the id of the person who has it. Default: the address."`
	Called  string `help:"Name of the person or, without one, of the company that is made."`
	Ignore  bool   `help:"Instead: nobody there is of interest."`
}

// Help shows examples.
func (*unmatchedResolveCommand) Help() string {
	return `Examples:
  leadline unmatched resolve new.example --company acme
  leadline unmatched resolve new.example --create new --called "New Customer"
  leadline unmatched resolve ann@gmail.com --person ann --called "Ann Example" --company acme
  leadline unmatched resolve spam.example --ignore`
}

// Run resolves.
func (c *unmatchedResolveCommand) Run(ctx context.Context, g *Globals) error {
	r := console.Resolution{Name: c.Name, Ignore: c.Ignore, Company: c.Company}
	if c.Create != "" {
		r.Create = &console.NewEntity{ID: c.Create}
	}
	switch {
	case c.Person != "":
		r.Person = &console.NewEntity{ID: c.Person, Name: c.Called}
	case r.Create != nil:
		r.Create.Name = c.Called
	}
	return asking(ctx, g, func(client *console.Client) error {
		kept, err := client.Resolve(ctx, g.Org, r)
		if err != nil {
			return err
		}
		id, _ := kept.Identity()
		fmt.Printf("Written: %s %s. Its earlier meetings follow within seconds.\n", kept.Type, console.Safe(id))
		return nil
	})
}

type unmatchedPolicyCommand struct {
	Policy string `arg:"" enum:"held_back,general" help:"held_back: in no search unless it asks for them. general: the organisation's staff find them like the others; customers never do."`
}

// Help shows an example.
func (*unmatchedPolicyCommand) Help() string { return "Example:\n  leadline unmatched policy general" }

// Run chooses.
func (c *unmatchedPolicyCommand) Run(ctx context.Context, g *Globals) error {
	return asking(ctx, g, func(client *console.Client) error {
		kept, err := client.PutEntry(ctx, g.Org, schemas.DirectoryLine{Type: schemas.SortSetting, Name: schemas.SettingUnmatched, Value: c.Policy})
		if err != nil {
			return err
		}
		fmt.Printf("Unmatched meetings: %s.\n", kept.Value)
		return nil
	})
}
