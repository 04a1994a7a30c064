package command

import (
	"bytes"
	"context"
	"fmt"
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
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
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
	// meetings are how many go through.
	meetings int
	brokers  []string // that this test may ask anything
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

// engine stops or starts one of ../shared/engines.
func (d *deployment) engine(name, what string) {
	d.Helper()
	out, err := exec.CommandContext(d.Context(), filepath.Join(shared(), "engines", name, what)).CombinedOutput()
	if err != nil {
		d.Fatalf("%s %s: %v\n%s", what, name, err, out)
	}
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

// pause lets the roles work for a random while, longer with more meetings, so
// that what disturbs them is spread over the load. It is false when the test ends.
func (d *deployment) pause() bool {
	timer := time.NewTimer(time.Duration(200+rand.IntN(1200+d.meetings)) * time.Millisecond)
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

func answers(address string) error {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return err
	}
	return conn.Close()
}
