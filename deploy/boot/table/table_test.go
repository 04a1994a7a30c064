package table

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
	"leadline/schemas/schematest"
)

func TestTheTableFollowsTheTopic(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, schemas.SyncCursors.Name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	kafka := []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...)}
	codec := schematest.Codec(t)
	table := New(Options[schemas.SyncCursor]{
		Topic: schemas.SyncCursors, Key: func(c *schemas.SyncCursor) string { return c.Org }, Kafka: kafka, Codec: codec,
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Area: "test",
	})
	start := func() (stop func()) {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- table.Run(ctx) }()
		return func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	client, err := kgo.NewClient(kafka...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	put := func(key string, value []byte) {
		t.Helper()
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: schemas.SyncCursors.Name, Key: []byte(key), Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	encode := func(org string) []byte {
		raw, err := schemas.Encode(codec, schemas.SyncCursors, &schemas.SyncCursor{Org: org})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	has := func(want ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := table.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		if got := table.All(); len(got) != len(want) {
			t.Errorf("%v, want %v", got, want)
		}
		for _, key := range want {
			if v, ok := table.Get(key); !ok || v.Org != key {
				t.Errorf("%s is %+v", key, v)
			}
		}
	}
	if _, known := table.Age(); known {
		t.Error("the age of a table that was never complete is known")
	}
	stop := start()
	has()
	for _, key := range []string{"a", "b", "c", "d"} {
		put(key, encode(key))
	}
	has("a", "b", "c", "d")
	put("b", nil)
	put("c", []byte("no record"))
	put("d", encode("another"))
	has("a")
	if n := testutil.ToFloat64(table.unreadable); n != 2 {
		t.Errorf("%v records cannot be read", n)
	}
	stop()
	if _, ok := table.Get("a"); !ok {
		t.Error("what was known is forgotten while nobody follows")
	}
	put("a", nil)
	put("e", encode("e"))
	t.Cleanup(start())
	has("e")
}

func TestTheTableTellsWhenItCannotBeBelieved(t *testing.T) {
	t.Parallel()
	table := New(Options[schemas.SyncCursor]{Topic: schemas.SyncCursors, Metrics: prometheus.NewRegistry(), Area: "test"})
	if table.Fresh() {
		t.Error("fresh before it ran")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := table.Ready(ended); err == nil {
		t.Error("ready before it ran")
	}
	table.caught(time.Now().Add(-freshFor / 2))
	if err := table.Ready(t.Context()); err != nil || !table.Fresh() {
		t.Errorf("complete half a minute ago, and not fresh: %v", err)
	}
	table.caught(time.Now().Add(-freshFor))
	if table.Fresh() {
		t.Error("complete a minute ago, and fresh")
	}
}

func TestWhatCannotBeReadIsToldFromWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	table := New(Options[schemas.SyncCursor]{
		Topic: schemas.SyncCursors, Key: func(c *schemas.SyncCursor) string { return c.Org }, Codec: schematest.Codec(t),
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Area: "test",
	})
	table.take(t.Context(), &kgo.Record{Key: []byte("a"), Value: []byte("no record")})
	if _, found, _ := table.Lookup("a"); found {
		t.Error("what is not complete is served")
	}
	table.caught(time.Now())
	if _, found, err := table.Lookup("a"); !found || err == nil {
		t.Errorf("a: %t, %v", found, err)
	}
	if _, found, err := table.Lookup("b"); found || err != nil {
		t.Errorf("b: %t, %v", found, err)
	}
	if _, found := table.Get("a"); found || len(table.All()) != 0 {
		t.Error("a has a value")
	}
	table.take(t.Context(), &kgo.Record{Key: []byte("a")})
	if _, found, _ := table.Lookup("a"); found {
		t.Error("a is gone")
	}
}
