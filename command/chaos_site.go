package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"leadline/console"
	"leadline/deploy/chaos"
	"leadline/deploy/demo"
	"leadline/ingress/fathom/simulator"
	"leadline/schemas"
)

// chaosSite is the Leadline that a campaign disturbs, the recorder it is
// connected to, and what lies between.
type chaosSite struct {
	engines   string
	org, dir  string
	disk      string // a small file system of its own that the data are on; empty where none could be made
	webhooks  string // address
	brokers   []string
	api       string
	token     string
	env       []string
	extra     []string // environment of the processes of the next start
	distiller string
	source    *chaosSource
	processes []*chaos.Process
	member    *chaos.Process // one more, for rebalances; nil in the embedded mode
	proxies   []*chaos.Proxy // between the recorder and Leadline, and between Leadline and stores
	crashes   []chaos.Fault  // of engines
	say       func(string, ...any)
	settles   time.Duration

	want              map[string]string // what the stores should hold
	records, poisoned int               // as judged
	stop              context.CancelFunc
}

// realEngines are variables that lead a command away from the embedded mode.
var realEngines = []string{"KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "CLICKHOUSE_DSN", "ELASTICSEARCH_URL"}

// chaosEngines are those that a campaign may be told how to kill.
var chaosEngines = []string{"kafka", "registry", "clickhouse", "elasticsearch"}

// chaosPort is one that a process can have again after it was killed: below
// 32768, from where the system takes those of outgoing connections.
func chaosPort() (string, error) {
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(20000+rand.IntN(12000))) //nolint:gosec // nothing to guess
		if ln, err := net.Listen("tcp", address); err == nil {                         //nolint:noctx // returns at once
			_, port, _ := net.SplitHostPort(address)
			return port, ln.Close()
		}
	}
	return "", errors.New("there is no free port between 20000 and 32000")
}

// site starts everything and connects it.
func (c *chaosCommand) site(ctx context.Context, g *Globals, say func(string, ...any)) (_ *chaosSite, err error) {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &chaosSite{engines: "embedded", org: fmt.Sprintf("chaos%d", c.Seed%1_000_000), distiller: c.Distiller, say: say, stop: stop,
		settles: settleTime(time.Duration(c.Minutes * float64(time.Minute)))}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(c.Keep))
		}
	}()
	if s.dir, err = os.MkdirTemp("", "leadline-chaos-*"); err != nil {
		return nil, err
	}
	// More than can end in the time: a campaign whose faults take long goes on for longer.
	meetings := int(c.PerSecond*(c.Minutes*60+300)) + 1
	if s.source, err = newChaosSource(meetings); err != nil {
		return nil, err
	}
	if err := s.source.serve(serving); err != nil {
		return nil, err
	}
	if len(c.Brokers) > 0 {
		err = s.real(c)
	} else {
		err = s.embedded(ctx, c.Minutes)
	}
	if err != nil {
		return nil, err
	}
	recorder, err := s.between(serving, "recorder to Leadline's calls", s.source.address)
	if err != nil {
		return nil, err
	}
	webhook, err := s.between(serving, "Leadline to webhooks", s.webhooks)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	return s, s.command(ctx, []string{"FATHOM_API_KEY=" + chaosKey}, "connect", "fathom", "--look-back", "all",
		"--base-url", "http://"+recorder+simulator.BasePath, "--public-url", "http://"+webhook)
}

// between puts a proxy in front of an address.
func (s *chaosSite) between(ctx context.Context, name, target string) (address string, err error) {
	p, err := chaos.NewProxy(name, target)
	if err != nil {
		return "", err
	}
	s.proxies = append(s.proxies, p)
	go func() { _ = p.Serve(ctx) }()
	return p.Address(), nil
}

// embedded is the whole product in one process, on a small disk where one can
// be made.
func (s *chaosSite) embedded(ctx context.Context, minutes float64) error {
	disk := filepath.Join(s.dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		return err
	}
	// Raw meetings stay, and each sync reads all of them again: of a campaign that goes on the disk would fill by itself.
	size := fmt.Sprintf("size=%dm", 1024+int(64*minutes))
	mount := exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", size, "leadline-chaos", disk) //nolint:gosec // our own folder
	if err := mount.Run(); err == nil {
		s.disk = disk
	} else {
		s.say("no file system of the campaign's own (%v): the disk does not become full", err)
	}
	p, err := s.alone(filepath.Join(disk, "data"), s.token)
	if err != nil {
		return err
	}
	s.processes = []*chaos.Process{p.process}
	s.webhooks, s.api, s.token = p.address, "http://"+p.address, p.token
	s.brokers, s.env = p.brokers, []string{"LEADLINE_DATA=" + p.dir}
	return nil
}

// alone is a Leadline in one process.
type alone struct {
	process             *chaos.Process
	dir, address, token string
	brokers             []string
}

func (s *chaosSite) alone(dir, token string) (*alone, error) {
	var ports [3]string
	for i := range ports {
		port, err := chaosPort()
		if err != nil {
			return nil, err
		}
		ports[i] = port
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if token == "" {
		token = "a-token-for-nothing-but-a-campaign"
	}
	if err := os.WriteFile(tokenFile(dir), []byte(token), 0o600); err != nil {
		return nil, err
	}
	a := &alone{dir: dir, address: "127.0.0.1:" + ports[0], brokers: []string{"127.0.0.1:" + ports[1]}, token: token}
	a.process = &chaos.Process{
		Name: "leadline",
		Command: func() *exec.Cmd {
			return s.leadline(nil, "up", "--org", s.org, "--data", dir, "--port", ports[0], "--kafka-port", ports[1], "--registry-port", ports[2],
				"--distiller", s.distiller, "--calls", "6000", "--heavy-calls", "6000", // what the simulator says is enough to obey
				"--fold-mb", "1") // a start that folds is one that does more
		},
		Ready: ready("http://" + a.address + "/readyz"),
	}
	return a, nil
}

// real is the roles as separate processes, with proxies before the stores and
// the registry.
func (s *chaosSite) real(c *chaosCommand) error {
	s.engines, s.token = "real", "a-token-for-nothing-but-a-campaign"
	var ports [2]string
	for i := range ports {
		port, err := chaosPort()
		if err != nil {
			return err
		}
		ports[i] = "127.0.0.1:" + port
	}
	s.webhooks, s.api = ports[0], "http://"+ports[1]
	s.brokers = c.Brokers
	s.env = []string{
		"KAFKA_BROKERS=" + strings.Join(c.Brokers, ","), "LEADLINE_ORG=" + s.org, "LEADLINE_KEYSET_FILE=" + filepath.Join(s.dir, "keys.json"), "LEADLINE_DATA=" + s.dir,
		"LEADLINE_API_TOKEN=" + s.token, "LEADLINE_DISTILLER=" + s.distiller,
	}
	addresses := map[string]string{"kafka": c.Brokers[0]}
	for _, e := range []struct{ name, variable, address string }{
		{"registry", "SCHEMA_REGISTRY_URL", c.Registry}, {"clickhouse", "CLICKHOUSE_DSN", c.ClickHouse},
		{"elasticsearch", "ELASTICSEARCH_URL", c.Elasticsearch[0]},
	} {
		u, err := url.Parse(e.address)
		if err != nil {
			return fmt.Errorf("%s: %w", e.variable, err)
		}
		addresses[e.name] = u.Host
		through, err := s.between(context.Background(), e.name, u.Host)
		if err != nil {
			return err
		}
		u.Host = through
		s.env = append(s.env, e.variable+"="+u.String())
	}
	for _, name := range chaosEngines {
		if command := c.Engine[name]; command != "" {
			s.crashes = append(s.crashes, chaos.Crash(name, addresses[name], command))
		}
	}
	role := func(name string, ready func(context.Context) error, args ...string) *chaos.Process {
		return &chaos.Process{Name: name, Ready: ready, Command: func() *exec.Cmd {
			return s.leadline([]string{"LEADLINE_INSTANCE=" + name, "LEADLINE_HEALTH_LISTEN=127.0.0.1:0"}, append(args, "--data", filepath.Join(s.dir, name))...)
		}}
	}
	s.processes = []*chaos.Process{
		role("ingress", listens(s.webhooks), "ingress", "--listen", s.webhooks), role("poller", nil, "poller", "--calls", "6000", "--heavy-calls", "6000"),
		role("processors-a", nil, "processors"), role("processors-b", nil, "processors"),
		role("sinks-a", nil, "sinks"), role("sinks-b", nil, "sinks"), role("console", listens(ports[1]), "console", "--listen", ports[1]),
	}
	s.member = role("processors-c", nil, "processors")
	return nil
}

// begin prepares the engines, starts every process and says who the customers
// are.
func (s *chaosSite) begin(ctx context.Context) error {
	customers := filepath.Join(s.dir, "directory.json")
	if err := os.WriteFile(customers, demo.Directory(), 0o600); err != nil {
		return err
	}
	if s.engines == "real" {
		for _, args := range [][]string{{"schemas", "register"}, {"topics", "ensure"}, {"stores", "migrate"}} {
			if err := s.command(ctx, nil, args...); err != nil {
				return err
			}
		}
	}
	for _, p := range s.processes {
		if err := p.Start(ctx); err != nil {
			return err
		}
	}
	return s.command(ctx, nil, "directory", "import", customers)
}

// leadline is this program with other arguments. Its life is not a context's:
// what ends it is a fault, or close.
func (s *chaosSite) leadline(env []string, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	cmd := exec.Command(self, args...) //nolint:gosec,noctx // ourselves; see above
	around := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return s.engines == "embedded" && slices.Contains(realEngines, name)
	})
	cmd.Env = slices.Concat(around, s.env, env, s.extra)
	return cmd
}

// command runs one to its end.
func (s *chaosSite) command(ctx context.Context, env []string, args ...string) error {
	var said bytes.Buffer
	cmd := s.leadline(env, args...)
	cmd.Stdout, cmd.Stderr = io.Discard, &said
	if err := cmd.Start(); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("leadline %s: %w: %s", strings.Join(args, " "), err, schemas.Excerpt(said.String()))
	}
	return nil
}

func (s *chaosSite) client() (*console.Client, error) { return console.NewClient(s.api, s.token) }

// close ends what still runs, and leaves nothing on this machine, or what somebody
// wants to look at.
func (s *chaosSite) close(keep bool) error {
	for _, p := range s.processes {
		p.End()
	}
	s.stop()
	if s.source != nil {
		s.source.Close()
	}
	if keep {
		s.say("what it left is in %s", s.dir)
		return nil
	}
	var err error
	if s.disk != "" {
		err = exec.Command("umount", s.disk).Run() //nolint:gosec,noctx // our own folder; must happen whatever ended
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// ready asks an address until it answers 200.
func ready(address string) func(context.Context) error {
	return polled(func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", address, res.Status)
		}
		return nil
	})
}

// listens waits until somebody takes connections at an address.
func listens(address string) func(context.Context) error {
	return polled(func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

// polled asks again until there is no error or ctx ends.
func polled(ask func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			once, cancel := context.WithTimeout(ctx, 5*time.Second)
			err := ask(once)
			cancel()
			if err == nil {
				return nil
			}
			select {
			case <-ctx.Done():
				return err
			case <-tick.C:
			}
		}
	}
}
