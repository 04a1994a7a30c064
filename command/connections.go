package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/console"
	"leadline/ingress/connection"
	"leadline/ingress/fathom"
	"leadline/ingress/zoom"
	"leadline/schemas"
)

// desk is what a command changes connections with where it works on Kafka itself.
type desk = connections

// atDesk follows the connections while a command works. The sealer may be nil for one that needs no secret.
func atDesk(ctx context.Context, g *Globals, r reach, sealer *connection.Sealer, work func(context.Context, *desk) error) error {
	options := connection.Options{Kafka: r.kafka, Codec: r.codec, Log: g.logger(), Metrics: prometheus.NewRegistry()}
	d, cursors := newConnections(options, recorders(fathom.Recorder{}, zoom.Pro), connection.NewTable(options), sealer, "")
	following, stop := context.WithCancel(ctx)
	followed := make(chan error, 2)
	go func() { followed <- d.table.Run(following) }()
	go func() { followed <- cursors.Run(following) }()
	err := errors.Join(d.table.CatchUp(ctx), d.cursors.CatchUp(ctx))
	if err == nil {
		err = work(ctx, d)
	}
	stop()
	return errors.Join(err, <-followed, <-followed)
}

// connected opens an organisation's connections for a command: the API of the Leadline that runs or, where a cluster is
// named, Kafka itself. Only the latter needs keys, which may be nil for what needs no secret.
func (c *cluster) connected(ctx context.Context, g *Globals, keys *keyset, do func(context.Context, console.Connections) error) error {
	if c.given() != nil {
		return asking(ctx, g, func(client *console.Client) error { return do(ctx, client) })
	}
	r, err := c.reach(ctx, g)
	if err != nil {
		return err
	}
	var sealer *connection.Sealer
	if keys != nil {
		if sealer, err = keys.sealer(g.Data); err != nil {
			return err
		}
	}
	err = atDesk(ctx, g, r, sealer, func(ctx context.Context, d *desk) error { return do(ctx, notedConnections{d, r, g}) })
	if invalid, ok := errors.AsType[*schemas.InvalidQuery](err); ok {
		return &usageError{invalid}
	}
	return err
}

type connectionsCommand struct {
	List           connectionsListCommand       `cmd:"" default:"withargs" help:"List connections: how far they are synced, and what is wrong."`
	Show           connectionsShowCommand       `cmd:"" help:"Show one."`
	Pause          connectionsPauseCommand      `cmd:"" help:"Stop taking meetings in. Deliveries are answered and dropped."`
	Resume         connectionsResumeCommand     `cmd:"" help:"Take meetings in again, those of the meantime included."`
	Disconnect     connectionsDisconnectCommand `cmd:"" help:"Remove the key and the webhook. What was recorded stays."`
	ForgetWebhooks connectionsForgetCommand     `cmd:"" help:"Say that webhooks which could not be deleted were deleted by hand."`
}

// named is the connection that a command is about.
type named struct {
	Provider string `arg:"" optional:"" default:"fathom" help:"Recorder."`
	Name     string `default:"default" help:"Which of the organisation's connections to it."`
}

// change changes it and says what was done.
func (n named) change(ctx context.Context, g *Globals, at *cluster, change console.ConnectionChange, done string) error {
	return at.connected(ctx, g, nil, func(ctx context.Context, known console.Connections) error {
		if _, err := known.Change(ctx, g.Org, n.Provider, n.Name, change); err != nil {
			return err
		}
		fmt.Printf("%s of %s %s\n", n.Provider, g.Org, done)
		return nil
	})
}

type connectionsListCommand struct {
	cluster
	output
	All bool `help:"Also those that were disconnected. They are listed in any case while something is wrong with them."`
}

// Help shows examples.
func (*connectionsListCommand) Help() string {
	return `Examples:
  leadline connections
  leadline connections list --all --json`
}

// Run lists.
func (c *connectionsListCommand) Run(ctx context.Context, g *Globals) error {
	return c.connected(ctx, g, nil, func(ctx context.Context, known console.Connections) error {
		all, err := known.Connections(ctx, g.Org)
		if err != nil {
			return err
		}
		var listed []schemas.ConnectionStatus
		for _, s := range all {
			if c.All || s.State != schemas.ConnectionDisconnected || len(s.Problems) > 0 {
				listed = append(listed, s)
			}
		}
		return show(c.output, listed, func(console.Style) error { return printConnections(os.Stdout, g.Org, listed) })
	})
}

type connectionsShowCommand struct {
	cluster
	named
	output
}

// Help shows an example.
func (*connectionsShowCommand) Help() string {
	return "Example:\n  leadline connections show fathom --name second --json"
}

// Run shows one.
func (c *connectionsShowCommand) Run(ctx context.Context, g *Globals) error {
	return c.connected(ctx, g, nil, func(ctx context.Context, known console.Connections) error {
		s, err := console.ConnectionNamed(ctx, known, g.Org, c.Provider, c.Name)
		if err != nil {
			return err
		}
		return show(c.output, []schemas.ConnectionStatus{s}, func(console.Style) error { return printConnection(os.Stdout, s) })
	})
}

type connectionsPauseCommand struct {
	cluster
	named
}

// Help shows an example.
func (*connectionsPauseCommand) Help() string { return "Example:\n  leadline connections pause fathom" }

// Run switches ingest off.
func (c *connectionsPauseCommand) Run(ctx context.Context, g *Globals) error {
	return c.change(ctx, g, &c.cluster, console.ConnectionChange{Do: console.ConnectionPause},
		"is paused: nothing is polled, and deliveries are answered and dropped.")
}

type connectionsResumeCommand struct {
	cluster
	named
}

// Help shows an example.
func (*connectionsResumeCommand) Help() string {
	return "Example:\n  leadline connections resume fathom"
}

// Run switches ingest on.
func (c *connectionsResumeCommand) Run(ctx context.Context, g *Globals) error {
	return c.change(ctx, g, &c.cluster, console.ConnectionChange{Do: console.ConnectionResume},
		"takes meetings in again; a sync of the meantime has been asked for.")
}

type connectionsDisconnectCommand struct {
	cluster
	keyset
	named
	Erase bool `help:"Also erase every meeting that came by it alone, from all topics and stores, and print a receipt."`
}

// Help shows examples.
func (*connectionsDisconnectCommand) Help() string {
	return `Examples:
  leadline connections disconnect fathom
  leadline connections disconnect fathom --erase      also later, of one that was disconnected without`
}

// Run disconnects.
func (c *connectionsDisconnectCommand) Run(ctx context.Context, g *Globals) error {
	return c.connected(ctx, g, &c.keyset, func(ctx context.Context, known console.Connections) error {
		s, err := known.Change(ctx, g.Org, c.Provider, c.Name, console.ConnectionChange{Do: console.ConnectionDisconnect, Erase: c.Erase})
		if err != nil {
			return err
		}
		fmt.Printf("%s of %s is disconnected.\n", c.Provider, g.Org)
		for _, p := range s.Problems {
			fmt.Println(p.Text)
		}
		if !c.Erase {
			fmt.Println("What was recorded stays.")
			return nil
		}
		return erased(ctx, known, g.Org, c.Provider, c.Name)
	})
}

type connectionsForgetCommand struct {
	cluster
	named
}

// Help shows an example.
func (*connectionsForgetCommand) Help() string {
	return "Example:\n  leadline connections forget-webhooks fathom"
}

// Run forgets.
func (c *connectionsForgetCommand) Run(ctx context.Context, g *Globals) error {
	return c.change(ctx, g, &c.cluster, console.ConnectionChange{Do: console.ConnectionForgetWebhooks}, "has no webhooks that are left behind.")
}
