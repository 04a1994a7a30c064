package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"leadline/console"
	"leadline/ingress/directory"
	"leadline/schemas"
)

// decide puts a person's word on a meeting and a customer, or with undo takes
// it back.
type decide struct {
	Meeting  string `arg:"" help:"A meeting's id, or its recording's."`
	Customer string `arg:"" help:"A company's id, name or domain; with --end-user an end user's id."`
	EndUser  bool   `help:"The customer is an end user."`
	Undo     bool   `help:"Take the decision back: the rules count again."`
	By       string `env:"USER" help:"Who says so, for people."`
}

func (d *decide) run(ctx context.Context, g *Globals, linked bool) error {
	return asking(ctx, g, func(client *console.Client) error {
		m, err := console.FindMeeting(ctx, client, schemas.Scope{Org: g.Org}, d.Meeting)
		if err != nil {
			return err
		}
		l := schemas.DirectoryLine{Type: schemas.SortDecision, MeetingID: m.ID, Linked: linked, By: d.By}
		if d.EndUser {
			l.EndUserID = &d.Customer
		} else {
			id, err := console.CustomerID(ctx, client, g.Org, d.Customer)
			if absent := (*console.NotFound)(nil); d.Undo && errors.As(err, &absent) {
				id, err = d.Customer, nil // who has left the directory may have left a decision
			}
			if err != nil {
				return err
			}
			l.CompanyID = &id
		}
		if d.Undo {
			id, _ := l.Identity()
			if err := client.RemoveEntry(ctx, g.Org, l.Type, id); err != nil {
				return err
			}
			fmt.Println("The decision is taken back; the rules count again.")
			return nil
		}
		if _, err := client.PutEntry(ctx, g.Org, l); err != nil {
			return err
		}
		if linked {
			fmt.Println("Linked by hand. It stays so whatever the rules say; --undo takes it back.")
		} else {
			fmt.Println("Taken off by hand. It stays so whatever the rules say; --undo takes it back.")
		}
		return nil
	})
}

type linkCommand struct{ decide }

// Help shows examples.
func (*linkCommand) Help() string {
	return `Examples:
  leadline link 910016 acme.example
  leadline link 910016 u-17 --end-user
  leadline link 910016 acme.example --undo`
}

// Run links.
func (c *linkCommand) Run(ctx context.Context, g *Globals) error { return c.run(ctx, g, true) }

type unlinkCommand struct{ decide }

// Help shows an example.
func (*unlinkCommand) Help() string { return "Example:\n  leadline unlink 910016 acme.example" }

// Run unlinks.
func (c *unlinkCommand) Run(ctx context.Context, g *Globals) error { return c.run(ctx, g, false) }

type ownCommand struct {
	List   ownListCommand   `cmd:"" help:"List them, with those that follow from who records."`
	Add    ownAddCommand    `cmd:"" help:"Say whose a domain or an address is."`
	Remove ownRemoveCommand `cmd:"" help:"Take back what was said; who records counts again."`
}

type ownListCommand struct{ output }

// Help shows an example.
func (*ownListCommand) Help() string { return "Example:\n  leadline own list" }

// Run lists.
func (c *ownListCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		all, err := r.Own(ctx, g.Org)
		if err != nil {
			return err
		}
		return show(c.output, all, func(s console.Style) error { return console.PrintOwn(os.Stdout, all, s) })
	})
}

type ownAddCommand struct {
	Name string `arg:"" help:"A domain, with all below it, or an address."`
	As   string `enum:"own,outside,ignored" default:"own" help:"own; outside: not ours, although somebody records from there; ignored: of no interest."`
}

// Help shows examples.
func (*ownAddCommand) Help() string {
	return `Examples:
  leadline own add subsidiary.example
  leadline own add contractor.example --as outside
  leadline own add newsletter.example --as ignored`
}

// Run says so.
func (c *ownAddCommand) Run(ctx context.Context, g *Globals) error {
	return asking(ctx, g, func(client *console.Client) error {
		kept, err := client.PutEntry(ctx, g.Org, schemas.DirectoryLine{Type: schemas.SortSide, Name: c.Name, Is: c.As})
		if err != nil {
			return err
		}
		fmt.Printf("%s is %s.\n", console.Safe(kept.Name), kept.Is)
		return nil
	})
}

type ownRemoveCommand struct {
	Name string `arg:"" help:"The domain or address."`
}

// Help shows an example.
func (*ownRemoveCommand) Help() string { return "Example:\n  leadline own remove subsidiary.example" }

// Run takes it back.
func (c *ownRemoveCommand) Run(ctx context.Context, g *Globals) error {
	return asking(ctx, g, func(client *console.Client) error {
		if err := client.RemoveEntry(ctx, g.Org, schemas.SortSide, c.Name); err != nil {
			return err
		}
		fmt.Println("Nothing is said of it any more.")
		return nil
	})
}

type whyCommand struct {
	output
	Meeting  string `arg:"" help:"A meeting's id, or its recording's."`
	Customer string `arg:"" help:"A company's id, name or domain, or an end user's id or e-mail address."`
}

// Help shows an example.
func (*whyCommand) Help() string { return "Example:\n  leadline why 910016 acme.example" }

// Run explains.
func (c *whyCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		m, err := console.FindMeeting(ctx, r, schemas.Scope{Org: g.Org}, c.Meeting)
		if err != nil {
			return err
		}
		why, err := r.Why(ctx, g.Org, m.ID, c.Customer)
		if err != nil {
			return err
		}
		return show(c.output, []console.Why{why}, func(s console.Style) error { return console.PrintWhy(os.Stdout, why, s) })
	})
}

type matchCommand struct {
	Simulate matchSimulateCommand `cmd:"" help:"Say what a change of domains or sides would link and unlink, without making it."`
}

type matchSimulateCommand struct {
	output
	format
	Rules string `required:"" type:"existingfile" help:"File of the entries that would be added, changed or, with deleted, removed; as for directory import."`
	Limit int    `default:"5000" help:"How many meetings, the newest; at most 50000."`
}

// Help shows an example.
func (*matchSimulateCommand) Help() string {
	return `The rules are those of this Leadline; the file changes what they read.

Example:
  echo '{"type":"company","id":"acme","name":"Acme","domains":["acme.example"]}' > rules.ndjson
  leadline match simulate --rules rules.ndjson`
}

// Run asks the Leadline that runs.
func (c *matchSimulateCommand) Run(ctx context.Context, g *Globals) error {
	return asking(ctx, g, func(client *console.Client) error {
		file, err := os.Open(c.Rules)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // read only
		var changes []schemas.DirectoryLine
		err = directory.Each(g.Org, c.of(c.Rules), file, func(key string, e *schemas.DirectoryEntry) error {
			l, err := lineOf(key, e)
			changes = append(changes, l)
			return err
		})
		if err != nil {
			return &usageError{err}
		}
		made, err := client.Simulation(ctx, g.Org, changes, c.Limit)
		if err != nil {
			return err
		}
		return show(c.output, []console.Simulation{made}, func(s console.Style) error { return console.PrintSimulation(os.Stdout, made, s) })
	})
}

// lineOf is the change as a line; of one that removes, the key says all.
func lineOf(key string, e *schemas.DirectoryEntry) (schemas.DirectoryLine, error) {
	if e != nil {
		return schemas.LineOf(e), nil
	}
	parts := strings.SplitN(key, "/", 3)
	l := schemas.DirectoryLine{Type: parts[1], Deleted: true}
	switch l.Type {
	case schemas.SortCompany, schemas.SortEndUser:
		l.ID = parts[2]
	case schemas.SortSide:
		l.Name = parts[2]
	default:
		return l, fmt.Errorf("%s: only companies, end users and sides can be removed in a simulation", console.Safe(key))
	}
	return l, nil
}
