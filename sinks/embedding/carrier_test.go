package embedding_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
	"leadline/schemas/schematest"
	"leadline/sinks/embedded"
	"leadline/sinks/embedding"
	"leadline/sinks/sink"
)

// rig is a topic of entries, a model and a store.
type rig struct {
	*testing.T
	model *model
	store *embedded.Store
	kafka []kgo.Opt
	codec *schemas.Codec
	ask   *embedding.Endpoint
}

func newRig(t *testing.T) *rig {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, schemas.KnowledgeEntries.Name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	store, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	m := &model{hold: make(map[string]chan struct{})}
	r := &rig{T: t, model: m, store: store, kafka: []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...)}, codec: schematest.Codec(t), ask: endpoint(t, m, 0)}
	metrics := embedding.NewMetrics(prometheus.NewRegistry())
	store.Embed(embedding.NewQuestions(r.ask, metrics, slog.New(slog.DiscardHandler)))
	return r
}

// say writes entries to the topic and to the store, as the index stage and the
// sink of entries do.
func (r *rig) say(version uint64, texts ...string) {
	r.Helper()
	client, err := kgo.NewClient(r.kafka...)
	if err != nil {
		r.Fatal(err)
	}
	defer client.Close()
	for n, text := range texts {
		meeting := schemas.MeetingID("acme", schemas.Fathom, fmt.Sprint(n))
		e := &schemas.Entry{
			ID: fmt.Sprintf("fathom:%d:transcript:0", n), MeetingID: meeting, Org: "acme", Provider: schemas.Fathom, RecordingID: fmt.Sprint(n),
			Kind: schemas.EntryTranscript, Text: text, State: string(schemas.StateMatched), MeetingAt: time.Unix(1_800_000_000, 0),
		}
		row := sink.Row[schemas.Entry]{Key: schemas.EntryKey(meeting, e.ID), Version: version, Value: e}
		var value []byte
		if text == "" {
			row.Value = nil
		} else if value, err = schemas.Encode(r.codec, schemas.KnowledgeEntries, e); err != nil {
			r.Fatal(err)
		}
		if err := r.store.EntrySink().Write(r.Context(), sink.Batch[schemas.Entry]{row}); err != nil {
			r.Fatal(err)
		}
		record := &kgo.Record{
			Topic: schemas.KnowledgeEntries.Name, Key: []byte(row.Key), Value: value, Headers: []kgo.RecordHeader{schemas.VersionHeader(version)},
		}
		if err := client.ProduceSync(r.Context(), record).FirstErr(); err != nil {
			r.Fatal(err)
		}
	}
}

// carry runs a carrier of the model until the returned function is called.
func (r *rig) carry(name string) (stop func()) {
	r.Helper()
	c := &embedding.Carrier{
		Name: "test-vectors", Space: embedding.Space{Model: name, QueryModel: name + "-query", Dimension: 3}, Store: r.store, Endpoint: r.ask,
		Codec: r.codec, Metrics: embedding.NewMetrics(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler),
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, r.kafka...) }()
	var stopped bool
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			if err := <-done; err != nil {
				r.Error(err)
			}
		}
	}
	r.Cleanup(stop)
	return stop
}

func (r *rig) first(question string) string {
	r.Helper()
	hits, err := r.store.Search(r.Context(), schemas.SearchQuery{Scope: schemas.Scope{Org: "acme"}, Text: question})
	if err != nil {
		r.Fatal(err)
	}
	if len(hits) == 0 {
		return ""
	}
	return hits[0].Entry.Text
}

// until waits for something that comes about by itself.
func (r *rig) until(what string, is func() bool) {
	r.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			r.Fatal("never: " + what)
		}
		select {
		case <-r.Context().Done():
			r.Fatal(r.Context().Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestAnotherModelTakesOverWhenItIsThrough(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	texts := []string{"they talked of the price", "an export was missed", "it was an outage"}
	r.say(1, texts...)
	stop := r.carry("small")
	r.until("a question without the word finds it", func() bool { return r.first("any download") == texts[1] })
	if n := r.model.asked("small"); n != 3 {
		t.Errorf("%d texts were embedded, want 3", n)
	}
	// The same texts again, in another version of the meetings, cost nothing.
	r.say(2, texts...)
	r.say(3, texts[0], texts[1], "the outage is over")
	r.until("a new text is embedded", func() bool { return r.model.asked("small") == 4 })
	if got := r.first("some downtime"); got != "the outage is over" {
		t.Errorf("got %q", got)
	}
	stop()

	held := make(chan struct{})
	r.model.mu.Lock()
	r.model.hold["large"] = held
	r.model.mu.Unlock()
	r.carry("large")
	if got := r.first("its cost"); got != texts[0] || r.model.asked("small-query") != 3 {
		t.Errorf("meanwhile: %q, %d questions", got, r.model.asked("small-query"))
	}
	if r.model.asked("large-query") > 0 {
		t.Error("a space that is not through is searched")
	}
	close(held)
	r.until("the next one serves", func() bool { r.first("its full cost"); return r.model.asked("large-query") > 0 })
	if n := r.model.asked("large"); n < 3 {
		t.Errorf("it serves with %d texts embedded", n)
	}
	// A group that nobody reads for is behind for ever: erasures would wait for it.
	client, err := kgo.NewClient(r.kafka...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	r.until("the group of the model before is gone", func() bool {
		groups, err := kadm.NewClient(client).ListGroups(t.Context())
		return err == nil && len(groups) == 1
	})
}

func TestWhatTheEndpointDoesNotTakeIsFoundByItsWords(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.model.refuse = "endless"
	r.say(1, "the price", "an endless export", "the outage")
	r.carry("small")
	r.until("the others have vectors", func() bool { return r.first("a downtime") == "the outage" && r.model.asked("small") >= 2 })
	if got := r.first("endless"); got != "an endless export" {
		t.Errorf("got %q", got)
	}
}

// As where the model's name is mistyped, and put right later.
func TestAnEndpointThatTakesNoTextIsWaitedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.model.answers(http.StatusBadRequest)
	r.say(1, "the price", "the outage")
	r.carry("small")
	r.until("it was asked again", func() bool { return r.model.denials() > 6 })
	r.model.answers(0)
	r.until("all have vectors", func() bool { return r.first("a downtime") == "the outage" && r.first("the cost") == "the price" })
}

func TestAnEndpointThatIsDownIsWaitedForAndSearchesGoOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.model.answers(http.StatusServiceUnavailable)
	r.say(1, "the price", "an export")
	r.carry("small")
	if got := r.first("price"); got != "the price" {
		t.Errorf("while it is down: %q", got)
	}
	r.model.answers(0)
	r.until("it is through", func() bool { return r.model.asked("small") == 2 })
	r.until("questions are asked", func() bool { r.first("the cost"); return r.model.asked("small-query") > 0 })
	// Down again: a question that is not known is answered by words.
	r.model.answers(http.StatusServiceUnavailable)
	if got := r.first("any export"); got != "an export" {
		t.Errorf("when it is down again: %q", got)
	}
}

// picky is a store that takes no vector, ever.
type picky struct{ embedding.Store }

func (picky) PutVectors(context.Context, embedding.Space, []embedding.Vector) error {
	return &sink.Unstorable{Rows: map[int]error{0: errors.New("too long a name")}}
}

func TestAVectorThatIsNeverTakenIsNotTriedForEver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := &embedding.Carrier{Name: "test-vectors", Store: picky{r.store}, Endpoint: r.ask, Log: slog.New(slog.DiscardHandler)}
	gone := sink.Row[schemas.Entry]{Key: schemas.EntryKey("acme/fathom/1", "fathom:1:summary"), Version: 1}
	if err := c.Write(t.Context(), sink.Batch[schemas.Entry]{gone}); err != nil {
		t.Errorf("got %v, and the partition waits for it", err)
	}
}

func TestABurstOfUnreadableEntriesHaltsTheSinkOfVectors(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	client, err := kgo.NewClient(r.kafka...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for n := range 14 {
		meeting := schemas.MeetingID("acme", schemas.Fathom, fmt.Sprint(n))
		record := &kgo.Record{
			Topic: schemas.KnowledgeEntries.Name, Partition: 0, Key: []byte(schemas.EntryKey(meeting, "e")), Value: []byte("unreadable"),
			Headers: []kgo.RecordHeader{schemas.VersionHeader(1)},
		}
		if err := client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	metrics := prometheus.NewRegistry()
	c := &embedding.Carrier{
		Name: "test-vectors", Space: embedding.Space{Model: "small", QueryModel: "small-query", Dimension: 3}, Store: r.store, Endpoint: r.ask,
		Codec: r.codec, Metrics: embedding.NewMetrics(prometheus.NewRegistry()), Sinks: sink.NewMetrics(metrics), Log: slog.New(slog.DiscardHandler),
		MostRejected: 3,
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, r.kafka...) }()
	r.until("halted", func() bool {
		families, err := metrics.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "leadline_sink_halted" {
				return f.GetMetric()[0].GetGauge().GetValue() == 1
			}
		}
		return false
	})
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
