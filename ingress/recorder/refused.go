package recorder

import (
	"errors"
	"strconv"
	"time"
)

// Why a delivery is refused: a closed list, fit for a metric's label.
const (
	ReasonMissing   = "missing"   // no complete set of headers
	ReasonTimestamp = "timestamp" // not a number, or too far from now
	ReasonMismatch  = "mismatch"  // no signature fits any secret
	ReasonMalformed = "malformed" // signed, and cannot be read
)

// Reasons is the list.
var Reasons = []string{ReasonMissing, ReasonTimestamp, ReasonMismatch, ReasonMalformed}

// Refused says that a delivery is not to be believed. Its text is the same whatever was wrong, so that nobody learns
// which check he failed.
type Refused struct{ Reason string } // of Reasons

func (*Refused) Error() string { return "webhook signature refused" }

// ReasonOf returns the reason of a *Refused, and "" for any other error.
func ReasonOf(err error) string {
	if r, ok := errors.AsType[*Refused](err); ok {
		return r.Reason
	}
	return ""
}

// toleranceSeconds is the window of the Standard Webhooks libraries, both ways; Zoom gives none.
const toleranceSeconds = 300

// Timely says whether a signed Unix time is near enough to now. It compares whole seconds, because senders' libraries
// differ about a fraction at the edge of the window.
func Timely(timestamp string, now time.Time) bool {
	at, err := strconv.ParseInt(timestamp, 10, 64)
	// The digest covers the text, so only one spelling of a number is let through: no sign, no leading zero.
	if err != nil || strconv.FormatInt(at, 10) != timestamp {
		return false
	}
	// Subtracting from now and not from at: an attacker's at may be the smallest int64, and the difference overflow.
	return at >= now.Unix()-toleranceSeconds && at <= now.Unix()+toleranceSeconds
}
