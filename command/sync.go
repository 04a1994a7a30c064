package command

import (
	"context"
	"fmt"
	"os"
	"time"

	"leadline/console"
	"leadline/schemas"
)

type syncCommand struct {
	cluster
	named
	Since time.Time `placeholder:"2026-03-02" help:"First day to read, as 2026-11-01. Default: the connection's look-back."`
	Watch bool      `help:"Show how far it is until it has ended."`
}

// Help shows an example.
func (*syncCommand) Help() string {
	return `One that is under way and covers it is joined.

Example:
  leadline sync fathom --since 2026-09-01 --watch`
}

// watchEvery is how often a watched sync is looked at: a tenth of what a token
// may ask the API in that time.
const watchEvery = 200 * time.Millisecond

// Run asks for a sync; the poller does it.
func (c *syncCommand) Run(ctx context.Context, g *Globals) error {
	return c.connected(ctx, g, nil, func(ctx context.Context, known console.Connections) error {
		asked := time.Now()
		if _, err := known.Change(ctx, g.Org, c.Provider, c.Name, console.ConnectionChange{Do: console.ConnectionSync, Since: c.Since}); err != nil {
			return err
		}
		fmt.Println("A sync has been asked for.")
		if !c.Watch {
			return nil
		}
		return watchSync(ctx, known, g.Org, c.named, asked)
	})
}

// watchSync prints each change of a run until it has ended.
func watchSync(ctx context.Context, known console.Connections, org string, of named, asked time.Time) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for last := ""; ; {
		s, err := console.ConnectionNamed(ctx, known, org, of.Provider, of.Name)
		if err == nil && s.State != schemas.ConnectionConnected {
			err = fmt.Errorf("%s of %s is %s", of.Provider, org, s.State)
		}
		if err != nil {
			return err
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
