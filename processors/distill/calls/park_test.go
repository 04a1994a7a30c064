package calls

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"leadline/processors/distill"
	"leadline/schemas"
)

// late says that an endpoint did not answer in time.
type late struct{}

func (late) Error() string  { return "no answer in time" }
func (late) TimedOut() bool { return true }

func TestARefusalParksAMeetingAtOnceAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	p := newPlant(t, &counting{takes: time.Millisecond, fails: func(org string, _ int64) error {
		if org == "odd" {
			return &distill.NoAnswer{Reason: "refused with 400: no", Spent: schemas.Spending{Calls: 1, Micros: 3}}
		}
		return nil
	}})
	p.deliver("odd", 2)
	p.deliver("even", 3)
	defer p.start(0)()
	for id, why := range p.learning(2, schemas.LearningParked) {
		if why != "refused with 400: no" {
			t.Errorf("%s is parked: %q", id, why)
		}
	}
	p.learned(3)
	if n := p.model.calls.Load(); n != 5 {
		t.Errorf("%d calls for 5 meetings", n)
	}
}

func TestTwoCallersShareTheWorkAndOneTakesOverWhatAnotherLeaves(t *testing.T) {
	t.Parallel()
	const meetings = 40
	p := newPlant(t, &counting{takes: 20 * time.Millisecond})
	first, second := p.start(0), p.caller(0)
	p.deliver("o", meetings)
	p.until("calls of both", func() bool { return p.model.calls.Load() >= meetings/4 })
	second() // with calls under way
	p.until("calls of the first", func() bool { return p.model.calls.Load() >= meetings/2 })
	third := p.caller(0)
	p.learned(meetings)
	third()
	first()
	// Calls under way are cut where a caller stops, and made by both where their
	// partition moves: 4 of the organisation, at each of three moves.
	if n := p.model.calls.Load(); n > meetings+3*4 {
		t.Errorf("%d calls for %d meetings", n, meetings)
	}
}

// caller runs one more caller until stop is called.
func (p *plant) caller(budget int64) (stop func()) {
	p.t.Helper()
	c := p.newCaller(budget)
	ctx, cancel := context.WithCancel(p.t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = c.Run(ctx) })
	return func() { cancel(); running.Wait() }
}

func TestAMeetingThatIsLateFiveTimesInARowIsParked(t *testing.T) {
	t.Parallel()
	j := &job{meeting: "o/fathom/1", org: "o"}
	for i := 1; i < mostLate; i++ {
		if n := j.failed(late{}); n != nil {
			t.Fatalf("parked after %d: %v", i, n)
		}
	}
	// Something else in between says that the model is not just too slow for it.
	if n := j.failed(errors.New("503")); n != nil || j.late != 0 {
		t.Fatalf("%v, late %d times", n, j.late)
	}
	for i := 1; i < mostLate; i++ {
		if n := j.failed(late{}); n != nil {
			t.Fatalf("parked after %d: %v", i, n)
		}
	}
	if n := j.failed(late{}); n == nil || n.Reason != "no answer in time, 5 times in a row" {
		t.Errorf("%v", n)
	}
}
