package connection

import (
	"fmt"
	"time"

	"leadline/schemas"
)

const (
	// day is how long nobody may have read a connection: reading it is what shows every hour that its key is good.
	day = 24 * time.Hour

	week = 7 * day

	// deliveryGrace is how long after a poll has found a meeting its delivery may still come. Recorders try for hours; a
	// webhook that is that slow is as good as none.
	deliveryGrace = 2 * time.Hour

	// fewest is how many meetings a week says something about the next one.
	fewest = 8
)

// Codes of problems, besides sync_ with what stopped it: a closed list.
const (
	ProblemUnread       = "unread"
	ProblemLeaked       = "webhook_leaked"
	ProblemUnannounced  = "webhook_unannounced"
	ProblemFewer        = "fewer_meetings"
	ProblemVanished     = "meetings_vanished"
	problemSyncedPrefix = "sync_"
)

// ProblemCodes lists all, for metrics.
func ProblemCodes() []string {
	codes := []string{ProblemUnread, ProblemLeaked, ProblemUnannounced, ProblemFewer, ProblemVanished}
	for why := range stopped {
		codes = append(codes, problemSyncedPrefix+why)
	}
	return codes
}

// health is what listings and deliveries say of a connection that takes meetings in.
func health(c schemas.Connection, at schemas.SyncCursor, now time.Time) []schemas.ConnectionProblem {
	var found []schemas.ConnectionProblem
	problem := func(code, text string, args ...any) {
		found = append(found, schemas.ConnectionProblem{Code: code, Text: fmt.Sprintf(text, args...)})
	}
	if age := now.Sub(at.UpdatedAt); age > day {
		problem(ProblemUnread, "Nobody has read this connection for %s, so nobody knows whether its key is still good. Look whether a poller runs, and what its log says.", days(age))
	}
	// A webhook whose deliveries cannot be checked is none.
	if listed, missed := unannounced(c, at, now); missed > 0 && c.WebhookURL != "" && len(c.SealedSecret) > 0 {
		last := "No delivery has ever come."
		if at.DeliveredAt != nil && at.DeliveredAt.After(c.ConnectedAt) {
			last = fmt.Sprintf("The last delivery came %s ago.", days(now.Sub(*at.DeliveredAt)))
		}
		problem(ProblemUnannounced, "Of the %d meetings of the last week that polls have found, webhooks never announced %d; they came late, and nothing is lost. %s"+
			" Look whether %s can be reached from the internet. If it can, the webhook is gone or its secret another: connect again with the same key, which makes a new one.",
			listed, missed, last, c.WebhookURL)
	}
	if this, before := weeks(c, at, now); before >= fewest && 2*this < before {
		problem(ProblemFewer, "The key sees fewer meetings than last week: %d in the last seven days, %d in the seven before. If no fewer were held, its owner has lost access to"+
			" other people's recordings: look into the recorder's settings for sharing, or connect the keys of others as well.", this, before)
	}
	if at.Vanished > 0 {
		problem(ProblemVanished, "%d meetings are not in the recorder's listing any more. They are kept, because so many at a time look like a key that sees less, and another"+
			" connection may see them. If they were deleted, nothing but leadline connections disconnect --erase removes them here.", at.Vanished)
	}
	return found
}

// unannounced counts the meetings of the last week that listings have found since the connection was made, and those of
// them that no delivery has told of.
func unannounced(c schemas.Connection, at schemas.SyncCursor, now time.Time) (listed, missed int) {
	for _, e := range at.Seen {
		if e.FoundAt == nil || e.CreatedAt.Before(c.ConnectedAt) || now.Sub(e.CreatedAt) > week || now.Sub(*e.FoundAt) < deliveryGrace {
			continue
		}
		if listed++; !e.Announced {
			missed++
		}
	}
	return listed, missed
}

// weeks counts the meetings that listings have of the last seven days and of the seven before. Of the first two weeks it
// tells nothing: how far back a new key sees is no measure of what it sees.
func weeks(c schemas.Connection, at schemas.SyncCursor, now time.Time) (this, before int) {
	if now.Sub(c.ConnectedAt) < 2*week {
		return 0, 0
	}
	for _, e := range at.Seen {
		switch age := now.Sub(e.CreatedAt); {
		case e.ListedBy == nil:
		case age <= week:
			this++
		case age <= 2*week:
			before++
		}
	}
	return this, before
}

// days says a time in words that fit its length.
func days(d time.Duration) string {
	if d < 2*day {
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d/day))
}
