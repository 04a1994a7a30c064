package simulator

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits of each key in a window. The zero value refuses nothing.
type Limits struct {
	Calls  int           // all calls; 0: no limit
	Heavy  int           // transcripts, summaries and lists that include either; 0: no limit
	Window time.Duration // 60 s if 0
}

// FathomLimits are those that Fathom publishes: 60 calls in 60 s, 30 of them heavy.
func FathomLimits() Limits { return Limits{Calls: 60, Heavy: 30, Window: time.Minute} }

func (l Limits) validate() error {
	if l.Calls < 0 || l.Heavy < 0 || l.Window < 0 {
		return errors.New("limits of the simulator must not be negative")
	}
	return nil
}

// quota counts calls in fixed windows that begin with a key's first call.
type quota struct {
	clock func() time.Time

	mu      sync.Mutex
	limits  Limits
	windows map[string]*window
}

type window struct {
	ends         time.Time
	calls, heavy int
}

func newQuota(limits Limits, clock func() time.Time) *quota {
	q := &quota{clock: clock}
	q.set(limits)
	return q
}

// set changes the limits and begins new windows.
func (q *quota) set(limits Limits) {
	if limits.Window == 0 {
		limits.Window = time.Minute
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limits, q.windows = limits, map[string]*window{}
}

// take counts one call, writes the RateLimit headers, and returns how long to wait if the call is one too many. A
// refused call does not count. The headers of a heavy call describe the limit that leaves fewer calls.
func (q *quota) take(key string, heavy bool, h http.Header) (wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock()
	win := q.windows[key]
	if win == nil || !now.Before(win.ends) {
		win = &window{ends: now.Add(q.limits.Window)}
		q.windows[key] = win
	}
	spent := full(win.calls, q.limits.Calls) || heavy && full(win.heavy, q.limits.Heavy)
	if !spent {
		win.calls++
		if heavy {
			win.heavy++
		}
	}
	left := win.ends.Sub(now)
	if heavy && q.limits.Heavy > 0 && (q.limits.Calls == 0 || q.limits.Heavy-win.heavy <= q.limits.Calls-win.calls) {
		writeLimit(h, q.limits.Heavy, win.heavy, left)
	} else {
		writeLimit(h, q.limits.Calls, win.calls, left)
	}
	if spent {
		return left
	}
	return 0
}

// idle writes the headers for a caller without an account.
func (q *quota) idle(h http.Header) {
	q.mu.Lock()
	defer q.mu.Unlock()
	writeLimit(h, q.limits.Calls, 0, q.limits.Window)
}

func full(used, limit int) bool { return limit > 0 && used >= limit }

// writeLimit names Fathom's usual limit, untouched, when there is none to name.
func writeLimit(h http.Header, limit, used int, left time.Duration) {
	if limit == 0 {
		limit, used = FathomLimits().Calls, 0
	}
	h.Set("RateLimit-Limit", strconv.Itoa(limit))
	h.Set("RateLimit-Remaining", strconv.Itoa(max(limit-used, 0)))
	h.Set("RateLimit-Reset", wholeSeconds(left))
}

// wholeSeconds rounds up: who waits exactly that long must find the window open.
func wholeSeconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

func (s *Simulator) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait := s.quota.take(accountOf(r).key, isHeavy(r), w.Header()); wait > 0 {
			w.Header().Set("Retry-After", wholeSeconds(wait))
			answerError(w, http.StatusTooManyRequests, "too many calls")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isHeavy(r *http.Request) bool {
	path := strings.TrimPrefix(r.URL.Path, BasePath)
	if path == "/meetings" {
		query := r.URL.Query()
		return query.Get("include_transcript") == "true" || query.Get("include_summary") == "true"
	}
	return strings.HasPrefix(path, "/recordings/") &&
		(strings.HasSuffix(path, "/transcript") || strings.HasSuffix(path, "/summary"))
}
