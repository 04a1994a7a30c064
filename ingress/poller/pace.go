package poller

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits of the calls with one key. Zero fields are Fathom's: 60 a minute, 30 of them heavy.
type Limits struct {
	Calls, Heavy int
	Window       time.Duration
}

// pace keeps each connection within the limits. Pages with transcripts are heavy calls, so both limits count them.
type pace struct {
	limits Limits

	mu   sync.Mutex
	keys map[string][2]*rate.Limiter // connection id -> all calls, heavy ones
}

func newPace(l Limits) (*pace, error) {
	if l.Calls == 0 {
		l.Calls = 60
	}
	if l.Heavy == 0 {
		l.Heavy = 30
	}
	if l.Window == 0 {
		l.Window = time.Minute
	}
	if l.Calls < 2 || l.Heavy < 2 || l.Window < 0 {
		return nil, errors.New("limits of the poller: want at least 2 calls in a positive window")
	}
	return &pace{limits: l, keys: make(map[string][2]*rate.Limiter)}, nil
}

func (p *pace) wait(ctx context.Context, id string) error {
	p.mu.Lock()
	limiters, known := p.keys[id]
	if !known {
		limiters = [2]*rate.Limiter{limiter(p.limits.Calls, p.limits.Window), limiter(p.limits.Heavy, p.limits.Window)}
		p.keys[id] = limiters
	}
	p.mu.Unlock()
	for _, l := range limiters {
		if err := l.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// limiter lets no window of that length hold more than n calls. A token bucket passes its burst plus what is refilled
// meanwhile, so a burst of a third leaves two thirds for the refill.
func limiter(n int, window time.Duration) *rate.Limiter {
	burst := max(1, n/3)
	return rate.NewLimiter(rate.Every(window/time.Duration(n-burst)), burst)
}
