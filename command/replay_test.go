package command

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/console"
	"leadline/deploy/boot"
	"leadline/deploy/local"
	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
	"leadline/sinks/sink/sinktest"
)

// heldBy is all that a store says of an organisation.
func heldBy(t *testing.T, s sinktest.WholeStore, org string) string {
	t.Helper()
	ctx, scope := t.Context(), schemas.Scope{Org: org}
	var all strings.Builder
	add := func(v any, err error) {
		t.Helper()
		if err == nil {
			err = json.NewEncoder(&all).Encode(v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	tally, err := s.Tally(ctx, org)
	add(tally, err)
	var directory []schemas.DirectoryEntry
	for _, sort := range []string{schemas.SortCompany, schemas.SortEndUser} {
		some, err := s.DirectoryEntries(ctx, schemas.DirectoryQuery{Org: org, Sort: sort, Limit: 500})
		add(some, err)
		directory = append(directory, some...)
	}
	meetings, err := s.Meetings(ctx, schemas.MeetingQuery{Scope: scope, Limit: 500})
	add(meetings, err)
	if len(meetings) == 0 || len(directory) == 0 {
		t.Fatalf("%d meetings and %d entries of the directory are too few to compare", len(meetings), len(directory))
	}
	for _, m := range meetings {
		entries, err := s.MeetingEntries(ctx, scope, m.Row.ID)
		add(entries, err)
		progress, err := s.MeetingProgress(ctx, scope, m.Row.ID)
		add(progress, err)
	}
	return all.String()
}

// same compares, and shows where they part.
func same(t *testing.T, when, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("%s, line %d of %d and %d is another:\n%.600s\n%.600s", when, i, len(a), len(b), a[i], b[i])
		}
	}
	t.Fatalf("%s there are %d lines instead of %d", when, len(b), len(a))
}

func storeContents(t *testing.T, data, org string) string {
	t.Helper()
	s, err := embedded.OpenReadOnly(t.Context(), storeFile(data))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return heldBy(t, s, org)
}

// replayed runs leadline replay --store and returns what it says.
func replayed(t *testing.T, code int, env []string, args ...string) string {
	t.Helper()
	cmd, out, said := leadline(t.Context(), append([]string{"replay", "--store"}, args...)...)
	cmd.Env = append(cmd.Env, env...)
	_ = cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("replay %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, out, said)
	}
	return out.String() + said.String()
}

// The embedded store is what Kafka makes of it, whatever became of its file.
func TestEmbeddedStoreIsFilledAgainFromKafka(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("five whole processes, one after the other")
	}
	data := t.TempDir()
	check(t, upArgs(data, "--distiller", "none"))
	before := storeContents(t, data, "demo")

	if said := replayed(t, 0, nil, "embedded", "--data", data); !strings.Contains(said, "--yes does it") {
		t.Errorf("what would be done: %s", said)
	}
	same(t, "after it was said what would be done", before, storeContents(t, data, "demo"))

	change := func(queries ...string) {
		t.Helper()
		db, err := sql.Open("sqlite", storeFile(data))
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range queries {
			if _, err := db.ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// A newer version than Kafka has would win over what Kafka has.
	change(`DELETE FROM meetings WHERE id LIKE '%5'`, `UPDATE meetings SET version = 99, body = x'7b7d' WHERE id LIKE '%6'`,
		`DELETE FROM directory WHERE id = (SELECT min(id) FROM directory)`, `DELETE FROM meeting_progress WHERE offset % 2 = 0`)
	change(`UPDATE entries SET version = 99, text = 'other words' WHERE id % 3 = 0`)
	replayed(t, 0, nil, "embedded", "--data", data, "--part", "entries", "--yes")
	if storeContents(t, data, "demo") == before {
		t.Error("the entries alone were asked for, and everything is as it was")
	}
	replayed(t, 0, nil, "embedded", "--data", data, "--yes")
	same(t, "after a replay of a damaged store", before, storeContents(t, data, "demo"))
	if err := os.Remove(storeFile(data)); err != nil {
		t.Fatal(err)
	}
	replayed(t, 0, nil, "embedded", "--data", data, "--yes")
	same(t, "after a replay without a store", before, storeContents(t, data, "demo"))

	engines, err := openEngines(t.Context(), local.Config{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	if said := replayed(t, 1, nil, "embedded", "--data", data, "--yes"); !strings.Contains(said, "while leadline up does not run") {
		t.Errorf("beside a Leadline that runs: %s", said)
	}
	if err := engines.Close(); err != nil {
		t.Fatal(err)
	}
	// A replay that is killed leaves its copy, and the sinks where that was.
	if err := errors.Join(os.Remove(storeFile(data)), os.WriteFile(copyFile(data), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	// It goes on where it was, and does not end before everything is in the store.
	if s, _ := check(t, upArgs(data, "--distiller", "none")); s.DeadLetters != 0 {
		t.Errorf("after the replays: %+v", s)
	}
}

// What a replay read went into a copy. Where that is thrown away the sinks must read it again, or the store never gets what it had
// not read before.
func TestAReplayThatFailsLeavesNothingUnread(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	engines := func(do func(e *local.Engines)) {
		t.Helper()
		e, err := openEngines(t.Context(), local.Config{Dir: data})
		if err != nil {
			t.Fatal(err)
		}
		do(e)
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	company := func(id string) *schemas.DirectoryEntry {
		return &schemas.DirectoryEntry{Org: "demo", Company: &schemas.Company{ID: id, Name: id}}
	}
	engines(func(e *local.Engines) { // one company that no sink has read
		k := boot.Kafka{Brokers: e.Brokers(), RegistryURL: e.RegistryURL(), ClientID: "test"}
		codec, err := k.Codec(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		client, err := kgo.NewClient(kgo.SeedBrokers(e.Brokers()...), kgo.RecordPartitioner(schemas.Partitioner()))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		if _, err := kadm.NewClient(client).CreateTopic(t.Context(), 1, 1, nil, schemas.Directory.Name); err != nil {
			t.Fatal(err)
		}
		value, err := schemas.Encode(codec, schemas.Directory, company("birch"))
		if err == nil {
			err = client.ProduceSync(t.Context(), &kgo.Record{
				Topic: schemas.Directory.Name, Key: []byte(schemas.DirectoryKey("demo", schemas.SortCompany, "birch")), Value: value,
			}).FirstErr()
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	store, err := embedded.Open(t.Context(), storeFile(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"cedar", "elm"} { // and two that Kafka has not
		if err := store.DirectorySink().Write(t.Context(), sink.Batch[schemas.DirectoryEntry]{{
			Key: schemas.DirectoryKey("demo", schemas.SortCompany, id), Version: 1, Value: company(id),
		}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	c := &replayCommand{rebuilding: rebuilding{Store: "embedded", Part: []string{"directory"}, Yes: true}}
	if err := c.rebuildEmbedded(t.Context(), &Globals{Data: data, Org: "demo"}); err == nil || !strings.Contains(err.Error(), "held 2, and now 1") {
		t.Fatalf("got %v, want a replay that found fewer", err)
	}
	engines(func(e *local.Engines) {
		client, err := kgo.NewClient(kgo.SeedBrokers(e.Brokers()...))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		read, err := kadm.NewClient(client).FetchOffsets(t.Context(), "sink-embedded-directory")
		if err != nil {
			t.Fatal(err)
		}
		read.Each(func(o kadm.OffsetResponse) {
			if o.At > 0 {
				t.Errorf("partition %d of %s counts as read up to %d, and the store holds nothing of it", o.Partition, o.Topic, o.At)
			}
		})
	})
}

// Nobody would see a gauge of a command: it ends, and says why.
func TestAReplayEndsAtABurstOfDeadLetters(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	broker := func(do func(client *kgo.Client, admin *kadm.Client)) {
		t.Helper()
		e, err := openEngines(t.Context(), local.Config{Dir: data})
		if err != nil {
			t.Fatal(err)
		}
		client, err := kgo.NewClient(kgo.SeedBrokers(e.Brokers()...), kgo.RecordPartitioner(schemas.Partitioner()))
		if err != nil {
			t.Fatal(err)
		}
		do(client, kadm.NewClient(client))
		client.Close()
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	broker(func(client *kgo.Client, admin *kadm.Client) {
		topics := []string{schemas.Directory.Name, schemas.Directory.DeadLetters()}
		if _, err := admin.CreateTopics(t.Context(), 1, 1, nil, topics...); err != nil {
			t.Fatal(err)
		}
		for n := range 40 {
			r := &kgo.Record{Topic: schemas.Directory.Name, Key: fmt.Appendf(nil, "demo/company/%d", n), Value: []byte("unreadable")}
			if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	})
	c := &replayCommand{rebuilding: rebuilding{Store: "embedded", Part: []string{"directory"}, Yes: true}, haltFlags: haltFlags{MostRejected: 10}}
	if err := c.rebuild(t.Context(), &Globals{Data: data, Org: "demo"}); err == nil || !strings.Contains(err.Error(), "in a row would be dead letters") {
		t.Errorf("got %v, want a burst", err)
	}
	broker(func(_ *kgo.Client, admin *kadm.Client) {
		ends, err := admin.ListEndOffsets(t.Context(), schemas.Directory.DeadLetters())
		if err != nil {
			t.Fatal(err)
		}
		ends.Each(func(o kadm.ListedOffset) {
			if o.Offset > 0 {
				t.Errorf("%d dead letters", o.Offset)
			}
		})
	})
}

// What a topic no longer has is not thrown away in the store.
func TestReplayRefusesToLose(t *testing.T) {
	t.Parallel()
	offsets := func(at ...int64) kadm.ListedOffsets {
		listed := kadm.ListedOffsets{"t": {}}
		for i, o := range at {
			listed["t"][int32(i)] = kadm.ListedOffset{Topic: "t", Partition: int32(i), Offset: o}
		}
		return listed
	}
	for name, c := range map[string]struct {
		starts, ends kadm.ListedOffsets
		compacted    bool
		stored       int
		loses        bool
	}{
		"all there is":                        {offsets(0, 0), offsets(5, 0), false, 5, false},
		"its beginning is cut off":            {offsets(0, 3), offsets(5, 9), false, 5, true},
		"the beginning of a compacted one":    {offsets(0, 3), offsets(5, 9), true, 5, false},
		"an empty topic, as of another Kafka": {offsets(0, 0), offsets(0, 0), true, 5, true},
		"all of it was cut off":               {offsets(7, 7), offsets(7, 7), false, 5, true},
		"a store that holds nothing":          {offsets(7, 7), offsets(7, 9), false, 0, false},
	} {
		h := held{part: sink.PartProgress, topic: schemas.Spec{Name: "t"}, starts: c.starts, ends: c.ends, compacted: c.compacted, stored: c.stored}
		if err := h.losing(); (err != nil) != c.loses {
			t.Errorf("%s: %v, want an error: %v", name, err, c.loses)
		}
	}
}

// A recording that another one stands for is shown when that one goes, and then by the rules that it was judged by last.
func TestAReplayOfAllIsOfEveryRecording(t *testing.T) {
	t.Parallel()
	store, err := embedded.Open(t.Context(), storeFile(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	day := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	var rows sink.Batch[schemas.MeetingRow]
	add := func(recording string, state schemas.State, at time.Time) {
		id := schemas.MeetingID("demo", schemas.Fathom, recording)
		rows = append(rows, sink.Row[schemas.MeetingRow]{Key: id, Version: 1, Value: &schemas.MeetingRow{
			ID: id, Org: "demo", Provider: schemas.Fathom, RecordingID: recording, State: string(state), StartedAt: at,
		}})
	}
	var want []string
	for _, state := range []schemas.State{schemas.StateMatched, schemas.StateUnmatched, schemas.StateInternal, schemas.StateGrouped} {
		for n := range 501 {
			add(fmt.Sprintf("%s-%03d", state, n), state, day.Add(time.Duration(n)*time.Hour))
			want = append(want, rows[len(rows)-1].Key)
		}
		add(string(state)+"-before", state, day.Add(-time.Millisecond))
	}
	if err := store.MeetingSink().Write(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	got, err := startedSince(t.Context(), console.Local{Store: store}, "demo", day)
	slices.Sort(got)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%d meetings, %v, want %d", len(got), err, len(want))
	}
}

// The real stores are lost whole, and filled again from Kafka; then once more
// over what they have. What Kafka no longer has is kept.
func TestRealStoresAreFilledAgainFromKafka(t *testing.T) {
	d := newDeployment(t)
	dsn, recreate := ownDatabase(t)
	d.env = append(d.env, "CLICKHOUSE_DSN="+dsn)
	flags := storeFlags{ClickHouse: dsn, Elasticsearch: []string{os.Getenv("ELASTICSEARCH_URL")}}
	s, err := flags.open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.knowledge.Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.through(70, func(map[string][]string) {})
	if said := replayed(t, 1, d.env, "clickhouse", "--yes"); !strings.Contains(said, "stop them first") {
		t.Errorf("beside sinks that run: %s", said)
	}
	for _, name := range []string{"sinks-a", "sinks-b"} {
		d.end(name)
	}
	now := func() string {
		t.Helper()
		if err := s.knowledge.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		return heldBy(t, s, d.org)
	}
	before := now()
	if said := replayed(t, 0, d.env, "elasticsearch"); !strings.Contains(said, "--yes does it") {
		t.Errorf("what would be done: %s", said)
	}
	if err := s.knowledge.Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	recreate()
	d.command(nil, "stores", "migrate")
	for _, store := range []string{"clickhouse", "elasticsearch"} {
		t.Log(replayed(t, 0, d.env, store, "--yes"))
	}
	same(t, "after the stores were lost", before, now())
	for _, store := range []string{"clickhouse", "elasticsearch"} {
		replayed(t, 0, d.env, store, "--yes")
	}
	same(t, "after another replay", before, now())

	cutOff(t, d.brokers, schemas.MeetingProgress.Name)
	if said := replayed(t, 1, d.env, "clickhouse", "--yes"); !strings.Contains(said, "no longer has its oldest records") {
		t.Errorf("with records that are gone: %s", said)
	}
	same(t, "after a replay that was refused", before, now())
	replayed(t, 0, d.env, "clickhouse", "--part", "meetings,directory,usage,hits", "--yes")
	same(t, "after a replay of what Kafka has whole", before, now())
}

// ownDatabase makes one on ClickHouse; recreate loses all that it has.
func ownDatabase(t *testing.T) (dsn string, recreate func()) {
	t.Helper()
	options, err := ch.ParseDSN(os.Getenv("CLICKHOUSE_DSN"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := ch.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("replay_%x", rand.Uint32())
	do := func(ctx context.Context, queries ...string) {
		t.Helper()
		for _, q := range queries {
			if err := conn.Exec(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
	}
	do(t.Context(), "CREATE DATABASE "+name)
	t.Cleanup(func() {
		do(context.WithoutCancel(t.Context()), "DROP DATABASE "+name+" SYNC")
		_ = conn.Close()
	})
	to, err := url.Parse(os.Getenv("CLICKHOUSE_DSN"))
	if err != nil {
		t.Fatal(err)
	}
	to.Path = "/" + name
	return to.String(), func() {
		t.Helper()
		do(t.Context(), "DROP DATABASE "+name+" SYNC", "CREATE DATABASE "+name)
	}
}

// cutOff does what retention does: the oldest record of a topic goes.
func cutOff(t *testing.T, brokers []string, topic string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ends, err := admin.ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	all := slices.DeleteFunc(slices.Collect(maps.Values(ends[topic])), func(o kadm.ListedOffset) bool { return o.Offset < 2 })
	if len(all) == 0 {
		t.Fatalf("%s has nothing to cut off", topic)
	}
	to := make(kadm.Offsets)
	to.Add(kadm.Offset{Topic: topic, Partition: all[0].Partition, At: 1})
	deleted, err := admin.DeleteRecords(t.Context(), to)
	if err != nil || deleted.Error() != nil {
		t.Fatal(err, deleted.Error())
	}
}
