package simulator

import (
	"slices"
	"time"
)

// The states of a delivery.
const (
	statePending   = "pending"
	stateDelivered = "delivered" // answered 2xx
	stateGivenUp   = "given_up"  // out of attempts, 410, webhook deleted, or simulator stopped
)

// delivery is one event on its way to one URL, as the control endpoint shows it.
type delivery struct {
	ID          string    `json:"id"`   // the webhook-id header, the same for every attempt
	Kind        string    `json:"kind"` // webhook, or the transcript or summary that a caller asked to have posted
	RecordingID int64     `json:"recording_id"`
	WebhookID   string    `json:"webhook_id,omitempty"`
	URL         string    `json:"url"`
	State       string    `json:"state"`
	Attempts    []attempt `json:"attempts"`
}

type attempt struct {
	At     time.Time `json:"at"`
	Status int       `json:"status"` // 0: no answer
	Error  string    `json:"error,omitempty"`

	retryAfter time.Duration
}

func (a attempt) succeeded() bool { return a.Status >= 200 && a.Status < 300 }

// snapshot copies the deliveries for which keep says yes, in the order of their making.
func (c *courier) snapshot(keep func(*delivery) bool) []delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := []delivery{}
	for _, d := range c.deliveries {
		if keep(d) {
			shown := *d
			shown.Attempts = slices.Clone(d.Attempts)
			list = append(list, shown)
		}
	}
	return list
}

// lastID returns the id of the newest delivery of a recording to a webhook, or "".
func (c *courier) lastID(recordingID int64, webhookID string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range slices.Backward(c.deliveries) {
		if d.RecordingID == recordingID && d.WebhookID == webhookID {
			return d.ID
		}
	}
	return ""
}

// Deliveries counts the deliveries by their state: pending, delivered, given_up.
func (s *Simulator) Deliveries() map[string]int {
	states := make(map[string]int)
	for _, d := range s.courier.snapshot(func(*delivery) bool { return true }) {
		states[d.State]++
	}
	return states
}
