package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"leadline/ingress/connection"
)

type syncCommand struct {
	cluster
	named
	Since time.Time `format:"2006-01-02" help:"First day to read, as 2026-11-01. Default: the connection's look-back."`
	Watch bool      `help:"Show how far it is until it has ended."`
}

// Help shows an example.
func (*syncCommand) Help() string {
	return `One that is under way and covers it is joined.

Example:
  leadline sync fathom --since 2026-09-01 --watch`
}

// watchEvery is how often a watched sync is looked at.
const watchEvery = 200 * time.Millisecond

// Run asks for a sync; the poller does it.
func (c *syncCommand) Run(ctx context.Context, g *Globals) error {
	r, err := c.reach(ctx, g)
	if err != nil {
		return err
	}
	return atDesk(ctx, g, r, nil, func(ctx context.Context, d *desk) error {
		asked := time.Now()
		if err := d.connector.Sync(ctx, g.Org, c.Provider, c.Name, c.Since); err != nil {
			return err
		}
		fmt.Println("A sync has been asked for.")
		if !c.Watch {
			return nil
		}
		return d.watch(ctx, g.Org, c.Provider, c.Name, asked)
	})
}

// watch prints each change of a run until it has ended.
func (d *desk) watch(ctx context.Context, org, provider, name string, asked time.Time) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for last := ""; ; {
		s, found := d.status(org, provider, name)
		if !found || s.State != connection.StateConnected {
			return &connection.NotConnected{Org: org, Provider: provider, Name: name}
		}
		if p := s.Sync; p != nil && p.UpdatedAt.After(asked.Truncate(time.Millisecond)) {
			if line := syncLine(p); line != last {
				fmt.Fprintln(os.Stdout, line)
				last = line
			}
			if p.Stopped != "" {
				for _, problem := range s.Problems {
					fmt.Fprintln(os.Stdout, "!", problem.Text)
				}
				return fmt.Errorf("the sync stopped: %s", p.Stopped)
			}
			if !p.Running {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
