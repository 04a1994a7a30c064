package console

import (
	"maps"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// burst is for how many seconds a token may ask at once for what it may ask in
// time: an assistant asks five things together and then thinks.
const burst = 4

// minLimits is how many limiters are kept without looking at them: some hundred
// bytes each.
const minLimits = 100

// limits count requests against each token's rate.
type limits struct {
	rate int // requests a second and token; 0 is any number

	mu    sync.Mutex
	all   map[string]*rate.Limiter // by token
	sweep int                      // how many there may be until those that hold nobody up are dropped
}

func newLimits(perSecond int) *limits {
	return &limits{rate: perSecond, all: make(map[string]*rate.Limiter), sweep: minLimits}
}

// wait counts a request of the token, or says how long it has to wait; then it
// is not counted.
func (l *limits) wait(token string) time.Duration {
	if l.rate == 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.all[token]
	if limiter == nil {
		l.drop()
		limiter = rate.NewLimiter(rate.Limit(l.rate), burst*l.rate)
		l.all[token] = limiter
	}
	turn := limiter.Reserve()
	wait := turn.Delay()
	if wait > 0 {
		turn.Cancel()
	}
	return wait
}

// drop leaves out those that have all of their burst again, as of tokens that
// were revoked: a new one would let in as many.
func (l *limits) drop() {
	if len(l.all) < l.sweep {
		return
	}
	maps.DeleteFunc(l.all, func(_ string, one *rate.Limiter) bool { return one.Tokens() >= float64(one.Burst()) })
	l.sweep = max(minLimits, 2*len(l.all))
}
