package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"leadline/deploy/boot"
	"leadline/deploy/local"
	"leadline/ingress/connection"
	"leadline/ingress/fathom"
	"leadline/ingress/zoom"
	"leadline/schemas"
	"leadline/sinks/embedded"
)

type upCommand struct {
	Port         int    `env:"LEADLINE_PORT" default:"8420" help:"Port on 127.0.0.1 for webhooks, the API and metrics; 0 is any."`
	KafkaPort    int    `env:"LEADLINE_KAFKA_PORT" default:"8421" help:"Port on 127.0.0.1 of the embedded Kafka; 0 is any."`
	RegistryPort int    `env:"LEADLINE_REGISTRY_PORT" default:"8422" help:"Port on 127.0.0.1 of the embedded schema registry; 0 is any."`
	PublicURL    string `env:"LEADLINE_PUBLIC_URL" help:"Address under which recorders reach this process, for the webhooks that connect makes. Default: none, meetings come by poll alone."`
	Partitions   int32  `env:"LEADLINE_PARTITIONS" default:"4" help:"Partitions of each topic, when it is made."`
	MaxLog       int64  `name:"max-log-mb" env:"LEADLINE_MAX_LOG_MB" default:"1024" help:"Most that the embedded Kafka keeps on disk, in MB."`
	Fold         int64  `name:"fold-mb" env:"LEADLINE_FOLD_MB" default:"32" help:"How much the embedded Kafka's compacted topics hold before a start folds them, in MB."`

	polling
	apiLimits
	haltFlags
	pageFlags
	distillerFlags
	embeddingFlags

	Demo      bool          `env:"LEADLINE_DEMO" help:"Show it on a simulated Fathom and a simulated Zoom with sample meetings."`
	Meetings  string        `env:"LEADLINE_MEETINGS" type:"existingdir" help:"With --demo: a folder of files, each one Fathom meeting, instead of the sample."`
	Directory string        `env:"LEADLINE_DIRECTORY" type:"existingfile" help:"With --demo: a file of companies and end users."`
	Once      bool          `env:"LEADLINE_ONCE" help:"With --demo: end when everything is in both stores."`
	Timeout   time.Duration `env:"LEADLINE_TIMEOUT" default:"10m" help:"With --demo: how long it may take."`
	JSON      bool          `name:"json" env:"LEADLINE_JSON" help:"With --demo: print the summary as one JSON object and nothing else."`
}

// Help shows examples.
func (*upCommand) Help() string {
	return `Starts an embedded Kafka broker, a schema registry, SQLite stores and every role. Data survives restarts.

Examples:
  leadline up                                          the product on this machine
  leadline up --demo                                   with simulated recorders and sample meetings
  leadline up --demo --once --json                     the same as a check
  leadline up --demo --meetings DIR --directory FILE   on your own data
  leadline up --public-url https://meet.example.com    behind a tunnel or proxy, with webhooks`
}

// Validate names the flag that is wrong.
func (c *upCommand) Validate() error {
	for _, p := range []struct {
		flag string
		port int
	}{{"--port", c.Port}, {"--kafka-port", c.KafkaPort}, {"--registry-port", c.RegistryPort}} {
		if p.port < 0 || p.port > 65535 {
			return fmt.Errorf("%s=%d: want 0 to 65535", p.flag, p.port)
		}
	}
	switch {
	case c.Partitions < 1 || c.Partitions > 1000:
		return fmt.Errorf("--partitions=%d: want 1 to 1000", c.Partitions)
	case c.MaxLog < 128 || c.MaxLog > 1<<20:
		return fmt.Errorf("--max-log-mb=%d: want 128 to 1048576", c.MaxLog)
	case c.Fold < 1 || c.Fold > 1<<20:
		return fmt.Errorf("--fold-mb=%d: want 1 to 1048576", c.Fold)
	case c.Timeout <= 0:
		return fmt.Errorf("--timeout=%v: want more than 0", c.Timeout)
	case !c.Demo && (c.Once || c.JSON || c.Meetings != "" || c.Directory != ""):
		return errors.New("--once, --json, --meetings and --directory go with --demo")
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			return fmt.Errorf("--public-url=%q: want an http or https address", c.PublicURL)
		}
	}
	return errors.Join(c.polling.check(), c.haltFlags.check(), c.pageFlags.check(), c.distillerFlags.Validate(), c.embeddingFlags.Validate())
}

// Run is the whole product in one process. What is opened first is closed
// last: the broker outlives its clients, and the lock on the directory
// everything.
func (c *upCommand) Run(ctx context.Context, g *Globals) error { return c.run(ctx, g, os.Stdout) }

func (c *upCommand) run(ctx context.Context, g *Globals, out io.Writer) (err error) {
	if g.Org == "" {
		g.Org = "main"
		if c.Demo {
			g.Org = "demo"
		}
	}
	if err := schemas.CheckOrg(g.Org); err != nil {
		return &usageError{fmt.Errorf("--org: %w", err)}
	}
	var demonstration *tour
	if c.Demo {
		if demonstration, err = newTour(g.Org, c.Meetings, c.Directory); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(g.Data, 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	log := g.logger()
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	engines, err := openEngines(ctx, local.Config{
		Dir: g.Data, KafkaPort: c.KafkaPort, RegistryPort: c.RegistryPort, MaxLogBytes: c.MaxLog << 20, FoldBytes: c.Fold << 20,
		Log: log, Registerer: registry,
	})
	if err != nil {
		return portTaken(err)
	}
	defer func() { err = errors.Join(err, engines.Close()) }()
	if err := dropSnapshots(g.Data); err != nil {
		return err
	}
	ln, err := listen(ctx, c.Port, "webhooks and the API")
	if err != nil {
		return portTaken(err)
	}
	defer func() { _ = ln.Close() }() // the server has closed it, if it came to that
	p, err := openPlant(ctx, g, engines, c.Partitions, registry, log)
	if err != nil {
		return err
	}
	if err := rereadAfterReplay(ctx, p); err != nil {
		return err
	}
	store, err := embedded.Open(ctx, storeFile(g.Data))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if p.vectors, err = c.embeddingFlags.open(p); err != nil {
		return err
	}
	p.vectors.ask(store)
	sealer, err := connection.OpenSealer(os.Getenv("LEADLINE_KEYSET"), keysFile(g.Data))
	if err != nil {
		return err
	}
	token, first, err := apiToken(tokenFile(g.Data))
	if err != nil {
		return err
	}
	where := place{URL: "http://" + ln.Addr().String(), Brokers: engines.Brokers(), Registry: engines.RegistryURL(), Org: g.Org, PID: os.Getpid()}

	p.recorders = c.recorders(c.FathomURL)
	if c.Demo {
		p.recorders = recorders(fathom.Recorder{API: c.FathomURL, Calls: 6000, Heavy: 6000}, zoom.Unlimited) // the simulators have no limits
	}
	p.mostRejected = c.MostRejected
	process := new(boot.Process)
	roles, connector, err := p.everything(process, engines, store, sealer, ln, token, c.PublicURL, c.apiLimits, c.pageFlags, c.polling, &c.distillerFlags)
	if err != nil {
		return err
	}
	link := ""
	if first {
		link = p.site.Link(g.Org)
	}
	if demonstration == nil {
		return process.Run(ctx, roles, func() {
			err := where.write(g.Data)
			c.announce(out, g, where, link, err)
		})
	}
	say := out
	if c.JSON {
		say = io.Discard
	}
	demonstration.publicURL, demonstration.connector, demonstration.plant = where.URL, connector, p
	demonstration.store, demonstration.timeout, demonstration.say = store, c.Timeout, say
	return c.demonstrate(ctx, g, process, roles, demonstration, where, link, out)
}

// demonstrate runs the roles and the tour beside them. The roles outlive a stop by as long as the tour needs to take its
// leave: its connection would be left behind, and ask a simulator that is gone for meetings until the end of time.
func (c *upCommand) demonstrate(asked context.Context, g *Globals, process *boot.Process, roles []boot.Role, t *tour, where place, link string, out io.Writer) error {
	ctx, stop := context.WithCancel(context.WithoutCancel(asked))
	defer stop()
	var started atomic.Bool
	defer context.AfterFunc(asked, func() {
		if !started.Load() {
			stop()
		}
	})()
	ended := make(chan error, 1)
	guided := func() error {
		if err := where.write(g.Data); err != nil {
			return err
		}
		c.announce(t.say, g, where, link, nil)
		s, err := t.guide(asked)
		if err != nil {
			return err
		}
		if c.JSON {
			return t.report(asked, out, s, true)
		}
		return t.report(asked, t.say, s, false)
	}
	for _, at := range t.stands {
		roles = append(roles, at.role())
	}
	err := process.Run(ctx, roles, func() {
		started.Store(true)
		go func() {
			defer stop()
			err := guided()
			if !c.Once && err == nil {
				<-asked.Done()
			}
			ended <- errors.Join(err, t.leave(ctx))
		}()
	})
	select {
	case tourErr := <-ended:
		return errors.Join(tourErr, err)
	default:
		return err
	}
}

// announce says where everything is. The link that makes the first admin is printed at the first start alone: logs are
// kept, and a later one would open the console to whoever reads them within the hour.
func (c *upCommand) announce(w io.Writer, g *Globals, where place, link string, placeErr error) {
	console, hint := where.URL, "leadline signin makes a link that signs in once"
	if link != "" {
		console, hint = where.URL+link, "this link signs in once, within an hour; leadline signin makes another"
	}
	fmt.Fprintf(w, `Leadline runs.
  console            %s
                     %s
  API and webhooks   %s
  Kafka              %s
  schema registry    %s
  data               %s
  organisation       %s
Embedded mode: one machine, at-least-once between stages, not replicated. Ctrl-C stops; the next start goes on from here.
`, console, hint, where.URL, strings.Join(where.Brokers, ","), where.Registry, g.Data, g.Org)
	if placeErr != nil {
		fmt.Fprintln(w, "Commands will not find it:", placeErr)
	}
}

// apiToken reads the token of the API, or makes one, which is the first start
// of a data directory. It keeps other users of the machine, and pages in its
// browser, from reading meetings.
func apiToken(path string) (token string, made bool, err error) {
	raw, err := os.ReadFile(path)
	if err == nil && len(strings.TrimSpace(string(raw))) >= 26 {
		return strings.TrimSpace(string(raw)), false, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", false, fmt.Errorf("reading the token: %w", err)
	}
	token = rand.Text()
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		return "", false, fmt.Errorf("writing the token: %w", err)
	}
	return token, true, nil
}

// serve puts webhooks, health and what people and machines read on one port.
func serve(process *boot.Process, ln net.Listener, registry *prometheus.Registry, webhooks, copies, reading http.Handler) boot.Role {
	health := process.Health(registry)
	return boot.Server("http", ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.HasPrefix(path, "/api/integrations/"):
			webhooks.ServeHTTP(w, r)
		case path == "/livez", path == "/readyz", path == "/metrics":
			health.ServeHTTP(w, r)
		case path == snapshotPath:
			copies.ServeHTTP(w, r)
		default:
			reading.ServeHTTP(w, r)
		}
	}), registry)
}
