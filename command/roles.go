package command

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"

	"leadline/console/pages"
	"leadline/deploy/boot"
	"leadline/deploy/local"
	"leadline/ingress/connection"
	"leadline/ingress/recorder"
	"leadline/ingress/rules"
	"leadline/processors/index"
	"leadline/processors/match"
	"leadline/processors/normalize"
	"leadline/processors/stage"
	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

// plant is what the roles of a process share.
type plant struct {
	kafka     []kgo.Opt
	codec     *schemas.Codec
	registry  *prometheus.Registry
	log       *slog.Logger
	data      string
	tracing   trace.TracerProvider // nil: nobody asked for traces
	beneath   []boot.Role          // what a process needs whatever it does, and what stops last
	recorders recorder.Table
	vectors   *embeddings // nil where no endpoint is configured
	site      *pages.Site // nil until the roles are made, and where there is no console
	// mostRejected is how many dead letters in a row a stage or a sink makes before it halts.
	mostRejected int
	// endAtBurst: a sink ends the process instead of halting, as in a command.
	endAtBurst bool
	// incarnation ends every transactional id of this process; see
	// deploy/local for why it is new at each start of the embedded broker.
	incarnation string
}

// haltFlags are those of a process that runs stages or sinks.
type haltFlags struct {
	MostRejected int `name:"dead-letters-in-a-row" env:"LEADLINE_DEAD_LETTERS_IN_A_ROW" default:"200" help:"Dead letters that a stage or a sink makes one after the other before it halts, which leadline_stage_halted and leadline_sink_halted show. To a sink those of one meeting count once. 0 is no limit."`
}

func (f *haltFlags) check() error {
	if f.MostRejected < 0 {
		return fmt.Errorf("--dead-letters-in-a-row=%d: want 0 or more", f.MostRejected)
	}
	return nil
}

// trace makes the roles that are built afterwards begin spans, if the
// environment asks for it.
func (p *plant) trace(ctx context.Context, service string) error {
	tracing, sending, err := boot.Tracing(ctx, service, p.registry, p.log)
	if err != nil {
		return &usageError{err}
	}
	if sending != nil {
		p.tracing, p.beneath = tracing, append(p.beneath, *sending)
	}
	return nil
}

// first puts what is beneath before the others.
func (p *plant) first(roles ...boot.Role) []boot.Role { return slices.Concat(p.beneath, roles) }

// processors are the stages, in the order in which a meeting meets them.
func (p *plant) processors(d *distillerFlags, book *rules.Book) ([]boot.Role, error) {
	dir := filepath.Join(p.data, "state")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the state directory: %w", err)
	}
	distilling, asking, err := d.stage(p, book)
	if err != nil {
		return nil, err
	}
	metrics := stage.NewMetrics(p.registry)
	var roles []boot.Role
	for _, s := range []stage.Stage{normalize.New(), match.New(), distilling, index.New()} {
		loop := &stage.Loop{
			Stage: s, Codec: p.codec, Kafka: p.kafka, StateDir: dir,
			TransactionalID: "leadline-" + s.Name + "-" + p.incarnation,
			Metrics:         metrics, Log: p.log, Tracing: p.tracing, MostRejected: p.mostRejected,
		}
		roles = append(roles, boot.Role{Name: s.Name, Run: loop.Run})
	}
	return append(roles, asking...), nil
}

// sinks carry the end of the pipeline into the store.
func (p *plant) sinks(store *embedded.Store) []boot.Role {
	metrics := sink.NewMetrics(p.registry)
	return append([]boot.Role{
		sinkRole(p, metrics, "embedded-meetings", schemas.MeetingRows, store.MeetingSink(), nil, sink.ByHeader),
		sinkRole(p, metrics, "embedded-entries", schemas.KnowledgeEntries, store.EntrySink(), nil, sink.ByHeader),
		sinkRole(p, metrics, "embedded-progress", schemas.MeetingProgress, store.ProgressSink(), sink.ByPlace, sink.ByOffset),
		sinkRole(p, metrics, "embedded-usage", schemas.DistillationUsage, store.UsageSink(), nil, sink.ByOffset),
		sinkRole(p, metrics, "embedded-hits", schemas.RuleHits, store.RuleHitSink(), nil, sink.ByOffset),
		sinkRole(p, metrics, "embedded-directory", schemas.Directory, store.DirectorySink(), nil, sink.ByOffset),
	}, p.vectors.roles(p, metrics, "embedded-vectors", store)...)
}

func sinkRole[T any](p *plant, m *sink.Metrics, name string, topic schemas.Topic[T], s sink.Sink[T],
	key func(*kgo.Record) string, version func(*kgo.Record) (uint64, error),
) boot.Role {
	loop := sink.Loop[T]{
		Name: name, Group: "sink-" + name, Topic: topic, Codec: p.codec, Sink: s,
		Key: key, Version: version, Metrics: m, Log: p.log, Tracing: p.tracing, MostRejected: p.mostRejected, EndAtBurst: p.endAtBurst,
	}
	return boot.Role{Name: loop.Name, Run: func(ctx context.Context) error { return loop.Run(ctx, p.kafka...) }}
}

// everything is the list of roles of a process that runs alone. They stop in
// the opposite order: whoever takes meetings in before whoever handles them.
func (p *plant) everything(process *boot.Process, engines *local.Engines, store *embedded.Store, sealer *connection.Sealer,
	ln net.Listener, token, publicURL string, limited apiLimits, shown pageFlags, how polling, d *distillerFlags,
) ([]boot.Role, *connection.Connector, error) {
	table := connection.NewTable(p.connectionOptions())
	book := p.rules()
	stages, err := p.processors(d, book)
	if err != nil {
		return nil, nil, err
	}
	recorded, err := p.poller(table, sealer, how)
	if err != nil {
		return nil, nil, err
	}
	webhooks, receiving, err := p.webhooks(table, sealer)
	if err != nil {
		return nil, nil, err
	}
	secrets := p.tokens()
	with, beside, err := p.staff(store, book)
	if err != nil {
		return nil, nil, err
	}
	known, reading := newConnections(p.connectionOptions(), p.recorders, table, sealer, publicURL)
	with.known = known
	api := p.api(store, token, secrets, with, limited)
	roles := p.first(boot.Role{Name: "embedded engines", Run: engines.Run}, tableRole(table), tokenRole(secrets), reading, receiving)
	roles = append(roles, beside...)
	roles = append(roles, p.sinks(store)...)
	roles = append(roles, stages...)
	site, streams := p.pages(store, token, shown, with)
	p.site = site
	copies := newSnapshots(p.data, token, engines, p.log)
	roles = append(roles, recorded, p.upkeep(known.connector, table), serve(process, ln, p.registry, webhooks, copies, besides(p.site, api)), streams, copies.role())
	return roles, known.connector, nil
}
