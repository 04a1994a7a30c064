package calls

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/distill"
	"leadline/processors/stage"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// counting is a distiller that counts how often it is asked about what.
type counting struct {
	takes time.Duration
	fails func(org string, call int64) error // nil: never
	paid  schemas.Spending                   // for what a call did before it failed or was cut

	calls, running atomic.Int64
	mu             sync.Mutex
	of             map[string]int
}

func (*counting) Name() string { return "counting/1" }

func (c *counting) Distill(ctx context.Context, in distill.Input) (distill.Answer, error) {
	n := c.calls.Add(1)
	c.running.Add(1)
	defer c.running.Add(-1)
	c.mu.Lock()
	c.of[in.Meeting.ID]++
	c.mu.Unlock()
	select {
	case <-time.After(c.takes):
	case <-ctx.Done():
		return distill.Answer{Spent: c.paid}, ctx.Err()
	}
	if c.fails != nil {
		if err := c.fails(in.Meeting.Org, n); err != nil {
			return distill.Answer{Spent: c.paid}, err
		}
	}
	return distill.Answer{Spent: schemas.Spending{Calls: 1, Micros: 10}}, nil
}

// plant is a broker, and the stage and the caller over it.
type plant struct {
	t     *testing.T
	kafka []kgo.Opt
	codec *schemas.Codec
	model *counting
	dir   string
	boots int
}

func newPlant(t *testing.T, m *counting) *plant {
	t.Helper()
	m.of = make(map[string]int)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	p := &plant{t: t, codec: schematest.Codec(t), model: m, dir: t.TempDir(),
		kafka: []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(schemas.Partitioner())}}
	client, err := kgo.NewClient(p.kafka...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, s := range schemas.Topics() {
		if _, err := kadm.NewClient(client).CreateTopic(t.Context(), 2, 1, nil, s.Name); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// start runs both until stop is called.
func (p *plant) start(budget int64) (stop func()) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	made, err := distill.New(p.model, distill.Options{Asked: true})
	if err != nil {
		p.t.Fatal(err)
	}
	p.boots++
	quiet := slog.New(slog.DiscardHandler)
	loop := &stage.Loop{Stage: made, Codec: p.codec, Kafka: p.kafka, StateDir: p.dir,
		TransactionalID: "test-" + strconv.Itoa(p.boots), Metrics: stage.NewMetrics(prometheus.NewRegistry()), Log: quiet}
	caller := p.newCaller(budget)
	var running sync.WaitGroup
	running.Go(func() { _ = loop.Run(ctx) })
	running.Go(func() { _ = caller.Run(ctx) })
	return func() { cancel(); running.Wait() }
}

func (p *plant) newCaller(budget int64) *Caller {
	p.t.Helper()
	c, err := New(Options{Kafka: p.kafka, Codec: p.codec, Log: slog.New(slog.DiscardHandler), Distiller: p.model, Calls: 8, OrgCalls: 4, Budget: budget})
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// deliver puts matched meetings into their topic.
func (p *plant) deliver(org string, n int) {
	p.t.Helper()
	client, err := kgo.NewClient(p.kafka...)
	if err != nil {
		p.t.Fatal(err)
	}
	defer client.Close()
	for i := range n {
		id := fmt.Sprintf("%s/fathom/%d", org, i)
		raw, err := schemas.Encode(p.codec, schemas.MatchedMeetings, &schemas.MatchedMeeting{Meeting: schemas.Meeting{
			ID: id, Org: org, Provider: "fathom", RecordingID: strconv.Itoa(i), ContentHash: []byte(id),
			Turns: []schemas.Turn{{Speaker: "Mara", Text: "We love it."}},
		}})
		if err != nil {
			p.t.Fatal(err)
		}
		client.Produce(p.t.Context(), &kgo.Record{Topic: schemas.MatchedMeetings.Name, Key: []byte(id), Value: raw}, nil)
	}
	if err := client.Flush(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// follow reads the committed records of a topic from its start, until one is the
// last that is waited for.
func (p *plant) follow(topic, waited string, last func(*kgo.Record) bool) {
	p.t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())}, p.kafka...)...)
	if err != nil {
		p.t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		for _, r := range client.PollFetches(ctx).Records() {
			if last(r) {
				return
			}
		}
	}
	p.t.Fatalf("not seen in time: %s, after %d calls", waited, p.model.calls.Load())
}

// learning waits until n meetings are at that point, and says why they are.
func (p *plant) learning(n int, at string) map[string]string {
	p.t.Helper()
	why := make(map[string]string)
	p.follow(schemas.DistilledMeetings.Name, fmt.Sprintf("%d meetings are %s", n, at), func(r *kgo.Record) bool {
		m, err := schemas.Decode(p.codec, schemas.DistilledMeetings, r.Value)
		if err != nil {
			p.t.Fatal(err)
		}
		if m.Learning == at {
			why[string(r.Key)] = m.LearningWhy
		}
		return len(why) == n
	})
	return why
}

// learned waits until that many meetings are learned from.
func (p *plant) learned(n int) {
	p.t.Helper()
	p.learning(n, schemas.LearningDone)
}

func (p *plant) until(what string, ok func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s: not within a minute, after %d calls", what, p.model.calls.Load())
		}
		<-time.After(5 * time.Millisecond)
	}
}

// LEADLINE_FULL=1 makes it 1,000 meetings and 20 crashes.
func TestCrashesAndRedeliveriesCostTheCallsUnderWay(t *testing.T) {
	t.Parallel()
	meetings, crashes := 60, 4
	if os.Getenv("LEADLINE_FULL") != "" {
		meetings, crashes = 1000, 20
	}
	p := newPlant(t, &counting{takes: 10 * time.Millisecond})
	var wasted int64
	for i := range crashes {
		if i < 3 {
			p.deliver("o", meetings)
		}
		stop := p.start(0)
		p.until("calls before a crash", func() bool { return p.model.calls.Load() >= int64((i+1)*meetings/(crashes+1)) })
		wasted += 8 // no more are under way at a time
		stop()
	}
	defer p.start(0)()
	p.learned(meetings)
	if n := p.model.calls.Load(); n > int64(meetings)+wasted || len(p.model.of) != meetings {
		t.Errorf("%d calls for %d meetings with %d crashes", n, meetings, crashes)
	}
	t.Logf("%d calls for %d meetings, delivered 3 times, with %d crashes", p.model.calls.Load(), meetings, crashes)
}

// A long transcript is asked about in parts: what the first ones cost is paid
// when the last one fails.
func TestWhatAFailedCallHadPaidIsCounted(t *testing.T) {
	t.Parallel()
	p := newPlant(t, &counting{takes: time.Millisecond, paid: schemas.Spending{Calls: 1, TokensIn: 7, Micros: 3}, fails: func(_ string, call int64) error {
		if call == 1 {
			return errors.New("503")
		}
		return nil
	}})
	p.deliver("o", 1)
	defer p.start(0)()
	p.learned(1)
	want := schemas.Spending{Calls: 2, TokensIn: 7, Micros: 13}
	if got := p.spent(want.Calls); got != want {
		t.Errorf("spent %+v, want %+v", got, want)
	}
}

// Whoever loses a meeting to another caller, or stops, takes no cost along that
// nobody else knows of.
func TestWhatFailedCallsHadPaidIsCountedWhenTheMeetingIsAnotherCallers(t *testing.T) {
	t.Parallel()
	p := newPlant(t, &counting{takes: time.Millisecond, paid: schemas.Spending{Calls: 1, Micros: 3}, fails: func(string, int64) error {
		return errors.New("503")
	}})
	p.deliver("o", 1)
	stop := p.start(0)
	p.until("a call that failed", func() bool { return p.model.calls.Load() > 0 })
	stop()
	calls := int32(p.model.calls.Load())
	if got := p.spent(calls); got.Calls != calls || got.Micros != 3*int64(calls) {
		t.Errorf("spent %+v by %d calls", got, calls)
	}
}

// spent is what answers tell of, up to so many calls.
func (p *plant) spent(calls int32) (sum schemas.Spending) {
	p.t.Helper()
	p.follow(schemas.Distillations.Name, fmt.Sprintf("what %d calls cost", calls), func(r *kgo.Record) bool {
		d, err := schemas.Decode(p.codec, schemas.Distillations, r.Value)
		if err != nil {
			p.t.Fatal(err)
		}
		sum = sum.Plus(d.Spent)
		return sum.Calls >= calls
	})
	return sum
}

func TestFailuresOfOneOrganisationDoNotStopAnother(t *testing.T) {
	t.Parallel()
	p := newPlant(t, &counting{takes: time.Millisecond, fails: func(org string, _ int64) error {
		if org == "down" {
			return errors.New("503")
		}
		return nil
	}})
	p.deliver("down", 20)
	p.deliver("up", 10)
	defer p.start(0)()
	p.learned(10)
}

func TestSpentBudgetLeavesTheRestForTomorrow(t *testing.T) {
	t.Parallel()
	p := newPlant(t, &counting{takes: time.Millisecond})
	p.deliver("o", 40)
	stop := p.start(50) // five answers at 10
	p.learned(5)
	p.told(schemas.OutcomeParked)
	stop()
	// Those under way at a time may exceed it.
	if n := p.model.calls.Load(); n < 5 || n > 5+2*4 {
		t.Errorf("%d calls for a budget of 5", n)
	}
	before := p.model.calls.Load()
	stop = p.start(50)
	p.deliver("other", 1)
	p.until("another organisation's call", func() bool { return p.model.calls.Load() == before+1 })
	stop()
	defer p.start(0)()
	p.learned(41)
}

// told waits for an outcome of the caller in the meetings' progress.
func (p *plant) told(outcome string) {
	p.t.Helper()
	p.follow(schemas.MeetingProgress.Name, "progress says "+outcome, func(r *kgo.Record) bool {
		m, err := schemas.Decode(p.codec, schemas.MeetingProgress, r.Value)
		return err == nil && m.Stage == group && m.Outcome == outcome
	})
}
