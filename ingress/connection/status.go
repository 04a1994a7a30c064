package connection

import (
	"strings"
	"time"

	"leadline/schemas"
)

// States of a connection: a closed list.
const (
	StateConnected    = "connected"
	StatePaused       = "paused"
	StateDisconnected = "disconnected"
)

// Status is what people and machines are told of a connection. It holds no secret, sealed or not.
type Status struct {
	Org            string     `json:"org"`
	Provider       string     `json:"provider"`
	Name           string     `json:"name"`
	State          string     `json:"state"` // one of State...
	Account        string     `json:"account,omitempty"`
	BaseURL        string     `json:"base_url"`
	WebhookURL     string     `json:"webhook_url,omitempty"`
	LookBackDays   int32      `json:"look_back_days"` // below 0: everything
	ConnectedAt    time.Time  `json:"connected_at"`
	DisconnectedAt *time.Time `json:"disconnected_at,omitempty"`
	Sync           *Progress  `json:"sync,omitempty"` // nil before the first one
	EraseAskedAt   *time.Time `json:"erase_asked_at,omitempty"`
	Receipt        *Receipt   `json:"receipt,omitempty"` // of what was erased; nil until it is
	Problems       []Problem  `json:"problems"`
}

// Progress is how far the run under way, or the last one, has come.
type Progress struct {
	Running  bool       `json:"running"`
	Source   string     `json:"source,omitempty"` // connect, cron, manual, resume
	Began    *time.Time `json:"began,omitempty"`
	Since    *time.Time `json:"since,omitempty"` // nil: everything
	Pages    int64      `json:"pages"`
	Meetings int64      `json:"meetings"`
	// PerMinute is the rate in meetings; SecondsLeft an estimate by how much of the window of time has been read, nil
	// where nobody can tell.
	PerMinute   float64    `json:"per_minute"`
	SecondsLeft *float64   `json:"seconds_left,omitempty"`
	Stopped     string     `json:"stopped,omitempty"` // why it does not go on by itself
	UpdatedAt   time.Time  `json:"updated_at"`
	Through     *time.Time `json:"through,omitempty"` // all that was created before has been read
}

// Problem is something about a connection that a person should know.
type Problem struct {
	Code string `json:"code"` // of a closed list
	Text string `json:"text"` // what it is and what to do about it
}

// StatusOf describes a connection; the cursor is nil where it was never read.
func StatusOf(c schemas.Connection, cursor *schemas.SyncCursor) Status {
	s := Status{
		Org: c.Org, Provider: c.Provider, Name: c.Name, State: StateConnected, Account: c.Account, BaseURL: c.BaseURL,
		WebhookURL: c.WebhookURL, LookBackDays: c.LookBackDays, ConnectedAt: c.ConnectedAt, DisconnectedAt: c.DisconnectedAt,
		EraseAskedAt: c.EraseAskedAt, Receipt: receiptOf(c), Problems: []Problem{},
	}
	switch {
	case c.DisconnectedAt != nil:
		s.State = StateDisconnected
	case !c.Ingest:
		s.State = StatePaused
	}
	// A cursor from before is that of a connection that this one has replaced.
	if cursor != nil && !cursor.UpdatedAt.Before(c.ConnectedAt) {
		s.Sync = progressOf(*cursor)
	}
	s.Problems = append(s.Problems, problems(c, s.Sync)...)
	return s
}

func progressOf(c schemas.SyncCursor) *Progress {
	p := &Progress{
		Running: c.Page != "" && c.Stopped == "", Source: c.Source, Began: c.Run, Pages: c.Pages, Meetings: c.Meetings,
		Stopped: c.Stopped, UpdatedAt: c.UpdatedAt,
	}
	if !c.Since.IsZero() {
		p.Since = &c.Since
	}
	if !c.Through.IsZero() {
		p.Through = &c.Through
	}
	if c.Run == nil {
		return p
	}
	took := c.UpdatedAt.Sub(*c.Run)
	if took > 0 {
		p.PerMinute = float64(c.Meetings) / took.Minutes()
	}
	if p.Running && c.Reached != nil && p.Since != nil {
		window, done := c.Run.Sub(c.Since), c.Run.Sub(*c.Reached)
		if done > 0 && window > done {
			left := took.Seconds() * (window - done).Seconds() / done.Seconds()
			p.SecondsLeft = &left
		}
	}
	return p
}

// stopped is what to do about a run that does not go on by itself. What is not here goes on at the next hour.
var stopped = map[string]string{
	"refused":     "The recorder does not accept the key any more: it was deleted, or its user was deactivated. Connect again with a new key; nothing is lost, the sync goes on where it stopped.",
	"invalid":     "The recorder does not understand our calls. Check its address, and whether there is a newer version of Leadline; the sync is tried again every hour.",
	"too_large":   "A page of meetings is larger than Leadline reads. Sync from a later day, and tell us.",
	"unavailable": "The recorder did not answer. The sync goes on where it stopped within the hour.",
	"secret":      "The key cannot be opened with the keyset of the poller: give all processes the same LEADLINE_KEYSET.",
}

func problems(c schemas.Connection, p *Progress) []Problem {
	var found []Problem
	if p != nil && c.DisconnectedAt == nil {
		if text, ok := stopped[p.Stopped]; ok {
			found = append(found, Problem{"sync_" + p.Stopped, text})
		}
	}
	if c.Leaked != "" {
		text := "Webhook " + strings.ReplaceAll(c.Leaked, " ", ", ") + " should be gone and could not be deleted."
		if len(c.SealedAPIKey) > 0 {
			text += " It is tried again every hour."
		} else {
			text += " Delete it by hand in the recorder's settings, and then say so: leadline connections forget-webhooks."
		}
		found = append(found, Problem{"webhook_leaked", text})
	}
	return found
}
