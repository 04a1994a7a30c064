package local

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

func TestSecondProcessIsToldWhoHoldsTheDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := openAt(t, Config{Dir: dir})
	_, err := Open(t.Context(), Config{Dir: dir})
	if !errors.Is(err, ErrInUse) {
		t.Fatalf("second Open returned %v", err)
	}
	for _, want := range []string{dir, "process " + strconv.Itoa(os.Getpid())} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %q", err, want)
		}
	}
	cmd := childCommand(t, "produce", dir, 0)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err == nil || !strings.Contains(stderr.String(), dir+" is held by process") {
		t.Errorf("another process got %v: %s", err, &stderr)
	}
	closeNow(t, e)
	openAt(t, Config{Dir: dir})
}

func TestOpenRefusesBadConfig(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"no directory":       {},
		"topic named twice":  {Dir: t.TempDir(), Topics: []Topic{{Name: "a"}, {Name: "a"}}},
		"topic without name": {Dir: t.TempDir(), Topics: []Topic{{}}},
	} {
		if e, err := Open(t.Context(), cfg); err == nil {
			closeNow(t, e)
			t.Errorf("%s: Open returned no error", name)
		}
	}
}

// A failed Open must leave nothing behind: neither the lock, nor metrics, nor a listener.
func TestPortInUseFailsOpenAndReleasesTheDirectory(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	port := taken.Addr().(*net.TCPAddr).Port
	dir, reg := t.TempDir(), prometheus.NewRegistry()
	for _, cfg := range []Config{
		{Dir: dir, KafkaPort: port, Registerer: reg},
		{Dir: dir, RegistryPort: port, Registerer: reg},
	} {
		if _, err := Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) {
			t.Errorf("Open on a taken port returned %v", err)
		}
	}
	openAt(t, Config{Dir: dir, Registerer: reg})
}

func TestRestartOnAnotherPortAndOnTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := openAt(t, Config{Dir: dir})
	createTopics(t, e, Topic{Name: "in"})
	produce(t, client(t, e), rec("in", "0", "v"))
	fixed := 0
	for i := range 3 {
		host, port, err := net.SplitHostPort(e.Brokers()[0])
		if err != nil || host != "127.0.0.1" {
			t.Errorf("broker listens on %v, %v", e.Brokers(), err)
		}
		closeNow(t, e)
		if i == 1 {
			if fixed, err = strconv.Atoi(port); err != nil {
				t.Fatal(err)
			}
		}
		e = openAt(t, Config{Dir: dir, KafkaPort: fixed})
		meta, err := admin(t, e).BrokerMetadata(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if b := meta.Brokers[0]; net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port))) != e.Brokers()[0] {
			t.Errorf("broker tells clients %s:%d and listens on %v", b.Host, b.Port, e.Brokers())
		}
		if meta.Cluster != "leadline-embedded" {
			t.Errorf("cluster id is %q", meta.Cluster)
		}
		produce(t, client(t, e), rec("in", fmt.Sprint(i+1), "v"))
	}
	if got := readCommitted(t, e, "in", 0); len(got) != 4 {
		t.Errorf("%d records over restarts, want 4", len(got))
	}
}

func TestRecordOf14MiBGoesThrough(t *testing.T) {
	t.Parallel()
	e := openAt(t, Config{Dir: t.TempDir()})
	createTopics(t, e, Topic{Name: "in"})
	// A topic that somebody created without any configuration must take it too.
	if _, err := admin(t, e).CreateTopic(t.Context(), 1, 1, nil, "in.dead"); err != nil {
		t.Fatal(err)
	}
	value := bytes.Repeat([]byte("a long meeting. "), 14<<20/16)
	c := client(t, e, kgo.ProducerBatchCompression(kgo.NoCompression()))
	produce(t, c, &kgo.Record{Topic: "in", Value: value}, &kgo.Record{Topic: "in.dead", Value: value})
	for _, topic := range []string{"in", "in.dead"} {
		if got := readCommitted(t, e, topic, 0); len(got) != 1 || !bytes.Equal(got[0].Value, value) {
			t.Errorf("%s: the record did not come back", topic)
		}
	}
}

func TestMemoryLimitIsSetUnlessTheUserSetOne(t *testing.T) {
	if os.Getenv("GOMEMLIMIT") != "" {
		t.Skip("GOMEMLIMIT is set")
	}
	before := debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	limitMemory(1 << 30)
	if got := debug.SetMemoryLimit(-1); got != 2<<30 {
		t.Errorf("limit is %d, want 2 GiB", got)
	}
	limitMemory(5 << 30)
	if got := debug.SetMemoryLimit(-1); got != 2<<30 {
		t.Errorf("a limit that was set became %d", got)
	}
}

// This test is not parallel, so that nobody else's goroutines are running.
func TestCloseLeavesNothingRunning(t *testing.T) {
	before := goleak.IgnoreCurrent()
	e := openAt(t, Config{Dir: t.TempDir(), Schemas: testSchemas()})
	createTopics(t, e, Topic{Name: "in"})
	produce(t, client(t, e), rec("in", "a", "1"))
	closeNow(t, e)
	goleak.VerifyNone(t, before)
}
