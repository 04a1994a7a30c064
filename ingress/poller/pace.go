package poller

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"leadline/ingress/recorder"
)

// paces keeps each connection within the limits of its recorder.
type paces struct {
	mu  sync.Mutex
	all map[string]*pace // connection id
}

// of returns the pace of a connection, which is the same for as long as the process lives.
func (p *paces) of(id string, limits []recorder.Limit) *pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.all[id]
	if !ok {
		known = &pace{limits: make(map[string]*limit)}
		for _, l := range limits {
			known.limits[l.Name] = &limit{Limit: l, bucket: limiter(l.Calls, l.Window), calls: l.Calls}
			// A process that begins does not know what the one before has used: it has no burst left but one call.
			b := known.limits[l.Name].bucket
			b.AllowN(time.Now(), b.Burst()-1)
		}
		p.all[id] = known
	}
	return known
}

// pace is a recorder.Pace. It becomes slower when the recorder says that it was too fast, and faster again with time.
type pace struct {
	mu     sync.Mutex
	limits map[string]*limit
}

type limit struct {
	recorder.Limit
	bucket *rate.Limiter
	calls  int // at present, at most Calls
	slowed time.Time
}

// easeAfter is how many windows without a refusal let the pace double.
const easeAfter = 5

// Wait waits until all of the limits allow a call.
func (p *pace) Wait(ctx context.Context, names ...string) error {
	for _, name := range names {
		p.mu.Lock()
		l, known := p.limits[name]
		if known && l.calls < l.Calls && time.Since(l.slowed) > easeAfter*l.Window {
			l.set(min(2*l.calls, l.Calls))
		}
		p.mu.Unlock()
		if !known {
			return fmt.Errorf("limit %q is none of the recorder's", name)
		}
		if err := l.bucket.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// slow halves the pace: a recorder under load allows less than it documents, Fathom down to a sixth.
func (p *pace) slow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.limits {
		l.set(max(1, l.calls/2))
	}
}

func (l *limit) set(calls int) {
	l.calls, l.slowed = calls, time.Now()
	now := limiter(calls, l.Window)
	l.bucket.SetLimit(now.Limit())
	l.bucket.SetBurst(now.Burst())
}

// limiter lets no window of that length hold more than n calls. A token bucket passes its burst plus what is refilled
// meanwhile, so a burst of a third leaves two thirds for the refill. A single call has no third: it waits for a whole
// window after the one before.
func limiter(n int, window time.Duration) *rate.Limiter {
	if n <= 1 {
		return rate.NewLimiter(rate.Every(window), 1)
	}
	burst := max(1, n/3)
	return rate.NewLimiter(rate.Every(window/time.Duration(n-burst)), burst)
}
