package boot

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

func admin(t *testing.T) *kadm.Client {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return kadm.NewClient(cl)
}

func TestTopicsAreMadeAndThenFoundRight(t *testing.T) {
	t.Parallel()
	a := admin(t)
	layout := KafkaLayout(3, 1)
	for range 2 {
		if err := EnsureTopics(t.Context(), a, schemas.Topics(), layout); err != nil {
			t.Fatal(err)
		}
	}
	topics, err := a.ListTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range schemas.Topics() {
		if n := len(topics[s.Name].Partitions); n != 3 {
			t.Errorf("%s has %d partitions", s.Name, n)
		}
	}
}

// Kafka keeps a deletion for a day. A store that is down over a weekend would show
// for ever what was erased on Saturday.
func TestDeletionsAreKeptForLongerThanAStoreIsAway(t *testing.T) {
	t.Parallel()
	a := admin(t)
	compact, longer := "compact", "9999999999"
	made := map[string]map[string]*string{ // by an earlier build, and by somebody who wanted more
		schemas.MeetingRows.Name: {"cleanup.policy": &compact},
		schemas.Directory.Name:   {"cleanup.policy": &compact, "delete.retention.ms": &longer},
	}
	for name, config := range made {
		if _, err := a.CreateTopic(t.Context(), 3, 1, config, name); err != nil {
			t.Fatal(err)
		}
	}
	// Whatever else differs is said, and is nothing to this test.
	_ = EnsureTopics(t.Context(), a, schemas.Topics(), KafkaLayout(3, 1))
	for _, s := range schemas.Topics() {
		if !s.Compacted {
			continue
		}
		configs, err := a.DescribeTopicConfigs(t.Context(), s.Name)
		if err != nil {
			t.Fatal(err)
		}
		kept := ""
		for _, c := range configs[0].Configs {
			if c.Key == "delete.retention.ms" {
				kept = c.MaybeValue()
			}
		}
		want := "604800000"
		if s.Name == schemas.Directory.Name {
			want = longer
		}
		if kept != want {
			t.Errorf("%s keeps deletions for %s ms, want %s", s.Name, kept, want)
		}
	}
}

// A letter is its record and what happened to it. In a topic that takes no more than
// the record's own, the largest record would hold up its sink for ever.
func TestDeadLettersMayBeLargerThanTheirRecords(t *testing.T) {
	t.Parallel()
	a := admin(t)
	before := strconv.Itoa(schemas.MaxRecordBytes)
	if _, err := a.CreateTopic(t.Context(), 3, 1, map[string]*string{"max.message.bytes": &before}, schemas.MeetingRows.DeadLetters()); err != nil {
		t.Fatal(err)
	}
	_ = EnsureTopics(t.Context(), a, schemas.Topics(), KafkaLayout(3, 1)) // likewise
	for _, name := range []string{schemas.MeetingRows.DeadLetters(), schemas.Directory.DeadLetters()} {
		configs, err := a.DescribeTopicConfigs(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range configs[0].Configs {
			if c.Key == "max.message.bytes" && c.MaybeValue() != strconv.Itoa(schemas.MaxLetterBytes) {
				t.Errorf("%s takes %s bytes, want %d", name, c.MaybeValue(), schemas.MaxLetterBytes)
			}
		}
	}
}

func TestATopicThatDiffersIsNamedWithWhatToDo(t *testing.T) {
	t.Parallel()
	a := admin(t)
	small, policy := "1000", "delete"
	if _, err := a.CreateTopic(t.Context(), 5, 1, map[string]*string{"max.message.bytes": &small}, schemas.RawMeetings.Name); err != nil {
		t.Fatal(err)
	}
	if _, err := a.CreateTopic(t.Context(), 3, 1, map[string]*string{"cleanup.policy": &policy}, schemas.Directory.Name); err != nil {
		t.Fatal(err)
	}
	err := EnsureTopics(t.Context(), a, schemas.Topics(), KafkaLayout(3, 1))
	if err == nil {
		t.Fatal("differing topics passed")
	}
	for _, want := range []string{
		"meetings.raw.v1 has 5 partitions, want 3: start with --partitions=5",
		"meetings.raw.v1 has max.message.bytes=1000, want 16777216",
		"directory.v1 has cleanup.policy=delete, want compact: kafka-configs --alter --topic directory.v1",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in:\n%v", want, err)
		}
	}
}

// recorder notes what roles do, in order.
type recorder struct {
	mu  sync.Mutex
	did []string
}

func (r *recorder) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.did = append(r.did, what)
}

func (r *recorder) role(name string) Role {
	return Role{Name: name, Run: func(ctx context.Context) error {
		<-ctx.Done()
		r.note(name + " stopped")
		return nil
	}}
}

func TestRolesStopInReverseOrderAfterReadyEnds(t *testing.T) {
	t.Parallel()
	var r recorder
	p := new(Process)
	ctx, cancel := context.WithCancel(t.Context())
	last := r.role("intake")
	last.Run = func(ctx context.Context) error {
		<-ctx.Done()
		if p.Ready() {
			t.Error("it is said to be ready while it stops")
		}
		r.note("intake stopped")
		return nil
	}
	err := p.Run(ctx, []Role{r.role("store"), r.role("stage"), last}, func() {
		if !p.Ready() {
			t.Error("started but not ready")
		}
		cancel()
	})
	if err != nil || !slices.Equal(r.did, []string{"intake stopped", "stage stopped", "store stopped"}) {
		t.Errorf("%v, %v", r.did, err)
	}
}

func TestARoleThatFailsStopsTheOthersAndIsNamed(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]error{"with an error": errors.New("no luck"), "by itself": nil} {
		var r recorder
		err := new(Process).Run(t.Context(), []Role{r.role("store"), {Name: "stage", Run: func(context.Context) error { return end }}}, nil)
		if err == nil || !strings.HasPrefix(err.Error(), "stage: ") || !slices.Equal(r.did, []string{"store stopped"}) {
			t.Errorf("%s: %v, %v", name, err, r.did)
		}
	}
}

func TestARoleThatIsNeverReadyIsNamed(t *testing.T) {
	t.Parallel()
	var r recorder
	slow := r.role("table")
	slow.Ready = func(context.Context) error { return errors.New("topic is missing") }
	err := new(Process).Run(t.Context(), []Role{slow}, func() { t.Error("started") })
	if err == nil || !strings.Contains(err.Error(), "table: topic is missing") {
		t.Errorf("%v", err)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	p := new(Process)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	reg := prometheus.NewRegistry()
	newTraffic(reg).connectErrors.Inc()
	ctx, cancel := context.WithCancel(t.Context())
	get := func(path string) (int, string) {
		res, err := http.Get("http://" + ln.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	waiting := make(chan struct{})
	table := Role{Name: "table", Run: func(ctx context.Context) error { <-ctx.Done(); return nil }, Ready: func(context.Context) error {
		<-waiting
		return nil
	}}
	done := make(chan error, 1)
	started := make(chan struct{})
	go func() {
		done <- p.Run(ctx, []Role{table, Server("http", ln, p.Health(reg), nil)}, func() { close(started) })
	}()
	if code, _ := get("/livez"); code != http.StatusOK {
		t.Errorf("live: %d", code)
	}
	if code, _ := get("/readyz"); code != http.StatusServiceUnavailable {
		t.Errorf("ready before it is: %d", code)
	}
	close(waiting)
	<-started
	if code, _ := get("/readyz"); code != http.StatusOK {
		t.Errorf("ready: %d", code)
	}
	if _, body := get("/metrics"); !strings.Contains(body, "leadline_kafka_connect_errors_total 1") {
		t.Errorf("metrics:\n%s", body)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
