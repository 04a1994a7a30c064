package lag

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// clock is a Gauges whose time stands still.
func clock(t *testing.T) (g *Gauges, reg *prometheus.Registry, pass func(time.Duration)) {
	t.Helper()
	reg = prometheus.NewRegistry()
	g = New(reg, "stage")
	now := time.Unix(1_700_000_000, 0)
	g.now = func() time.Time { return now }
	return g, reg, func(d time.Duration) { now = now.Add(d) }
}

func want(t *testing.T, reg *prometheus.Registry, records, seconds string) {
	t.Helper()
	text := `
# HELP leadline_stage_lag_records Offsets between what is done and the end of the partition; transactions' markers count until they are passed.
# TYPE leadline_stage_lag_records gauge
leadline_stage_lag_records{partition="0",stage="s",topic="t"} ` + records + `
# HELP leadline_stage_lag_seconds Age of the oldest record that is not done; 0 where all are.
# TYPE leadline_stage_lag_seconds gauge
leadline_stage_lag_seconds{partition="0",stage="s",topic="t"} ` + seconds + "\n"
	if records == "" {
		text = ""
	}
	t.Helper()
	if err := testutil.GatherAndCompare(reg, strings.NewReader(text)); err != nil {
		t.Error(err)
	}
}

var first = map[string][]int32{"t": {0}}

func TestAMemberThatIsStuckShowsAGrowingAge(t *testing.T) {
	t.Parallel()
	g, reg, pass := clock(t)
	m := g.Member("s")
	m.Assigned(first)
	want(t, reg, "", "") // nothing is known yet
	held := []*kgo.Record{
		{Topic: "t", Offset: 5, Timestamp: g.now().Add(-time.Minute)},
		{Topic: "t", Offset: 6, Timestamp: g.now()},
	}
	m.Holds(held)
	want(t, reg, "2", "60")
	pass(time.Hour)
	want(t, reg, "2", "3660")
	m.Holds(held) // given back and polled again
	m.Done(held[:1])
	m.Holds(held[1:])
	want(t, reg, "1", "3600")
	m.Done(held[1:])
	want(t, reg, "0", "0")
	pass(time.Hour)
	want(t, reg, "0", "0")
	m.Revoked(first)
	m.Done(held)
	want(t, reg, "", "")
}

func TestWhatWasNotPolledAgesFromWhenItWasHeardOf(t *testing.T) {
	t.Parallel()
	g, reg, pass := clock(t)
	m := g.Member("s")
	m.Assigned(first)
	m.Done([]*kgo.Record{{Topic: "t", Offset: 4}})
	m.places[at{"t", 0}].heard(9, g.now())
	pass(30 * time.Second)
	m.places[at{"t", 0}].heard(8, g.now()) // an answer that was overtaken
	want(t, reg, "4", "30")
	m.Leave()
	want(t, reg, "", "")
}

// A topic that is written by transactions ends with a marker, which no consumer sees
// by itself.
func TestAMarkerThatIsPassedIsNoLag(t *testing.T) {
	t.Parallel()
	g, reg, _ := clock(t)
	m := g.Member("s")
	m.Assigned(first)
	var control kgo.Record
	control.Topic, control.Offset = "t", 5
	m.Holds([]*kgo.Record{&control})
	m.Done([]*kgo.Record{&control})
	want(t, reg, "0", "0")
}

func TestTheBrokerIsAskedForTheEndAndForWhereTheGroupIs(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "t"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	for range 7 {
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "t", Value: []byte("x")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	admin := kadm.NewClient(client)
	offsets := make(kadm.Offsets)
	offsets.AddOffset("t", 0, 3, -1)
	if err := admin.CommitAllOffsets(t.Context(), "g", offsets); err != nil {
		t.Fatal(err)
	}
	g, reg, _ := clock(t)
	m := g.Member("s")
	m.Assigned(first)
	m.begin(t.Context(), admin, "g", []string{"t"})
	m.ask(t.Context(), admin, []string{"t"})
	want(t, reg, "4", "0")
	m.Revoked(first)
	m.Assigned(first)
	m.begin(t.Context(), admin, "another group", []string{"t"})
	m.ask(t.Context(), admin, []string{"t"})
	want(t, reg, "7", "0")
}
