package command

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/bench"
	"leadline/deploy/boot"
	"leadline/deploy/local"
	"leadline/ingress/connection"
	"leadline/ingress/webhook"
	"leadline/schemas"
)

type benchCommand struct {
	cluster
	storeFlags
	JSON      bool     `name:"json" help:"One JSON array and nothing else."`
	Rounds    int      `default:"5" help:"Rounds that count, of each measurement."`
	Meetings  int      `default:"40" help:"Meetings in a round of the chain."`
	SizeKB    int      `name:"size-kb" default:"125" help:"Size of a meeting."`
	Largest   int      `name:"largest-kb" default:"8064" help:"Size of the largest meeting whose cost is measured."`
	Backlog   int      `default:"25" help:"Memory: peak of a burst of four times as many meetings, beside that of as many."`
	Waiting   int      `default:"100000" help:"Memory: peak while so many meetings of 1 KB wait."`
	Orgs      int      `default:"10000" help:"Most organisations at which the cost of a meeting is measured."`
	Rate      float64  `default:"20" help:"Meetings a second at which latency and memory are measured."`
	Chunks    int      `default:"100000" help:"Chunks, of 200 customers, that are searched."`
	Share     float64  `default:"1" help:"Two processes beside one: share of the time that each runs for. Where engines have the same cores, less than 1 leaves them some."`
	Distiller string   `enum:"none,local" default:"none" help:"none, or local, which takes most of a meeting's time."`
	Profile   string   `name:"cpu-profile" placeholder:"FILE" help:"Write there where processor time went, for go tool pprof."`
	Only      []string `help:"Only these: intake, stage, chain, latency, sizes, orgs, sinks, restore, search, process, scale."`
}

// Help shows examples.
func (*benchCommand) Help() string {
	return `Prints ratios: 1 is as fast, or as cheap, as a yardstick that does the least the same job could take, on the same broker
and by turns. Without engines it measures the embedded mode, in a directory of its own. A real broker must hold no meetings;
topics and schemas are made, stores get names of the run's own. What a search takes has no yardstick.

Examples:
  leadline bench
  leadline bench --only chain,latency --rounds 11 --meetings 1000
  leadline bench --only process --backlog 1250 --waiting 1000000
  ELASTICSEARCH_URL=http://127.0.0.1:9200 leadline bench --only search
  KAFKA_BROKERS=127.0.0.1:19092 SCHEMA_REGISTRY_URL=... CLICKHOUSE_DSN=... ELASTICSEARCH_URL=... leadline bench --json`
}

// Validate names the flag that is wrong.
func (c *benchCommand) Validate() error {
	for flag, n := range map[string]int{
		"--rounds": c.Rounds, "--meetings": c.Meetings, "--size-kb": c.SizeKB, "--backlog": c.Backlog, "--chunks": c.Chunks,
		"--waiting": c.Waiting, "--orgs": c.Orgs,
	} {
		if n < 1 {
			return fmt.Errorf("%s=%d: want 1 or more", flag, n)
		}
	}
	if c.Rate < 1 || c.Rate > 10_000 {
		return fmt.Errorf("--rate=%v: want 1 to 10000", c.Rate)
	}
	if c.Share <= 0 || c.Share > 1 {
		return fmt.Errorf("--share=%v: want more than 0, at most 1", c.Share)
	}
	// A webhook's body ends at 8 MiB.
	if largest := max(c.SizeKB, c.Largest); largest > 8064 {
		return fmt.Errorf("a meeting of %d KB: want at most 8064", largest)
	}
	for _, part := range c.Only {
		if !slices.Contains(bench.Parts, part) {
			return fmt.Errorf("--only=%s: want some of %s", part, strings.Join(bench.Parts, ", "))
		}
	}
	return c.cluster.Validate()
}

// Run measures and prints.
func (c *benchCommand) Run(ctx context.Context, g *Globals) error { return c.run(ctx, g, os.Stdout) }

func (c *benchCommand) run(ctx context.Context, g *Globals, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "leadline-bench-*")
	if err != nil {
		return fmt.Errorf("making a data directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	own := *g
	own.Data = dir
	// What still follows the broker when it closes would say so.
	own.LogLevel = max(g.LogLevel, slog.LevelError)
	stop, err := profile(c.Profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	site, shut, err := c.site(ctx, &own)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shut()) }()
	if site.Binary, err = os.Executable(); err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	rows := []bench.Row{}
	tell := func(r bench.Row) {
		rows = append(rows, r)
		if !c.JSON {
			bench.Print(out, r)
		}
	}
	if !c.JSON {
		bench.PrintHead(out)
	}
	err = bench.Run(ctx, site, bench.Options{
		Rounds: c.Rounds, Meetings: c.Meetings, Size: c.SizeKB << 10, Backlog: c.Backlog, Waiting: c.Waiting,
		Largest: c.Largest << 10, Orgs: c.Orgs, Rate: c.Rate, Chunks: c.Chunks, Share: c.Share,
		Only: c.Only,
	}, tell)
	if err != nil || !c.JSON {
		return err
	}
	return json.NewEncoder(out).Encode(rows)
}

// profile samples the processor until stop, where a file is named.
func profile(name string) (stop func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("making the profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("profiling: %w", err), f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

// site is on the engines that were named, or on embedded ones.
func (c *benchCommand) site(ctx context.Context, g *Globals) (_ *bench.Site, shut func() error, err error) {
	shut = func() error { return nil }
	var p *plant
	site := &bench.Site{
		Partitions: 4, Replication: 1, Incarnation: strings.ToLower(rand.Text()[:10]), ClickHouse: c.ClickHouse, Elasticsearch: c.Elasticsearch,
		Distiller: c.Distiller,
	}
	if len(c.Brokers) > 0 {
		if p, err = c.benchPlant(ctx, g, site); err != nil {
			return nil, nil, err
		}
	} else {
		registry := prometheus.NewRegistry()
		engines, err := openEngines(ctx, local.Config{Dir: g.Data, MaxLogBytes: 4 << 30, Log: g.logger(), Registerer: registry})
		if err != nil {
			return nil, nil, err
		}
		shut = engines.Close
		if p, err = openPlant(ctx, g, engines, site.Partitions, registry, g.logger()); err != nil {
			return nil, nil, errors.Join(err, shut())
		}
		site.TopicConfig = local.TopicConfig()
	}
	if err := c.furnish(site, p); err != nil {
		return nil, nil, errors.Join(err, shut())
	}
	return site, shut, nil
}

// benchPlant makes topics and schemas on a broker that holds no meetings.
func (c *benchCommand) benchPlant(ctx context.Context, g *Globals, site *bench.Site) (*plant, error) {
	registry, err := c.registry()
	if err != nil {
		return nil, err
	}
	if _, err := boot.RegisterSchemas(ctx, registry); err != nil {
		return nil, err
	}
	p, err := c.plant(ctx, g)
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(p.kafka...)
	if err != nil {
		return nil, fmt.Errorf("building the admin client: %w", err)
	}
	defer client.Close()
	layout := boot.KafkaLayout(site.Partitions, site.Replication)
	if err := boot.EnsureTopics(ctx, kadm.NewClient(client), schemas.Topics(), layout); err != nil {
		return nil, &usageError{err}
	}
	site.Kafka, site.TopicConfig = p.kafka, layout.Config(schemas.Spec{})
	site.Environment = []string{"KAFKA_BROKERS=" + strings.Join(c.Brokers, ","), "SCHEMA_REGISTRY_URL=" + c.Registry}
	if err := site.Refuse(ctx); err != nil {
		return nil, &usageError{err}
	}
	return p, nil
}

// furnish adds what of Leadline is measured.
func (c *benchCommand) furnish(site *bench.Site, p *plant) error {
	book := p.rules()
	stages, err := p.processors(&distillerFlags{Distiller: c.Distiller}, book)
	if err != nil {
		return err
	}
	sealer, err := connection.OpenSealer("", filepath.Join(p.data, "bench-keys.json"))
	if err != nil {
		return err
	}
	site.Kafka, site.Codec, site.Log, site.Dir = p.kafka, p.codec, p.log, p.data
	site.Processors = append([]boot.Role{bookRole(book)}, stages...)
	site.Webhooks = webhook.Options{Kafka: p.kafka, Codec: p.codec, Log: p.log, Recorders: p.recorders, Sealer: sealer}
	return nil
}
