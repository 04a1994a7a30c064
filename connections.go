package main

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
)

// desk is what a command changes connections with.
type desk struct {
	table     *connection.Table
	cursors   *connection.Cursors
	connector *connection.Connector
}

// atDesk follows the connections while a command works. The sealer may be nil for one that needs no secret.
func atDesk(ctx context.Context, g *Globals, r reach, sealer *connection.Sealer, work func(context.Context, *desk) error) error {
	options := connection.Options{Kafka: r.kafka, Codec: r.codec, Log: g.logger(), Metrics: prometheus.NewRegistry()}
	d := &desk{table: connection.NewTable(options), cursors: connection.NewCursors(options)}
	d.connector = connection.NewConnector(options, recorders(fathom.Recorder{}, zoom.Pro), d.table, sealer, nil)
	following, stop := context.WithCancel(ctx)
	followed := make(chan error, 2)
	go func() { followed <- d.table.Run(following) }()
	go func() { followed <- d.cursors.Run(following) }()
	err := errors.Join(d.table.CatchUp(ctx), d.cursors.CatchUp(ctx))
	if err == nil {
		err = work(ctx, d)
	}
	stop()
	return errors.Join(err, <-followed, <-followed)
}

func (d *desk) status(org, provider, name string) (connection.Status, bool) {
	c, found := d.table.Lookup(org, provider, name)
	if !found {
		return connection.Status{}, false
	}
	cursor, read := d.cursors.Get(org, provider, name)
	if !read {
		return connection.StatusOf(c, nil), true
	}
	return connection.StatusOf(c, &cursor), true
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

type connectionsListCommand struct {
	cluster
	output
	All bool `help:"Also those that were disconnected. They are listed in any case while a webhook of them is left."`
}

// Help shows examples.
func (*connectionsListCommand) Help() string {
	return `Examples:
  leadline connections
  leadline connections list --all --json`
}

// Run lists.
func (c *connectionsListCommand) Run(ctx context.Context, g *Globals) error {
	r, err := c.reach(ctx, g)
	if err != nil {
		return err
	}
	return atDesk(ctx, g, r, nil, func(_ context.Context, d *desk) error {
		var all []connection.Status
		for _, row := range d.table.All() {
			if row.Org != g.Org || row.DisconnectedAt != nil && row.Leaked == "" && !c.All {
				continue
			}
			if s, found := d.status(row.Org, row.Provider, row.Name); found {
				all = append(all, s)
			}
		}
		return show(c.output, all, func(console.Style) error { return printConnections(os.Stdout, g.Org, all) })
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
	r, err := c.reach(ctx, g)
	if err != nil {
		return err
	}
	return atDesk(ctx, g, r, nil, func(_ context.Context, d *desk) error {
		s, found := d.status(g.Org, c.Provider, c.Name)
		if !found {
			return &connection.NotConnected{Org: g.Org, Provider: c.Provider, Name: c.Name}
		}
		return show(c.output, []connection.Status{s}, func(console.Style) error { return printConnection(os.Stdout, s) })
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
	return c.set(ctx, g, &c.cluster, false, "is paused: nothing is polled, and deliveries are answered and dropped.")
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
	return c.set(ctx, g, &c.cluster, true, "takes meetings in again; a sync of the meantime has been asked for.")
}

func (n named) set(ctx context.Context, g *Globals, at *cluster, on bool, done string) error {
	r, err := at.reach(ctx, g)
	if err != nil {
		return err
	}
	return atDesk(ctx, g, r, nil, func(ctx context.Context, d *desk) error {
		if err := d.connector.SetIngest(ctx, g.Org, n.Provider, n.Name, on); err != nil {
			return err
		}
		fmt.Printf("%s of %s %s\n", n.Provider, g.Org, done)
		return nil
	})
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
	r, err := c.reach(ctx, g)
	if err != nil {
		return err
	}
	sealer, err := c.sealer(g.Data)
	if err != nil {
		return err
	}
	return atDesk(ctx, g, r, sealer, func(ctx context.Context, d *desk) error {
		if _, found := d.table.Lookup(g.Org, c.Provider, c.Name); !found {
			return &connection.NotConnected{Org: g.Org, Provider: c.Provider, Name: c.Name}
		}
		err := d.connector.Disconnect(ctx, g.Org, c.Provider, c.Name, c.Erase)
		left, leaked := errors.AsType[*connection.LeakedWebhooks](err)
		if err != nil && !leaked {
			return err
		}
		fmt.Printf("%s of %s is disconnected.\n", c.Provider, g.Org)
		if leaked {
			fmt.Println(left)
		}
		if !c.Erase {
			fmt.Println("What was recorded stays.")
			return nil
		}
		return d.erased(ctx, g.Org, c.Provider, c.Name)
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
	r, err := c.reach(ctx, g)
	if err != nil {
		return err
	}
	return atDesk(ctx, g, r, nil, func(ctx context.Context, d *desk) error {
		return d.connector.ForgetWebhooks(ctx, g.Org, c.Provider, c.Name)
	})
}
