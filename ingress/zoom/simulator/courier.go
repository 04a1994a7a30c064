package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"leadline/ingress/zoom"
)

const (
	// attemptTime is how long Zoom waits for an answer.
	attemptTime = 3 * time.Second

	// maxRunning attempts at once: enough for a slow receiver to be busy, too few to run out of sockets.
	maxRunning = 32

	// maxSubscriptions of an app.
	maxSubscriptions = 20
)

// ZoomSchedule is 5, 20 and 60 minutes, each after the attempt before.
func ZoomSchedule() []time.Duration {
	return []time.Duration{0, 5 * time.Minute, 20 * time.Minute, time.Hour}
}

// The states of a delivery.
const (
	statePending   = "pending"
	stateDelivered = "delivered" // answered 200 or 204
	stateGivenUp   = "given_up"  // out of attempts, refused with a status that Zoom does not try again, or stopped
)

// delivery is one event on its way to one URL, as the control endpoint shows it.
type delivery struct {
	Event    string    `json:"event"`
	UUID     string    `json:"uuid"`
	URL      string    `json:"url"`
	State    string    `json:"state"`
	Attempts []attempt `json:"attempts"`

	body []byte
}

type attempt struct {
	At     time.Time `json:"at"`
	Status int       `json:"status"` // 0: no answer
	Error  string    `json:"error,omitempty"`
	answer []byte
}

// courier carries deliveries to the endpoints, each in its own goroutine.
type courier struct {
	secret   string
	http     *http.Client
	schedule []time.Duration
	clock    func() time.Time
	wait     func(context.Context, time.Duration) error

	ctx     context.Context // ends when the courier stops
	cancel  context.CancelFunc
	running sync.WaitGroup
	slots   chan struct{}

	mu         sync.Mutex
	stopped    bool
	endpoints  []string
	deliveries []*delivery
	open       int           // deliveries under way
	idle       chan struct{} // closed while open is 0
}

func newCourier(o Options) *courier {
	c := &courier{
		secret: o.SecretToken,
		http: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: maxRunning, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		schedule: o.Schedule, clock: o.Clock, wait: o.Wait,
		slots: make(chan struct{}, maxRunning), idle: make(chan struct{}),
	}
	close(c.idle)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	if c.wait == nil {
		c.wait = func(ctx context.Context, d time.Duration) error {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-timer.C:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return c
}

func (c *courier) stop() {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	c.cancel()
	c.running.Wait()
	c.http.CloseIdleConnections()
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

// dispatch sends a delivery to every endpoint and returns to how many.
func (c *courier) dispatch(event, uuid string, body []byte) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return 0
	}
	for _, url := range c.endpoints {
		d := &delivery{Event: event, UUID: uuid, URL: url, State: statePending, Attempts: []attempt{}, body: body}
		c.deliveries = append(c.deliveries, d)
		if c.open == 0 {
			c.idle = make(chan struct{})
		}
		c.open++
		c.running.Go(func() {
			state := c.carry(d)
			c.mu.Lock()
			defer c.mu.Unlock()
			d.State = state
			if c.open--; c.open == 0 {
				close(c.idle)
			}
		})
	}
	return len(c.endpoints)
}

// carry tries until the receiver accepts, refuses for good, or the schedule ends. Of Zoom's two accounts of what it tries
// again, the narrower is played: no answer, and 5xx.
func (c *courier) carry(d *delivery) string {
	for _, pause := range c.schedule {
		if c.wait(c.ctx, pause) != nil {
			return stateGivenUp
		}
		select {
		case c.slots <- struct{}{}:
		case <-c.ctx.Done():
			return stateGivenUp
		}
		a := c.attempt(d.URL, d.body)
		<-c.slots
		c.mu.Lock()
		d.Attempts = append(d.Attempts, a)
		c.mu.Unlock()
		switch {
		case a.Status == http.StatusOK || a.Status == http.StatusNoContent:
			return stateDelivered
		case a.Status > 0 && a.Status < 500:
			return stateGivenUp
		}
	}
	return stateGivenUp
}

// attempt sends once, stamped and signed anew. It does not end with the courier's context: a stop lets it finish.
func (c *courier) attempt(url string, body []byte) attempt {
	a := attempt{At: c.clock().UTC()}
	ctx, cancel := context.WithTimeout(context.Background(), attemptTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		a.Error = err.Error()
		return a
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Zoom Marketplace/1.0a (Leadline's simulated Zoom)")
	req.Header.Set("X-Zm-Request-Timestamp", strconv.FormatInt(a.At.Unix(), 10))
	req.Header.Set("X-Zm-Signature", zoom.Sign(c.secret, a.At, body))
	resp, err := c.http.Do(req)
	if err != nil {
		a.Error = err.Error()
		return a
	}
	defer resp.Body.Close()
	a.Status = resp.StatusCode
	a.answer, _ = io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // an answer that is cut off is a wrong one
	return a
}

// Subscribe makes an endpoint known, as saving it on the app's page does: Zoom challenges it first, and an error says that
// it did not answer as it should. An endpoint that is known already is challenged again.
func (s *Simulator) Subscribe(url string) error {
	plain := fmt.Sprintf("challenge-%d", s.clock().UnixNano())
	body, err := json.Marshal(map[string]any{
		"payload": map[string]string{"plainToken": plain}, "event_ts": s.clock().UnixMilli(), "event": zoom.EventValidation,
	})
	if err != nil {
		return err
	}
	a := s.courier.attempt(url, body)
	var answer struct {
		Plain     string `json:"plainToken"`
		Encrypted string `json:"encryptedToken"`
	}
	if a.Status != http.StatusOK || json.Unmarshal(a.answer, &answer) != nil || answer.Plain != plain ||
		answer.Encrypted != zoom.EncryptToken(s.secret, plain) {
		return fmt.Errorf("endpoint did not pass the validation: status %d %s", a.Status, a.Error)
	}
	c := s.courier
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Contains(c.endpoints, url) {
		return nil
	}
	if len(c.endpoints) == maxSubscriptions {
		return errors.New("an app has at most 20 subscriptions")
	}
	c.endpoints = append(c.endpoints, url)
	return nil
}

// snapshot copies the deliveries in the order of their making.
func (c *courier) snapshot() []delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := []delivery{}
	for _, d := range c.deliveries {
		shown := *d
		shown.Attempts = slices.Clone(d.Attempts)
		list = append(list, shown)
	}
	return list
}

// Deliveries counts the deliveries by their state: pending, delivered, given_up.
func (s *Simulator) Deliveries() map[string]int {
	states := make(map[string]int)
	for _, d := range s.courier.snapshot() {
		states[d.State]++
	}
	return states
}
