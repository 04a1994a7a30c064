// Package calls answers the requests of the distill stage: it asks a distiller
// that is slow or costs money, as many meetings at a time as are wanted, outside
// of any transaction.
//
// What is left to do is what schemas.DistillationRequests holds, and what was
// done is in schemas.Distillations; both are read from their start, so that a
// crash costs the calls that were under way and no more.
package calls

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/distill"
	"leadline/schemas"
)

// Options are what a Caller is made with.
type Options struct {
	Kafka     []kgo.Opt // brokers, security, partitioner, limits
	Codec     *schemas.Codec
	Log       *slog.Logger
	Metrics   prometheus.Registerer
	Distiller distill.Distiller
	// Calls is how many meetings are under way at a time, OrgCalls how many of
	// one organisation: one that is slow leaves room for the others.
	Calls, OrgCalls int
	// Budget is what an organisation may spend in a day of UTC, in millionths; 0
	// is no limit. It is looked at before a call: those under way may exceed it.
	Budget int64
	// Drain is how long calls that are paid for may take to end at a stop.
	Drain time.Duration
}

// Caller answers requests.
type Caller struct {
	Options
	metrics *metrics
	answers *answers
	now     func() time.Time

	mu      sync.Mutex
	backlog *backlog
	wake    chan struct{} // has one element when there may be something to start
}

// group balances the requests' partitions over callers. It commits no offsets.
const group = "distill-calls"

// New makes a caller.
func New(o Options) (*Caller, error) {
	m, err := newMetrics(o.Metrics)
	if err != nil {
		return nil, err
	}
	c := &Caller{Options: o, metrics: m, now: time.Now, backlog: newBacklog(), wake: make(chan struct{}, 1)}
	c.answers = newAnswers(o)
	return c, nil
}

// Run answers until ctx ends, and then returns nil when the calls under way have
// ended. Trouble with Kafka is waited out.
func (c *Caller) Run(ctx context.Context) error {
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	var others sync.WaitGroup
	others.Go(func() { _ = c.answers.follower.Run(following) })
	defer others.Wait()
	defer stop()
	producer, err := kgo.NewClient(append(slices.Clone(c.Kafka), kgo.RequiredAcks(kgo.AllISRAcks()))...)
	if err != nil {
		return fmt.Errorf("building the producer of answers: %w", err)
	}
	defer producer.Close()
	reading, done := context.WithCancel(ctx)
	defer done()
	others.Go(func() { c.read(reading) })
	c.dispatch(ctx, producer)
	return nil
}

// read keeps the backlog as the requests are.
func (c *Caller) read(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.follow(ctx); err != nil && ctx.Err() == nil {
			c.Log.Warn("requests for distillation are read anew", "err", err)
			pause(ctx, time.Second)
		}
	}
}

func (c *Caller) follow(ctx context.Context) error {
	gone := func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
		c.change(func() { c.backlog.drop(lost[schemas.DistillationRequests.Name]) })
	}
	client, err := kgo.NewClient(append(slices.Clone(c.Kafka),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(schemas.DistillationRequests.Name),
		kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.OnPartitionsRevoked(gone), kgo.OnPartitionsLost(gone),
	)...)
	if err != nil {
		return fmt.Errorf("building the reader of requests: %w", err)
	}
	defer client.Close()
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		for _, e := range fetches.Errors() {
			return fmt.Errorf("reading %s: %w", e.Topic, e.Err)
		}
		for _, r := range fetches.Records() {
			c.take(r)
		}
	}
}

// take puts a request into the backlog, or takes it out.
func (c *Caller) take(r *kgo.Record) {
	var j *job
	if r.Value != nil {
		request, err := schemas.Decode(c.Codec, schemas.DistillationRequests, r.Value)
		if err == nil && request.MeetingID != string(r.Key) {
			err = fmt.Errorf("the record %.140q asks for %.140q", r.Key, request.MeetingID)
		}
		if err != nil {
			c.metrics.unreadable.Inc()
			c.Log.Warn("request for distillation cannot be read; leadline replay makes it again",
				"partition", r.Partition, "offset", r.Offset, "err", schemas.Excerpt(err.Error()))
		} else {
			j = &job{
				meeting: request.MeetingID, org: request.Matched.Meeting.Org, memo: request.Memo, asked: request.AskedAt,
				partition: r.Partition, offset: r.Offset, seen: c.now(), source: request.Matched.Meeting.Source,
			}
		}
	}
	c.change(func() {
		if j == nil {
			c.backlog.remove(string(r.Key))
		} else {
			c.backlog.add(j)
		}
	})
}

func (c *Caller) change(f func()) {
	c.mu.Lock()
	f()
	c.metrics.waiting.Set(float64(len(c.backlog.jobs)))
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
