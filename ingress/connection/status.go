package connection

import (
	"strings"
	"time"

	"leadline/schemas"
)

// StatusOf describes a connection as it is now; the cursor is nil where it was never read.
func StatusOf(c schemas.Connection, cursor *schemas.SyncCursor, now time.Time) schemas.ConnectionStatus {
	s := schemas.ConnectionStatus{
		Org: c.Org, Provider: c.Provider, Name: c.Name, State: schemas.ConnectionConnected, Account: c.Account, BaseURL: c.BaseURL,
		WebhookURL: c.WebhookURL, LookBackDays: c.LookBackDays, ConnectedAt: c.ConnectedAt, DisconnectedAt: c.DisconnectedAt,
		EraseAskedAt: c.EraseAskedAt, Receipt: receiptOf(c), Problems: []schemas.ConnectionProblem{},
	}
	switch {
	case c.DisconnectedAt != nil:
		s.State = schemas.ConnectionDisconnected
	case !c.Ingest:
		s.State = schemas.ConnectionPaused
	}
	// A cursor from before is that of a connection that this one has replaced.
	if cursor != nil && !cursor.UpdatedAt.Before(c.ConnectedAt) {
		s.Sync, s.DeliveredAt = progressOf(*cursor), cursor.DeliveredAt
	}
	s.Problems = append(s.Problems, problems(c, s.Sync)...)
	if s.Sync != nil && s.State == schemas.ConnectionConnected {
		s.Problems = append(s.Problems, health(c, *cursor, now)...)
	}
	return s
}

func progressOf(c schemas.SyncCursor) *schemas.ConnectionSync {
	p := &schemas.ConnectionSync{
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

func problems(c schemas.Connection, p *schemas.ConnectionSync) []schemas.ConnectionProblem {
	var found []schemas.ConnectionProblem
	if p != nil && c.DisconnectedAt == nil {
		if text, ok := stopped[p.Stopped]; ok {
			found = append(found, schemas.ConnectionProblem{Code: problemSyncedPrefix + p.Stopped, Text: text})
		}
	}
	if c.Leaked != "" {
		text := "Webhook " + strings.ReplaceAll(c.Leaked, " ", ", ") + " should be gone and could not be deleted."
		if len(c.SealedAPIKey) > 0 {
			text += " It is tried again every hour."
		} else {
			text += " Delete it by hand in the recorder's settings, and then say so: leadline connections forget-webhooks."
		}
		found = append(found, schemas.ConnectionProblem{Code: ProblemLeaked, Text: text})
	}
	return found
}
