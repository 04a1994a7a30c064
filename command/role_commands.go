package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/gorilla/mux"

	"leadline/deploy/boot"
	"leadline/ingress/connection"
	"leadline/ingress/poller"
	"leadline/ingress/webhook"
)

// health is where a role tells whether it lives, is ready, and what it counts.
type health struct {
	HealthListen string `env:"LEADLINE_HEALTH_LISTEN" default:"0.0.0.0:8429" help:"Address of /livez, /readyz and /metrics."`
}

// run runs the roles of a process with its health beside them.
func (h health) run(ctx context.Context, p *plant, roles ...boot.Role) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", h.HealthListen)
	if err != nil {
		return fmt.Errorf("listening for health: %w", err)
	}
	process := &boot.Process{Log: p.log}
	p.registry.MustRegister(process)
	// First, so that it stops last: what stops is seen to stop.
	roles = append(p.first(boot.Server("health", ln, process.Health(p.registry), p.registry)), roles...)
	return process.Run(ctx, roles, func() { p.log.Info("ready") })
}

// front is the port that others call.
func front(ctx context.Context, address string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	return ln, nil
}

type ingressCommand struct {
	cluster
	keyset
	health
	Listen string `env:"LEADLINE_LISTEN" default:"0.0.0.0:8420" help:"Address for webhooks."`
}

// Help shows an example.
func (*ingressCommand) Help() string {
	return `Any number of them may run behind one address.

Example:
  KAFKA_BROKERS=kafka:9092 SCHEMA_REGISTRY_URL=http://registry:8081 LEADLINE_KEYSET_FILE=/run/keys.json leadline ingress`
}

// Run receives until it is stopped.
func (c *ingressCommand) Run(ctx context.Context, g *Globals) error {
	p, err := c.role(ctx, g, "ingress")
	if err != nil {
		return err
	}
	sealer, err := c.sealer(g.Data)
	if err != nil {
		return err
	}
	ln, err := front(ctx, c.Listen)
	if err != nil {
		return err
	}
	table := connection.NewTable(p.connectionOptions())
	receiving, producing, err := p.webhooks(table, sealer)
	if err != nil {
		return err
	}
	// The server does not wait: it answers 503 until the table is whole.
	roles := after([]boot.Role{producing, tableRole(table)}, p.kafkaNeed("ingress"))
	return c.run(ctx, p, append(roles, boot.Server("webhooks", ln, receiving, p.registry))...)
}

type pollerCommand struct {
	cluster
	keyset
	health
	polling
}

// Help shows an example.
func (*pollerCommand) Help() string {
	return `Any number of them may run: each connection is polled by one.

Example:
  leadline poller --poll-interval 30m`
}

// Validate names the flag that is wrong.
func (c *pollerCommand) Validate() error { return errors.Join(c.cluster.Validate(), c.check()) }

// Run polls until it is stopped.
func (c *pollerCommand) Run(ctx context.Context, g *Globals) error {
	p, err := c.role(ctx, g, "poller")
	if err != nil {
		return err
	}
	sealer, err := c.sealer(g.Data)
	if err != nil {
		return err
	}
	p.recorders = c.recorders("")
	table := connection.NewTable(p.connectionOptions())
	recorded, err := p.poller(table, sealer, c.polling)
	if err != nil {
		return err
	}
	connector := connection.NewConnector(p.connectionOptions(), p.recorders, table, sealer, nil)
	return c.run(ctx, p, after([]boot.Role{tableRole(table), recorded, p.upkeep(connector, table)}, p.kafkaNeed("poller"))...)
}

type processorsCommand struct {
	cluster
	health
	haltFlags
	distillerFlags
	Only []string `env:"LEADLINE_ONLY" help:"Only these: normalize, match, distill, index, and calls, which asks the model."`
}

// Validate names what is wrong.
func (c *processorsCommand) Validate() error {
	return errors.Join(c.cluster.Validate(), c.check(), c.distillerFlags.Validate())
}

// Help shows an example.
func (*processorsCommand) Help() string {
	return `Any number of them may run: each has a part of the partitions. --data is a cache of their state, which is in Kafka.

Example:
  leadline processors --only normalize,match --data /var/cache/leadline`
}

// Run processes until it is stopped.
func (c *processorsCommand) Run(ctx context.Context, g *Globals) error {
	p, err := c.role(ctx, g, "processors")
	if err != nil {
		return err
	}
	book := p.rules()
	p.mostRejected = c.MostRejected
	all, err := p.processors(&c.distillerFlags, book)
	if err != nil {
		return err
	}
	roles, err := only(all, c.Only)
	if err != nil {
		return &usageError{err}
	}
	picked := make([]string, len(roles))
	for i, r := range roles {
		picked[i] = r.Name
	}
	return c.run(ctx, p, append([]boot.Role{bookRole(book)}, after(roles, p.kafkaNeed(picked...))...)...)
}

// only picks roles by name; none is all.
func only(all []boot.Role, names []string) ([]boot.Role, error) {
	if len(names) == 0 {
		return all, nil
	}
	var picked []boot.Role
	for _, name := range names {
		i := slices.IndexFunc(all, func(r boot.Role) bool { return r.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("--only: there is no %q", name)
		}
		picked = append(picked, all[i])
	}
	return picked, nil
}

func tableRole(t *connection.Table) boot.Role {
	return boot.Role{Name: "connections", Run: t.Run, Ready: t.Ready}
}

// webhooks is the handler that recorders deliver to, and the role that closes
// its producer: it is to stop after the server.
func (p *plant) webhooks(table *connection.Table, sealer *connection.Sealer) (*mux.Router, boot.Role, error) {
	receiving, err := webhook.New(webhook.Options{
		Kafka: p.kafka, Codec: p.codec, Log: p.log, Metrics: p.registry, Recorders: p.recorders, Connections: table, Sealer: sealer,
		Tracing: p.tracing,
	})
	if err != nil {
		return nil, boot.Role{}, err
	}
	router := mux.NewRouter()
	receiving.Mount(router)
	return router, boot.Role{Name: "webhook producer", Run: func(ctx context.Context) error {
		<-ctx.Done()
		receiving.Close()
		return nil
	}}, nil
}

func (p *plant) poller(table *connection.Table, sealer *connection.Sealer, how polling) (boot.Role, error) {
	loop, err := poller.New(poller.Options{
		Kafka: p.kafka, Codec: p.codec, Log: p.log, Metrics: p.registry, Recorders: p.recorders, Connections: table, Sealer: sealer,
		TransactionalID: "leadline-poller-" + p.incarnation, Interval: how.PollInterval,
		CompleteWithin: how.CompleteWithin,
		Tracing:        p.tracing,
	})
	if err != nil {
		return boot.Role{}, err
	}
	return boot.Role{Name: "poller", Run: loop.Run}, nil
}

func (p *plant) connectionOptions() connection.Options {
	return connection.Options{Kafka: p.kafka, Codec: p.codec, Log: p.log, Metrics: p.registry}
}
