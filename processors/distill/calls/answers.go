package calls

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot/table"
	"leadline/schemas"
)

// answers knows which requests have been answered, by whichever caller, and
// what was spent.
type answers struct {
	codec    *schemas.Codec
	follower *table.Follower

	mu    sync.Mutex
	last  map[string]answered         // by meeting
	spent map[string]map[string]int64 // organisation, day -> millionths
}

// answered names a request: what was asked and when.
type answered struct {
	memo  string
	asked time.Time
}

func newAnswers(o Options) *answers {
	a := &answers{codec: o.Codec}
	a.begin()
	a.follower = &table.Follower{Topic: schemas.Distillations.Name, Kafka: o.Kafka, Log: o.Log, Begin: a.begin, Take: a.take}
	return a
}

func (a *answers) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last, a.spent = make(map[string]answered), make(map[string]map[string]int64)
}

// take notes an answer. One that cannot be read is the stage's to make a dead
// letter of; its request is answered again.
func (a *answers) take(_ context.Context, r *kgo.Record) {
	if r.Value == nil {
		return
	}
	d, err := schemas.Decode(a.codec, schemas.Distillations, r.Value)
	if err != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if was := a.last[d.MeetingID]; d.Memo != "" && !was.asked.After(d.AskedAt) {
		a.last[d.MeetingID] = answered{d.Memo, d.AskedAt}
	}
	org, _, _, err := schemas.SplitMeetingID(d.MeetingID)
	if err != nil {
		return
	}
	if a.spent[org] == nil {
		a.spent[org] = make(map[string]int64)
	}
	a.spent[org][day(d.At)] += d.Spent.Micros
}

func (a *answers) has(j *job) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	last, found := a.last[j.meeting]
	return found && last.memo == j.memo && last.asked.Equal(j.asked)
}

// on is what an organisation spent on a day.
func (a *answers) on(org, day string) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.spent[org][day]
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// nextDay is when the next day begins.
func nextDay(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour) }
