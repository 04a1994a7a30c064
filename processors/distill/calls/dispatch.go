package calls

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/distill"
	"leadline/schemas"
)

const (
	// A failed call is tried again after 1 s, 2 s, 4 s and so on up to 5 minutes,
	// each cut by up to a half by chance, so that callers do not come in step.
	firstWait   = time.Second
	longestWait = 5 * time.Minute
	// mostLate is how often in a row a meeting may get no answer in time: one
	// that a model cannot get through must not be tried for ever.
	mostLate = 5
)

// dispatch starts calls until ctx ends, and waits for those under way.
func (c *Caller) dispatch(ctx context.Context, producer *kgo.Client) {
	// A call that is paid for may end after the stop.
	calling, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	var calls sync.WaitGroup
	slots := make(chan struct{}, c.Calls)
	for ctx.Err() == nil {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			continue
		}
		j := c.pick(ctx, func(j *job, why string) { c.tell(ctx, producer, j, schemas.OutcomeParked, why) })
		if j == nil {
			<-slots
			continue
		}
		calls.Go(func() {
			defer func() { <-slots }()
			c.do(calling, producer, j)
		})
	}
	drained := time.AfterFunc(c.Drain, cut)
	defer drained.Stop()
	calls.Wait()
}

// pick waits for a job that may start; nil says to look again. park is called
// once a day for each meeting that no money is left for.
func (c *Caller) pick(ctx context.Context, park func(j *job, why string)) *job {
	now := c.now()
	var spent []*job
	c.mu.Lock()
	j, wait := c.backlog.next(now, c.OrgCalls, func(name string, o *org) time.Time {
		if !c.spent(name, o, now) {
			return time.Time{}
		}
		for _, q := range o.queue {
			if q.toldOf != day(now) {
				q.toldOf = day(now)
				spent = append(spent, q)
			}
		}
		return nextDay(now)
	})
	c.mu.Unlock()
	for _, q := range spent {
		park(q, fmt.Sprintf("the organisation's budget for %s is spent; goes on at %s", day(now), nextDay(now).Format(time.RFC3339)))
	}
	if j != nil {
		return j
	}
	// The clock may jump, and a day may end: look now and then.
	d := time.Minute
	if !wait.IsZero() {
		d = min(d, max(wait.Sub(now), time.Millisecond))
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-c.wake:
	case <-timer.C:
	}
	return nil
}

// do answers one request, or puts it back.
func (c *Caller) do(ctx context.Context, producer *kgo.Client, j *job) {
	again, until := true, time.Time{}
	defer func() { c.change(func() { c.backlog.ended(j, again, until) }) }()
	// Whoever had the partition before may have answered it.
	if err := c.answers.follower.AsOf(ctx, j.seen); err != nil {
		until = c.now().Add(firstWait)
		return
	}
	if c.answers.has(j) {
		again = false
		return
	}
	// What was spent before a start is known only now.
	if c.spentToday(j.org) {
		return
	}
	request, err := c.request(ctx, j)
	if err != nil {
		c.metrics.failures.Inc()
		until = c.now().Add(firstWait)
		return
	}
	if request == nil { // taken back, or replaced by one that comes by itself
		again = false
		return
	}
	answer, err := c.ask(ctx, request)
	if err != nil && ctx.Err() != nil {
		c.owe(ctx, producer, j, answer.Spent)
		return
	}
	var none *distill.NoAnswer
	if err != nil {
		none = j.failed(err)
	}
	if err != nil && none == nil {
		c.owe(ctx, producer, j, answer.Spent)
		until = c.backOff(j, err)
		return
	}
	if none != nil {
		answer = distill.Answer{Spent: none.Spent}
	}
	spent := answer.Spent
	answer.Spent = spent.Plus(c.owed(j))
	if again = !c.publish(ctx, producer, request, answer, none); again {
		c.remember(j, spent)
	}
}

// spent says whether an organisation has used up its budget for the day. It is
// called with the lock held.
func (c *Caller) spent(name string, o *org, now time.Time) bool {
	return c.Budget > 0 && c.answers.on(name, day(now))+o.paid >= c.Budget
}

func (c *Caller) spentToday(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spent(name, c.backlog.orgs[name], c.now())
}

// tellTime is how long an account of money may take to be kept, also at a stop.
const tellTime = 10 * time.Second

// owe tells at once what a job paid in vain: it may be another caller's before
// there is an answer, which could tell of it. What cannot be told is remembered.
func (c *Caller) owe(ctx context.Context, producer *kgo.Client, j *job, spent schemas.Spending) {
	if spent == (schemas.Spending{}) {
		return
	}
	value, err := schemas.Encode(c.Codec, schemas.Distillations, &schemas.Distillation{
		MeetingID: j.meeting, Distiller: c.Distiller.Name(), Spent: spent, At: c.now().UTC(),
	})
	if err == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTime)
		defer cancel()
		err = producer.ProduceSync(ctx, &kgo.Record{Topic: schemas.Distillations.Name, Key: []byte(j.meeting), Value: value}).FirstErr()
	}
	if err != nil {
		c.Log.Warn("what a call cost could not be kept, and is told with the answer", "meeting", j.meeting, "err", schemas.Excerpt(err.Error()))
		c.remember(j, spent)
	}
}

// remember notes what a job paid until its answer tells of it, in memory only.
func (c *Caller) remember(j *job, spent schemas.Spending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.backlog.jobs[j.meeting] == j {
		j.paid = j.paid.Plus(spent)
		c.backlog.orgs[j.org].paid += spent.Micros
	}
}

func (c *Caller) owed(j *job) schemas.Spending {
	c.mu.Lock()
	defer c.mu.Unlock()
	return j.paid
}

// failed says why there will be no answer; nil is to try again.
func (j *job) failed(err error) *distill.NoAnswer {
	if none, final := errors.AsType[*distill.NoAnswer](err); final {
		return none
	}
	if late := (interface{ TimedOut() bool })(nil); !errors.As(err, &late) || !late.TimedOut() {
		j.late = 0
		return nil
	}
	if j.late++; j.late < mostLate {
		return nil
	}
	return &distill.NoAnswer{Reason: fmt.Sprintf("%v, %d times in a row", err, mostLate)}
}

func (c *Caller) ask(ctx context.Context, request *schemas.DistillationRequest) (distill.Answer, error) {
	c.metrics.running.Inc()
	defer c.metrics.running.Dec()
	return c.Distiller.Distill(ctx, distill.InputOf(request))
}

// backOff says when the organisation's next call may start.
func (c *Caller) backOff(j *job, err error) time.Time {
	c.metrics.failures.Inc()
	c.mu.Lock()
	o := c.backlog.orgs[j.org]
	wait := min(firstWait<<min(o.failures, 10), longestWait)
	first := o.failures == 0
	o.failures++
	c.mu.Unlock()
	if first {
		c.Log.Warn("the model is asked again later, as long as it takes", "distiller", c.Distiller.Name(), "org", j.org, "err", schemas.Excerpt(err.Error()))
	}
	wait -= time.Duration(rand.Int64N(int64(wait / 2))) //nolint:gosec // no secret
	if asked := (interface{ RetryAfter() time.Duration })(nil); errors.As(err, &asked) {
		wait = max(wait, asked.RetryAfter())
	}
	return c.now().Add(wait)
}

// publish writes the answer; false says that it could not.
func (c *Caller) publish(ctx context.Context, producer *kgo.Client, request *schemas.DistillationRequest, a distill.Answer, none *distill.NoAnswer) bool {
	d := &schemas.Distillation{
		MeetingID: request.MeetingID, Memo: request.Memo, Distiller: c.Distiller.Name(), AskedAt: request.AskedAt,
		Distillates: a.Distillates, Topics: a.Topics, Spent: a.Spent, At: c.now().UTC(),
	}
	if none != nil {
		d.Parked = none.Reason
		c.metrics.parked.Inc()
	}
	value, err := schemas.Encode(c.Codec, schemas.Distillations, d)
	if err == nil {
		err = producer.ProduceSync(ctx, &kgo.Record{Topic: schemas.Distillations.Name, Key: []byte(request.MeetingID), Value: value}).FirstErr()
	}
	if err != nil {
		c.metrics.failures.Inc()
		c.Log.Warn("an answer could not be kept, and is asked for again", "meeting", request.MeetingID, "err", schemas.Excerpt(err.Error()))
		return false
	}
	c.metrics.answered.Inc()
	return true
}

// tell is for the meeting's progress. It is for people: what cannot be told is
// not lost work.
func (c *Caller) tell(ctx context.Context, producer *kgo.Client, j *job, outcome, detail string) {
	value, err := schemas.Encode(c.Codec, schemas.MeetingProgress, &schemas.Progress{
		MeetingID: j.meeting, Org: j.org, Stage: group, Outcome: outcome, Detail: detail, Source: j.source, At: c.now().UTC(),
		Topic: schemas.DistillationRequests.Name, Partition: j.partition, Offset: j.offset,
	})
	if err != nil {
		return
	}
	producer.Produce(ctx, &kgo.Record{Topic: schemas.MeetingProgress.Name, Key: []byte(j.meeting), Value: value}, nil)
}

// request reads a request at its place in the topic; nil where another is there by now.
func (c *Caller) request(ctx context.Context, j *job) (*schemas.DistillationRequest, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	client, err := kgo.NewClient(append(slices.Clone(c.Kafka),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
			schemas.DistillationRequests.Name: {j.partition: kgo.NewOffset().At(j.offset)},
		}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(),      // a marker in its place says that it is gone
		kgo.FetchMaxPartitionBytes(1), // one batch is enough
	)...)
	if err != nil {
		return nil, fmt.Errorf("building the reader of a request: %w", err)
	}
	defer client.Close()
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("reading a request: %w", context.Cause(ctx))
		}
		for _, e := range fetches.Errors() {
			return nil, fmt.Errorf("reading a request: %w", e.Err)
		}
		for _, r := range fetches.Records() {
			if r.Offset > j.offset {
				return nil, nil
			}
			if r.Offset == j.offset {
				if r.Value == nil || string(r.Key) != j.meeting {
					return nil, nil
				}
				return schemas.Decode(c.Codec, schemas.DistillationRequests, r.Value)
			}
		}
	}
}
