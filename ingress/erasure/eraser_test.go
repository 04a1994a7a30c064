package erasure_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/ingress/connection"
	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/erasure"
	"leadline/processors/distill"
	"leadline/processors/index"
	"leadline/processors/match"
	"leadline/processors/normalize"
	"leadline/processors/stage"
	"leadline/schemas"
	"leadline/sinks/sink"
)

// nothing is a distiller that finds nothing: topics are judged by words.
type nothing struct{}

func (nothing) Name() string { return "nothing" }

func (nothing) Distill(context.Context, distill.Input) ([]schemas.Distillate, error) { return nil, nil }

// ones has one rule, a topic that the meeting 1 is about and no other.
type ones struct{}

func (ones) RulesAt(_ context.Context, org string, _ time.Time) (schemas.RuleSet, error) {
	return schemas.RuleSet{Org: org, Version: 1, Rules: []schemas.LearningRule{{ID: "ones", Type: schemas.RuleTopic, Text: "1", Enabled: true}}}, nil
}

// pipeline is every stage and a store of rows, entries and hits, on a broker in the process.
type pipeline struct {
	*connectiontest.Rig
	table *connection.Table

	mu    sync.Mutex
	store map[string]uint64 // key -> version
}

func newPipeline(t *testing.T, run bool) *pipeline {
	t.Helper()
	p := &pipeline{Rig: connectiontest.New(t), store: make(map[string]uint64)}
	p.table = p.Table()
	if !run {
		return p
	}
	distilling, err := distill.New(distill.ByWords(nothing{}), distill.Options{Rules: ones{}})
	if err != nil {
		t.Fatal(err)
	}
	log, metrics := slog.New(slog.DiscardHandler), stage.NewMetrics(prometheus.NewRegistry())
	for _, s := range []stage.Stage{normalize.New(), match.New(), distilling, index.New()} {
		loop := &stage.Loop{
			Stage: s, Codec: p.Codec, Kafka: p.Kafka, StateDir: t.TempDir(), TransactionalID: s.Name, Metrics: metrics, Log: log,
		}
		p.Start(loop.Run)
	}
	rows := sink.Loop[schemas.MeetingRow]{Name: "rows", Group: "sink-test-rows", Topic: schemas.MeetingRows, Codec: p.Codec, Version: sink.ByHeader, Sink: into[schemas.MeetingRow](p)}
	entries := sink.Loop[schemas.Entry]{Name: "entries", Group: "sink-test-entries", Topic: schemas.KnowledgeEntries, Codec: p.Codec, Version: sink.ByHeader, Sink: into[schemas.Entry](p)}
	hits := sink.Loop[schemas.RuleHit]{Name: "hits", Group: "sink-test-hits", Topic: schemas.RuleHits, Codec: p.Codec, Version: sink.ByOffset, Sink: into[schemas.RuleHit](p)}
	p.Start(func(ctx context.Context) error { return hits.Run(ctx, p.Kafka...) })
	p.Start(func(ctx context.Context) error { return rows.Run(ctx, p.Kafka...) })
	p.Start(func(ctx context.Context) error { return entries.Run(ctx, p.Kafka...) })
	return p
}

func into[T any](p *pipeline) sink.Func[T] {
	return func(_ context.Context, b sink.Batch[T]) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, r := range b {
			delete(p.store, r.Key)
			if r.Value != nil {
				p.store[r.Key] = r.Version
			}
		}
		return nil
	}
}

// rows are the keys of the store that begin with the meeting's id.
func (p *pipeline) keys() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.store))
}

// receive puts a meeting in, as the connection brought it.
func (p *pipeline) receive(name string, recording int, header bool) {
	p.T.Helper()
	p.receiveAt(time.Now(), name, recording, header)
}

// receiveAt is receive by a process whose clock says so.
func (p *pipeline) receiveAt(clock time.Time, name string, recording int, header bool) {
	p.T.Helper()
	o := schemas.Origin{
		Event: schemas.FathomMeetingReceived, Provider: schemas.Fathom, Org: "lanternfish", Connection: name,
		Source: schemas.SourcePoll, Received: clock,
	}
	if header {
		o.Recording = fmt.Sprint(recording)
	}
	body := fmt.Sprintf(`{"recording_id":%d,"created_at":"2026-10-05T09:00:00Z","default_summary":{"markdown_formatted":"Of %[1]d."}}`, recording)
	if err := p.Client().ProduceSync(p.T.Context(), schemas.RawRecord(o, []byte(body))).FirstErr(); err != nil {
		p.T.Fatal(err)
	}
}

// ended is a connection that shall be erased.
func (p *pipeline) ended(name string) schemas.Connection {
	p.T.Helper()
	at := time.Now().UTC().Truncate(time.Millisecond)
	c := schemas.Connection{Org: "lanternfish", Provider: schemas.Fathom, Name: name, DisconnectedAt: &at, EraseAskedAt: &at}
	connectiontest.Put(p.Rig, schemas.Connections, schemas.ConnectionID(c.Org, c.Provider, name), &c)
	if err := p.table.CatchUp(p.T.Context()); err != nil {
		p.T.Fatal(err)
	}
	return c
}

func TestWhatOneConnectionBroughtGoesAndWhatAnotherBroughtStays(t *testing.T) {
	t.Parallel()
	p := newPipeline(t, true)
	p.Connect(schemas.Connection{Org: "lanternfish", Provider: schemas.Fathom, Name: "other", Ingest: true}, "key", "")
	p.receive("first", 1, true)
	p.receive("first", 2, true)
	p.receive("other", 2, true)
	p.receive("other", 3, true)
	p.receive("first", 3, false) // as a build wrote it that put no recording into the headers
	connectiontest.Put(p.Rig, schemas.SyncCursors, "lanternfish/fathom/first", &schemas.SyncCursor{Org: "lanternfish", Provider: schemas.Fathom, Connection: "first"})
	p.Until("all is stored", func() bool { return len(p.keys()) == 9 }) // a row, a summary and a hit each
	e := &erasure.Eraser{Options: p.Options(), Connections: p.table, Patience: 20 * time.Second}
	receipt, err := e.Erase(t.Context(), p.ended("first"))
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Meetings != 1 || receipt.Kept != 1 || receipt.Unreadable != 1 || len(receipt.Pending) != 0 || receipt.Remaining[schemas.RawMeetings.Name] != 3 {
		t.Errorf("receipt %+v", receipt)
	}
	for _, topic := range []string{schemas.NormalizedMeetings.Name, schemas.MatchedMeetings.Name, schemas.DistilledMeetings.Name} {
		if receipt.Remaining[topic] != 1 {
			t.Errorf("%d copies in %s, want 1", receipt.Remaining[topic], topic)
		}
	}
	for topic, want := range map[string]int{
		schemas.NormalizedMeetings.Name: 1, schemas.MatchedMeetings.Name: 1, schemas.DistilledMeetings.Name: 1,
		schemas.MeetingRows.Name: 1, schemas.KnowledgeEntries.Name: 1, schemas.RuleHits.Name: 1,
	} {
		if receipt.Tombstones[topic] != want {
			t.Errorf("%d tombstones in %s, want %d", receipt.Tombstones[topic], topic, want)
		}
	}
	if receipt.Stores["sink-test-rows"] != 1 || receipt.Stores["sink-test-entries"] != 1 || receipt.Stores["sink-test-hits"] != 1 {
		t.Errorf("stores %v", receipt.Stores)
	}
	// No waiting: the receipt is the promise that it has happened.
	if left := p.keys(); len(left) != 6 || left[0] != "lanternfish/fathom/2" {
		t.Errorf("the store has %v", left)
	}
	var last *kgo.Record
	for _, r := range p.Read(schemas.SyncCursors.Name) {
		last = r
	}
	if last == nil || last.Value != nil {
		t.Error("the cursor is still there")
	}
	// Again, as after a crash before the receipt was kept.
	if again, err := e.Erase(t.Context(), p.ended("first")); err != nil || again.Meetings != 1 || len(again.Pending) != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
}

// A receiver whose clock is ahead says that it received the meeting after it was erased.
func TestAClockThatIsAheadKeepsNothing(t *testing.T) {
	t.Parallel()
	p := newPipeline(t, true)
	p.receiveAt(time.Now().Add(10*time.Minute), "first", 1, true)
	p.Until("all is stored", func() bool { return len(p.keys()) == 3 })
	e := &erasure.Eraser{Options: p.Options(), Connections: p.table, Patience: 20 * time.Second}
	receipt, err := e.Erase(t.Context(), p.ended("first"))
	if err != nil || receipt.Meetings != 1 || len(receipt.Pending) != 0 || receipt.Tombstones[schemas.MeetingRows.Name] != 1 {
		t.Errorf("receipt %+v, %v", receipt, err)
	}
	if left := p.keys(); len(left) != 0 {
		t.Errorf("the receipt says that it is gone, and the store has %v", left)
	}
}

func TestWhatIsNotSeenToGoIsPending(t *testing.T) {
	t.Parallel()
	p := newPipeline(t, false) // no stage runs
	p.receive("first", 1, true)
	e := &erasure.Eraser{Options: p.Options(), Connections: p.table, Patience: 300 * time.Millisecond}
	receipt, err := e.Erase(t.Context(), p.ended("first"))
	if err != nil || !slices.Equal(receipt.Pending, []string{"lanternfish/fathom/1"}) {
		t.Errorf("receipt %+v, %v", receipt, err)
	}
}

// A meeting's entries go in the transaction in which its row goes, and whoever reads the topics one after the other sees the row first.
func TestAReceiptKnowsOfEveryEntryThatWent(t *testing.T) {
	t.Parallel()
	const entries = 40
	p := newPipeline(t, false)
	p.receive("first", 1, true)
	id := schemas.MeetingID("lanternfish", schemas.Fathom, "1")
	p.Start(func(ctx context.Context) error { // what the stages would say
		client := p.Client(kgo.ConsumeTopics(schemas.RawMeetings.Name), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		for ctx.Err() == nil {
			for _, r := range client.PollFetches(ctx).Records() {
				if schemas.OriginOf(r).Source != schemas.SourceErase {
					continue
				}
				for n := range entries { // each a batch
					connectiontest.Put(p.Rig, schemas.KnowledgeEntries, schemas.EntryKey(id, fmt.Sprint("fathom:1:transcript:", n)), nil)
				}
				connectiontest.Put(p.Rig, schemas.MeetingRows, id, nil)
				connectiontest.Put(p.Rig, schemas.MeetingProgress, id, &schemas.Progress{
					MeetingID: id, Org: "lanternfish", Stage: "normalize", Outcome: schemas.OutcomeDone, Source: string(schemas.SourceErase),
				})
			}
		}
		return nil
	})
	options := p.Options()
	options.Kafka = append(slices.Clone(options.Kafka), kgo.FetchMaxBytes(1)) // a batch at a time
	e := &erasure.Eraser{Options: options, Connections: p.table, Patience: 20 * time.Second}
	receipt, err := e.Erase(t.Context(), p.ended("first"))
	if err != nil || len(receipt.Pending) != 0 || receipt.Tombstones[schemas.KnowledgeEntries.Name] != entries {
		t.Errorf("receipt %+v, %v; want %d entries", receipt, err, entries)
	}
}
