package simulator

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// class is a label by which Zoom counts calls.
type class string

const (
	light  class = "Light"
	medium class = "Medium"
	heavy  class = "Heavy"
)

// Limits of the account. A number of 0 is no limit; the zero value refuses nothing.
type Limits struct {
	Light, Medium, Heavy int // in a second
	Daily                int // of heavy calls, until midnight UTC
}

// ProLimits are those of a Pro account.
func ProLimits() Limits { return Limits{Light: 30, Medium: 20, Heavy: 10, Daily: 30_000} }

func (l Limits) validate() error {
	if l.Light < 0 || l.Medium < 0 || l.Heavy < 0 || l.Daily < 0 {
		return errors.New("limits of the simulator must not be negative")
	}
	return nil
}

func (l Limits) of(c class) int {
	return map[class]int{light: l.Light, medium: l.Medium, heavy: l.Heavy}[c]
}

// quota counts calls by whole seconds and days.
type quota struct {
	clock func() time.Time

	mu      sync.Mutex
	limits  Limits
	second  int64
	used    map[class]int
	day     string
	today   int // heavy calls
	refused int
}

func newQuota(limits Limits, clock func() time.Time) *quota {
	return &quota{clock: clock, limits: limits, used: map[class]int{}}
}

// SetLimits replaces the limits and begins to count anew.
func (s *Simulator) SetLimits(l Limits) error {
	if err := l.validate(); err != nil {
		return err
	}
	q := s.quota
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limits, q.used, q.today = l, map[class]int{}, 0
	return nil
}

// Refused is how many calls were too many so far.
func (s *Simulator) Refused() int {
	s.quota.mu.Lock()
	defer s.quota.mu.Unlock()
	return s.quota.refused
}

// take counts a call, writes the headers, and answers 429 if it is one too many. A refused call does not count.
func (q *quota) take(w http.ResponseWriter, c class) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock().UTC()
	if now.Unix() != q.second {
		q.second, q.used = now.Unix(), map[class]int{}
	}
	if day := now.Format(time.DateOnly); day != q.day {
		q.day, q.today = day, 0
	}
	h, limit := w.Header(), q.limits.of(c)
	h.Set("X-RateLimit-Category", string(c))
	if c == heavy && q.limits.Daily > 0 && q.today >= q.limits.Daily {
		q.refused++
		h.Set("X-RateLimit-Type", "Daily-limit")
		h.Set("X-RateLimit-Limit", strconv.Itoa(q.limits.Daily))
		h.Set("X-RateLimit-Remaining", "0")
		h.Set("Retry-After", stamp(now.Truncate(24*time.Hour).AddDate(0, 0, 1)))
		answerError(w, http.StatusTooManyRequests, 429, "You have reached the maximum daily rate limit for this API. "+
			"Refer to the response header for details on when you can make another request.")
		return false
	}
	h.Set("X-RateLimit-Type", "QPS")
	if limit > 0 {
		h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
		h.Set("X-RateLimit-Remaining", strconv.Itoa(max(limit-q.used[c]-1, 0)))
	}
	if limit > 0 && q.used[c] >= limit {
		q.refused++
		h.Set("X-RateLimit-Reset", strconv.FormatInt(now.Unix()+1, 10))
		answerError(w, http.StatusTooManyRequests, 429, "You have reached the maximum per-second rate limit for this API. Try again later.")
		return false
	}
	q.used[c]++
	if c == heavy {
		q.today++
	}
	return true
}
