package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"leadline/deploy/chaos"
)

type chaosCommand struct {
	cluster
	storeFlags
	Minutes   float64           `default:"2" help:"How long faults are injected; each kind fires at least once."`
	Seed      uint64            `help:"Order of the faults, and what is sent. Default: another each time; the report names it."`
	PerSecond float64           `name:"per-second" default:"4" help:"Meetings that end in a second."`
	Distiller string            `enum:"none,local" default:"local" help:"none or local."`
	Engine    map[string]string `mapsep:"none" placeholder:"NAME=COMMAND" help:"A shell command that kills kafka, registry, clickhouse or elasticsearch as kill -9 does, and starts it again; real engines only, once for each."`
	Keep      bool              `help:"Leave its directory where it is when something went wrong."`
	JSON      bool              `name:"json" help:"One JSON object and nothing else."`
}

// Help shows examples.
func (*chaosCommand) Help() string {
	return `Runs a Leadline of its own beside a simulated Fathom, disturbs both, and compares in the end what the stores hold with what an
undisturbed Leadline makes of the same meetings. Without engines it is the embedded mode, in a directory of its own; real engines get
an organisation of the run's own, and the roles as separate processes. Exit code 1: something was lost, doubled or not accounted for.

Examples:
  leadline chaos
  leadline chaos --minutes 60 --seed 7
  KAFKA_BROKERS=127.0.0.1:19092 SCHEMA_REGISTRY_URL=... CLICKHOUSE_DSN=... ELASTICSEARCH_URL=... leadline chaos --json \
    --engine kafka='docker kill -s KILL kafka && docker start kafka'`
}

// Validate names the flag that is wrong.
func (c *chaosCommand) Validate() error {
	switch {
	case c.Minutes <= 0 || c.Minutes > 24*60:
		return fmt.Errorf("--minutes=%v: want more than 0 and at most a day", c.Minutes)
	case c.PerSecond <= 0 || c.PerSecond > 100:
		return fmt.Errorf("--per-second=%v: want more than 0 and at most 100", c.PerSecond)
	case len(c.Brokers) > 0 && (c.ClickHouse == "" || len(c.Elasticsearch) == 0):
		return errors.New("KAFKA_BROKERS wants CLICKHOUSE_DSN and ELASTICSEARCH_URL beside it")
	case len(c.Engine) > 0 && len(c.Brokers) == 0:
		return errors.New("--engine wants real engines: KAFKA_BROKERS is not set")
	}
	for name := range c.Engine {
		if !slices.Contains(chaosEngines, name) {
			return fmt.Errorf("--engine %s=...: want one of %s", name, strings.Join(chaosEngines, ", "))
		}
	}
	return c.cluster.Validate()
}

// chaosReport is what the command prints.
type chaosReport struct {
	chaos.Report
	Engines  string `json:"engines"` // embedded or real
	Meetings int    `json:"meetings"`
	Records  int    `json:"records"` // raw ones, every one of which is accounted for
	Poisoned int    `json:"poisoned"`
}

// Run disturbs and judges.
func (c *chaosCommand) Run(ctx context.Context, g *Globals) error { return c.run(ctx, g, os.Stdout) }

func (c *chaosCommand) run(ctx context.Context, g *Globals, out io.Writer) (err error) {
	if c.Seed == 0 {
		c.Seed = rand.Uint64()>>1 | 1 //nolint:gosec // it names a campaign
	}
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	if c.JSON {
		say = func(string, ...any) {}
	}
	site, err := c.site(ctx, g, say)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.close(c.Keep && err != nil)) }()
	report := chaosReport{Engines: site.engines}
	campaign := chaos.Campaign{
		Seed: c.Seed, For: time.Duration(c.Minutes * float64(time.Minute)), Faults: site.faults(), Say: say,
		Traffic: site.source.traffic(c.PerSecond),
		Settle:  site.settle,
		Judge: func(ctx context.Context) ([]string, error) {
			differences, err := site.judge(ctx)
			report.Meetings, report.Records, report.Poisoned = len(site.source.ended()), site.records, site.poisoned
			return differences, err
		},
	}
	say("seed %d, %s, %d kinds of faults", c.Seed, site.engines, len(campaign.Faults))
	if report.Report, err = campaign.Run(ctx); err != nil {
		return fmt.Errorf("campaign with --seed %d: %w", c.Seed, err)
	}
	if c.JSON {
		if err := json.NewEncoder(out).Encode(report); err != nil {
			return err
		}
	} else {
		printChaos(out, &report)
	}
	if n := len(report.Differences); n > 0 {
		return fmt.Errorf("campaign with --seed %d: %d differences", c.Seed, n)
	}
	return nil
}

func printChaos(out io.Writer, r *chaosReport) {
	kinds := make([]string, 0, len(r.Fired))
	for kind := range r.Fired {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	fmt.Fprintln(out)
	for _, kind := range kinds {
		fmt.Fprintf(out, "%5d  %s\n", r.Fired[kind], kind)
	}
	fmt.Fprintf(out, "%5d  faults in %.0f s, all of which fired\n", r.Faults, r.Seconds)
	fmt.Fprintf(out, "%d meetings; %d raw records, %d of them poisoned, all accounted for unless said below\n", r.Meetings, r.Records, r.Poisoned)
	if len(r.Differences) == 0 {
		fmt.Fprintln(out, "Both stores hold what an undisturbed run makes of the same meetings.")
		return
	}
	fmt.Fprintln(out, strings.Join(r.Differences, "\n"))
}
