package hops

import (
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// broker has all topics in one partition.
func broker(t *testing.T) (*Watch, *kgo.Client) {
	t.Helper()
	var names []string
	for _, s := range schemas.Topics() {
		names = append(names, s.Name)
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, names...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	kafka := []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...)}
	return &Watch{Kafka: kafka}, client(t, kafka)
}

func client(t *testing.T, kafka []kgo.Opt, more ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(more, kafka...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func produce(t *testing.T, to *kgo.Client, topic string, ages ...time.Duration) {
	t.Helper()
	for _, age := range ages {
		r := &kgo.Record{Topic: topic, Value: []byte("x"), Timestamp: time.Now().Add(-age)}
		if err := to.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

func commit(t *testing.T, by *kgo.Client, group, topic string, offset int64) {
	t.Helper()
	offsets := make(kadm.Offsets)
	offsets.AddOffset(topic, 0, offset, -1)
	if err := kadm.NewClient(by).CommitAllOffsets(t.Context(), group, offsets); err != nil {
		t.Fatal(err)
	}
}

// find asks anew, and picks one.
func find(t *testing.T, w *Watch, name, topic string) Hop {
	t.Helper()
	w.asked = time.Time{}
	all, err := w.Hops(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(h Hop) bool { return h.Name == name && h.Topic == topic })
	if i < 0 {
		t.Fatalf("there is no %s of %s: %+v", name, topic, all)
	}
	return all[i]
}

func TestAGroupThatNobodyRunsIsBehindAndItsOldestRecordAges(t *testing.T) {
	t.Parallel()
	w, c := broker(t)
	raw := schemas.RawMeetings.Name
	produce(t, c, raw, time.Hour, time.Minute, time.Second)
	if h := find(t, w, "normalize", raw); h.Behind != 3 || h.Oldest < time.Hour || h.Members != 0 {
		t.Errorf("before it has ever run: %+v", h)
	}
	commit(t, c, "normalize", raw, 1)
	if h := find(t, w, "normalize", raw); h.Behind != 2 || h.Oldest < time.Minute || h.Oldest > time.Hour {
		t.Errorf("after its first record: %+v", h)
	}
	commit(t, c, "normalize", raw, 3)
	if h := find(t, w, "normalize", raw); h.Behind != 0 || h.Oldest != 0 {
		t.Errorf("at the end: %+v", h)
	}
}

func TestGroupsThatWaitInOnePartitionEachHaveTheirAge(t *testing.T) {
	t.Parallel()
	w, c := broker(t)
	topic := schemas.Directory.Name
	produce(t, c, topic, 3*time.Hour, time.Hour, time.Minute)
	commit(t, c, "match", topic, 0)
	commit(t, c, "sink-a-directory", topic, 2)
	if h := find(t, w, "match", topic); h.Behind != 3 || h.Oldest < 3*time.Hour {
		t.Errorf("%+v", h)
	}
	if h := find(t, w, "sink-a-directory", topic); h.Behind != 1 || h.Oldest < time.Minute || h.Oldest > time.Hour {
		t.Errorf("%+v", h)
	}
}

// A stage commits what it has read; the marker behind the last record of a
// transaction is nothing that waits.
func TestAMarkerIsNothingThatWaits(t *testing.T) {
	t.Parallel()
	w, c := broker(t)
	topic := schemas.NormalizedMeetings.Name
	writer := client(t, w.Kafka, kgo.TransactionalID("t"))
	if err := writer.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, writer, topic, time.Hour)
	if err := writer.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	commit(t, c, "match", topic, 1)
	if h := find(t, w, "match", topic); h.Behind != 0 || h.Oldest != 0 {
		t.Errorf("%+v", h)
	}
	produce(t, c, topic, time.Minute)
	if h := find(t, w, "match", topic); h.Behind != 1 || h.Oldest < time.Minute || h.Oldest > time.Hour {
		t.Errorf("with a record behind the marker: %+v", h)
	}
}

func TestRatesDeadLettersAndMembersAreTold(t *testing.T) {
	t.Parallel()
	w, c := broker(t)
	raw := schemas.RawMeetings.Name
	produce(t, c, raw, 0, 0)
	if h := find(t, w, "normalize", raw); h.PerMinute != nil {
		t.Errorf("a rate of one reading: %+v", h)
	}
	produce(t, c, raw, 0, 0, 0)
	produce(t, c, schemas.RawMeetings.DeadLetters(), 0)
	reader := client(t, w.Kafka, kgo.ConsumerGroup("normalize"), kgo.ConsumeTopics(raw), kgo.DisableAutoCommit())
	if n := reader.PollFetches(t.Context()).NumRecords(); n == 0 {
		t.Fatal("nothing was read")
	}
	commit(t, c, "another's group", raw, 2)
	intake, normalize := find(t, w, Intake, raw), find(t, w, "normalize", raw)
	if intake.PerMinute == nil || *intake.PerMinute <= 0 || intake.Behind != 0 || intake.Reads() {
		t.Errorf("%+v", intake)
	}
	if normalize.PerMinute == nil || *normalize.PerMinute != 0 || normalize.DeadLetters != 1 || normalize.Members != 1 {
		t.Errorf("%+v", normalize)
	}
	if slices.ContainsFunc(w.last, func(h Hop) bool { return h.Name == "another's group" }) {
		t.Error("somebody else's group is told of")
	}
	w.past[0].at = time.Now().Add(-2 * rateOver)
	w.past = w.past[:1]
	if h := find(t, w, "normalize", raw); h.PerMinute != nil {
		t.Errorf("a rate since somebody looked long ago: %+v", h)
	}
}

func TestABrokerThatIsAwayIsAnErrorAndIsAskedAgainLater(t *testing.T) {
	t.Parallel()
	w := &Watch{Kafka: []kgo.Opt{kgo.SeedBrokers("127.0.0.1:1"), kgo.RetryTimeout(100 * time.Millisecond)}}
	if _, err := w.Hops(t.Context()); err == nil {
		t.Error("no error")
	}
	asked := w.asked
	if _, err := w.Hops(t.Context()); err == nil || w.asked != asked {
		t.Error("it was asked again at once")
	}
}
