package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/console"
	"leadline/ingress/fathom/simulator"
	"leadline/schemas"
	"leadline/sinks/sink/sinktest"
)

// engineVariables say where real engines are; without all of them there is
// nothing to run the roles on.
var engineVariables = []string{"KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "CLICKHOUSE_DSN", "ELASTICSEARCH_URL"}

// deployment is a Leadline of separate processes on real engines.
type deployment struct {
	*testing.T
	env     []string
	dir     string
	org     string
	ingress string // its address
	api     string
	brokers []string // that this test may ask anything
	// as is what a role, or a command, has in its environment beside env.
	as func(name string) []string

	mu    sync.Mutex
	roles map[string]*exec.Cmd
	over  map[string]chan error // of the process in roles
	said  map[string]*bytes.Buffer
	ended sync.WaitGroup
}

const deploymentToken = "a-token-for-the-tests-of-roles"

func newDeployment(t *testing.T) *deployment {
	t.Helper()
	for _, v := range engineVariables {
		if os.Getenv(v) == "" {
			t.Skipf("%s is not set: no real engines to run the roles on", v)
		}
	}
	d := &deployment{
		T: t, dir: t.TempDir(), org: fmt.Sprintf("run%d", rand.Uint32()), ingress: freeAddress(t), api: freeAddress(t),
		roles: make(map[string]*exec.Cmd), over: make(map[string]chan error), said: make(map[string]*bytes.Buffer),
		as: func(string) []string { return nil }, brokers: strings.Split(os.Getenv("KAFKA_BROKERS"), ","),
	}
	d.env = []string{
		"LEADLINE_ORG=" + d.org, "LEADLINE_KEYSET_FILE=" + filepath.Join(d.dir, "keys.json"),
		"LEADLINE_API_TOKEN=" + deploymentToken, "LEADLINE_PARTITIONS=4", "LEADLINE_REPLICATION=1", "LEADLINE_DISTILLER=none",
	}
	t.Cleanup(d.stop)
	return d
}

// freeAddress is one that a role can have again after it was killed: not of
// the range, from 32768, that the system takes outgoing connections' ports from.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(22000+rand.IntN(10000)))
		if ln, err := net.Listen("tcp", address); err == nil {
			_ = ln.Close()
			return address
		}
	}
	t.Fatal("there is no free port between 22000 and 32000")
	return ""
}

// command runs one to its end.
func (d *deployment) command(more []string, args ...string) string {
	d.Helper()
	cmd, out, said := leadline(d.Context(), append(args, "--data", d.dir)...)
	cmd.Env = slices.Concat(cmd.Env, d.env, d.as(args[0]), more)
	if err := cmd.Run(); err != nil {
		d.Fatalf("leadline %s: %v\n%s%s", strings.Join(args, " "), err, out, said)
	}
	return out.String()
}

// start starts a role, or starts it again.
func (d *deployment) start(name string, args ...string) {
	d.Helper()
	cmd, _, said := leadline(context.WithoutCancel(d.Context()), append(args, "--data", filepath.Join(d.dir, name))...)
	cmd.Env = slices.Concat(cmd.Env, d.env, d.as(args[0]), []string{"LEADLINE_INSTANCE=" + name, "LEADLINE_HEALTH_LISTEN=127.0.0.1:0"})
	if err := cmd.Start(); err != nil {
		d.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	over := make(chan error, 1)
	d.roles[name], d.over[name] = cmd, over
	if d.said[name] == nil {
		d.said[name] = new(bytes.Buffer)
	}
	d.ended.Go(func() {
		over <- cmd.Wait() // killed, or stopped
		d.mu.Lock()
		defer d.mu.Unlock()
		d.said[name].Write(said.Bytes())
	})
}

func (d *deployment) stop() {
	d.mu.Lock()
	for _, cmd := range d.roles {
		_ = cmd.Process.Signal(os.Interrupt)
	}
	d.mu.Unlock()
	d.ended.Wait()
	if d.Failed() {
		for name, said := range d.said {
			d.Logf("%s said:\n%.3000s", name, said)
		}
	}
}

// copies makes n meetings out of the real ones: the same words under other
// recordings.
func copies(t *testing.T, f fixture, n int) (fstest.MapFS, int) {
	t.Helper()
	names, err := fs.Glob(f.meetings, "*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no meetings: %v", err)
	}
	out := make(fstest.MapFS)
	times := (n + len(names) - 1) / len(names)
	for i := range times {
		for _, name := range names {
			raw, err := fs.ReadFile(f.meetings, name)
			if err != nil {
				t.Fatal(err)
			}
			var m map[string]json.RawMessage
			if err := json.Unmarshal(raw, &m); err != nil {
				t.Fatal(err)
			}
			id, err := strconv.Atoi(string(m["recording_id"]))
			if err != nil {
				t.Fatal(err)
			}
			m["recording_id"] = json.RawMessage(strconv.Itoa(id + i*100_000))
			if raw, err = json.Marshal(m); err != nil {
				t.Fatal(err)
			}
			out[fmt.Sprintf("%d-%s", i, name)] = &fstest.MapFile{Data: raw}
		}
	}
	return out, times
}

// The roles run as separate processes, two of the processors among them, and
// each is killed over and over while meetings come by webhook and by poll. In
// the end every meeting is in ClickHouse once, in its first and only version,
// with all of its entries in Elasticsearch.
func TestRolesOnRealEngines(t *testing.T) {
	d := newDeployment(t)
	kills := number("LEADLINE_E2E_KILLS", 2) // of each role
	d.through(number("LEADLINE_E2E_MEETINGS", 70), func(roles map[string][]string) {
		t.Logf("%d kills", d.killEach(roles, kills))
	})
}

// Every role is told to stop and started again under load, one after the other,
// as a deployment does it: each ends by itself, and none of it can be seen in
// what the stores hold.
func TestRollingRestart(t *testing.T) {
	d := newDeployment(t)
	rounds := number("LEADLINE_E2E_ROUNDS", 2)
	d.through(number("LEADLINE_E2E_MEETINGS", 105), func(roles map[string][]string) {
		for range rounds {
			for name, args := range roles {
				if !d.pause() {
					return
				}
				took := d.end(name)
				d.start(name, args...)
				t.Logf("%s ended in %v", name, took.Round(time.Millisecond))
			}
		}
	})
}

// Each engine is stopped for a while under load, and comes back: everything
// arrives, and nothing became a dead letter by it.
func TestEnginesGoAway(t *testing.T) {
	seconds := number("LEADLINE_OUTAGE_SECONDS", 0)
	if seconds == 0 {
		t.Skip("LEADLINE_OUTAGE_SECONDS is not set: for how long to stop each engine of ../shared/engines")
	}
	d := newDeployment(t)
	d.through(number("LEADLINE_E2E_MEETINGS", 350), func(map[string][]string) {
		for _, engine := range []string{"clickhouse", "elasticsearch", "kafka"} {
			d.engine(engine, "stop")
			timer := time.NewTimer(time.Duration(seconds) * time.Second)
			select {
			case <-timer.C:
			case <-t.Context().Done():
			}
			d.engine(engine, "start")
			t.Logf("%s was away for %d s", engine, seconds)
		}
	})
	client, err := console.NewClient("http://"+d.api, deploymentToken)
	if err != nil {
		t.Fatal(err)
	}
	tally, err := client.Tally(t.Context(), d.org)
	if err != nil {
		t.Fatal(err)
	}
	for what, n := range tally.Progress {
		if strings.HasSuffix(what, "/"+schemas.OutcomeRejected) && n > 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

// number is an environment variable's, or the one given.
func number(variable string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	return otherwise
}

// engine stops or starts one of ../shared/engines.
func (d *deployment) engine(name, what string) {
	d.Helper()
	out, err := exec.CommandContext(d.Context(), filepath.Join(shared(), "engines", name, what)).CombinedOutput()
	if err != nil {
		d.Fatalf("%s %s: %v\n%s", what, name, err, out)
	}
}

// through sends n meetings through the roles while they are disturbed, and
// says what must have come of it.
func (d *deployment) through(n int, disturb func(roles map[string][]string)) {
	t := d.T
	t.Helper()
	f := realMeetings(t)
	whole, _ := check(t, upArgs(t.TempDir(), f.args...)) // what one copy of each comes to
	meetings, times := copies(t, f, n)

	d.command(nil, "schemas", "register")
	d.command(nil, "topics", "ensure")
	d.command(nil, "stores", "migrate")
	d.command(nil, "stores", "check")
	d.command(nil, "directory", "import", f.args[3])
	roles := map[string][]string{
		"ingress":      {"ingress", "--listen", d.ingress},
		"poller":       {"poller", "--calls", "6000", "--heavy-calls", "6000"}, // the simulator has no limits
		"processors-a": {"processors"}, "processors-b": {"processors"},
		"sinks-a": {"sinks"}, "sinks-b": {"sinks"}, "console": {"console", "--listen", d.api},
	}
	for name, args := range roles {
		d.start(name, args...)
	}
	waitFor(t, time.Minute, func() error { return answers(d.ingress) })
	// A meeting that is judged before its customer is known gets a second version, as it should; here one is expected.
	waitFor(t, time.Minute, func() error { return d.caughtUp("match", schemas.Directory.Name) })

	sim, err := simulator.New(simulator.Options{
		Keys: map[string]string{"the-key": ""}, Meetings: meetings, Pending: true,
		Schedule: retryOften(200),
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving, stopServing := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- sim.Run(serving, ln) }()
	defer func() {
		stopServing()
		<-served
	}()
	d.command([]string{"FATHOM_API_KEY=the-key"}, "connect", "fathom", "--look-back", "all",
		"--base-url", "http://"+ln.Addr().String()+simulator.BasePath, "--public-url", "http://"+d.ingress)

	began := time.Now()
	sim.EndAll(float64(n) / 10) // over ten seconds at least
	disturb(roles)
	if err := sim.Drained(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.command(nil, "sync")

	client, err := console.NewClient("http://"+d.api, deploymentToken)
	if err != nil {
		t.Fatal(err)
	}
	want := console.Tally{}
	waitFor(t, 10*time.Minute, func() error {
		got, err := client.Tally(t.Context(), d.org)
		if err != nil {
			return err
		}
		if m, e := total(got.Meetings), total(got.Entries); m != whole.Meetings*times || e != whole.Entries*times {
			return fmt.Errorf("%d of %d meetings and %d of %d entries", m, whole.Meetings*times, e, whole.Entries*times)
		}
		want = got
		return nil
	})
	t.Logf("%d meetings, %d entries, %v", total(want.Meetings), total(want.Entries), time.Since(began).Round(time.Second))
	for before := ""; ; {
		page, err := client.Meetings(t.Context(), schemas.MeetingQuery{Scope: schemas.Scope{Org: d.org}, Limit: 500, Before: before})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			if m.Version != 1 || len(m.Companies) != 1 || m.State != string(schemas.StateMatched) {
				t.Errorf("%s: version %d, %s, companies %v", m.ID, m.Version, m.State, m.Companies)
			}
		}
		if len(page) < 500 {
			break
		}
		before = page[len(page)-1].ID
	}
}

// The suite of reads, scopes above all, on both real stores together, as the
// console reads them.
func TestReadsOnRealStores(t *testing.T) {
	flags := storeFlags{ClickHouse: os.Getenv("CLICKHOUSE_DSN"), Elasticsearch: []string{os.Getenv("ELASTICSEARCH_URL")}}
	if flags.ClickHouse == "" || flags.Elasticsearch[0] == "" {
		t.Skip("CLICKHOUSE_DSN and ELASTICSEARCH_URL are not set: no real stores to read from")
	}
	s, err := flags.open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.knowledge.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	sinktest.Reads(t, func(*testing.T) (sinktest.WholeStore, func(context.Context) error) { return s, s.knowledge.Refresh })
}

// killEach kills every role so many times at random moments, and starts it
// again at once.
func (d *deployment) killEach(roles map[string][]string, times int) (killed int) {
	d.Helper()
	for range times {
		for name, args := range roles {
			if !d.pause() {
				return killed
			}
			d.mu.Lock()
			err := d.roles[name].Process.Kill()
			d.mu.Unlock()
			if err != nil {
				d.Errorf("%s had ended by itself: %v", name, err)
			}
			killed++
			d.start(name, args...)
		}
	}
	return killed
}

// pause lets the roles work for a random while. It is false when the test ends.
func (d *deployment) pause() bool {
	timer := time.NewTimer(time.Duration(200+rand.IntN(1200)) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-d.Context().Done():
		return false
	}
}

// end asks a role to stop, as a scheduler does, and says how long that took.
func (d *deployment) end(name string) time.Duration {
	d.Helper()
	d.mu.Lock()
	cmd, over := d.roles[name], d.over[name]
	d.mu.Unlock()
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.Fatalf("%s had ended by itself: %v", name, err)
	}
	const grace = 30 * time.Second // what Kubernetes gives a pod, unless told otherwise
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case err := <-over:
		if err != nil {
			d.Errorf("%s was told to stop: %v", name, err)
		}
	case <-timer.C:
		d.Errorf("%s does not stop within %v", name, grace)
	}
	return time.Since(began)
}

// caughtUp says whether a consumer group has read a topic to its end.
func (d *deployment) caughtUp(group, topic string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(d.brokers...))
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ends, err := admin.ListEndOffsets(d.Context(), topic)
	if err != nil {
		return err
	}
	read, err := admin.FetchOffsets(d.Context(), group)
	if err != nil {
		return err
	}
	var behind error
	ends.Each(func(end kadm.ListedOffset) {
		if at, _ := read.Lookup(topic, end.Partition); at.At < end.Offset {
			behind = fmt.Errorf("%s has read %s/%d to %d of %d", group, topic, end.Partition, at.At, end.Offset)
		}
	})
	return behind
}

func retryOften(n int) []time.Duration {
	schedule := make([]time.Duration, n)
	for i := range schedule {
		schedule[i] = 500 * time.Millisecond
	}
	return schedule
}

func answers(address string) error {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return err
	}
	return conn.Close()
}

// waitFor asks again until there is no error, and fails with the last one.
func waitFor(t *testing.T, limit time.Duration, ask func() error) {
	t.Helper()
	limit = patience(limit)
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-deadline.C:
			t.Fatalf("not within %v: %v", limit, err)
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-tick.C:
		}
	}
}
