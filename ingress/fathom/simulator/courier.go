package simulator

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"leadline/ingress/fathom"
)

const (
	// defaultAttemptTime is Svix's.
	defaultAttemptTime = 15 * time.Second

	// maxRetryAfter keeps a receiver's header from holding a delivery for longer than Svix's own longest wait.
	maxRetryAfter = 10 * time.Hour

	// maxRunning attempts at once: enough for a slow receiver to be busy, too few to run out of sockets.
	maxRunning = 32
)

// SvixSchedule is Svix's general one. That Fathom uses it unchanged is not documented.
func SvixSchedule() []time.Duration {
	return []time.Duration{
		0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute,
		2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
	}
}

// courier carries deliveries to their destinations, each in its own goroutine.
type courier struct {
	hooks    *registry
	http     *http.Client
	timeout  time.Duration
	schedule []time.Duration
	clock    func() time.Time
	wait     func(context.Context, time.Duration) error

	ctx     context.Context // ends when the courier stops
	cancel  context.CancelFunc
	running sync.WaitGroup
	slots   chan struct{}

	mu         sync.Mutex
	stopped    bool
	deliveries []*delivery
	open       int           // deliveries and endings under way
	idle       chan struct{} // closed while open is 0
}

func newCourier(o Options, hooks *registry) *courier {
	c := &courier{
		hooks: hooks,
		http: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: maxRunning, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		timeout:  o.Timeout,
		schedule: o.Schedule,
		clock:    o.Clock,
		wait:     o.Wait,
		slots:    make(chan struct{}, maxRunning),
		idle:     make(chan struct{}),
	}
	close(c.idle)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	if c.timeout == 0 {
		c.timeout = defaultAttemptTime
	}
	if c.wait == nil {
		c.wait = waitByTimer
	}
	return c
}

func waitByTimer(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin reports false once the courier has stopped; otherwise Drained waits for the matching finish.
func (c *courier) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return false
	}
	if c.open == 0 {
		c.idle = make(chan struct{})
	}
	c.open++
	c.running.Add(1)
	return true
}

func (c *courier) finish() {
	c.mu.Lock()
	c.open--
	if c.open == 0 {
		close(c.idle)
	}
	c.mu.Unlock()
	c.running.Done()
}

func (c *courier) drained(ctx context.Context) error {
	c.mu.Lock()
	idle := c.idle
	c.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *courier) stop() {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	c.cancel()
	c.running.Wait()
	c.http.CloseIdleConnections()
}

// fire delivers a meeting to a webhook.
func (c *courier) fire(h webhook, m *meeting, id string) {
	d := &delivery{ID: id, Kind: "webhook", RecordingID: m.RecordingID, WebhookID: h.id, URL: h.settings.DestinationURL}
	c.dispatch(d, h.secret, h.settings.body(m))
}

// post delivers what a caller asked to have posted. Whether Fathom signs it is not documented; this is not signed.
func (c *courier) post(recordingID int64, kind, destination string, body []byte) {
	c.dispatch(&delivery{Kind: kind, RecordingID: recordingID, URL: destination}, "", body)
}

func (c *courier) dispatch(d *delivery, secret string, body []byte) {
	if !c.begin() {
		return
	}
	d.State, d.Attempts = statePending, []attempt{}
	c.mu.Lock()
	c.deliveries = append(c.deliveries, d)
	c.mu.Unlock()
	go func() {
		defer c.finish()
		state := c.carry(d, secret, body)
		c.mu.Lock()
		d.State = state
		c.mu.Unlock()
	}()
}

// carry tries until the receiver accepts or the schedule ends, and returns the final state.
func (c *courier) carry(d *delivery, secret string, body []byte) string {
	var retryAfter time.Duration
	for _, pause := range c.schedule {
		if c.wait(c.ctx, max(pause, retryAfter)) != nil {
			return stateGivenUp
		}
		if _, exists := c.hooks.get(d.WebhookID); d.WebhookID != "" && !exists {
			return stateGivenUp
		}
		select {
		case c.slots <- struct{}{}:
		case <-c.ctx.Done():
			return stateGivenUp
		}
		a := c.attempt(d, secret, body)
		<-c.slots
		c.mu.Lock()
		d.Attempts = append(d.Attempts, a)
		c.mu.Unlock()
		if a.succeeded() {
			return stateDelivered
		}
		if a.Status == http.StatusGone {
			return stateGivenUp
		}
		retryAfter = a.retryAfter
	}
	return stateGivenUp
}

// attempt sends once, stamped and signed anew. It does not end with the courier's context: a stop lets it finish.
func (c *courier) attempt(d *delivery, secret string, body []byte) attempt {
	a := attempt{At: c.clock().UTC()}
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(body))
	if err != nil {
		a.Error = err.Error()
		return a
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Svix-Webhooks/1 (Leadline's simulated Fathom)")
	if secret != "" {
		signature, err := fathom.Sign(secret, d.ID, a.At, body)
		if err != nil {
			a.Error = err.Error()
			return a
		}
		req.Header.Set("Webhook-Id", d.ID)
		req.Header.Set("Webhook-Timestamp", strconv.FormatInt(a.At.Unix(), 10))
		req.Header.Set("Webhook-Signature", signature)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		a.Error = err.Error()
		return a
	}
	defer resp.Body.Close()
	// The answer is read so that the connection can be used again; what it says does not matter.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	a.Status = resp.StatusCode
	if seconds, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 32); err == nil {
		a.retryAfter = min(time.Duration(seconds)*time.Second, maxRetryAfter)
	} else if at, err := http.ParseTime(resp.Header.Get("Retry-After")); err == nil {
		a.retryAfter = min(max(at.Sub(c.clock()), 0), maxRetryAfter)
	}
	return a
}
