package zoom

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const (
	// maxMessage bytes of what Zoom said are kept for the log.
	maxMessage = 512

	// maxErrorBody is read of an error's body.
	maxErrorBody = 64 << 10

	// maxRetryAfter is where a daily limit ends; it keeps one strange header from stopping a connection for longer.
	maxRetryAfter = 24 * time.Hour
)

// Codes in the bodies of Zoom's errors.
const (
	codeNoScope      = 4700 // the app may not do this
	codeNoScopeNamed = 4711 // likewise, with the names of the scopes
)

// StatusError says that Zoom answered with another status than 200, or with nothing at all.
type StatusError struct {
	Status     int           // HTTP status; 0 when no whole answer arrived
	Code       int           // Zoom's; 0 when it said none
	RetryAfter time.Duration // wait at least that long; 0 when not said; at most a day
	Daily      bool          // with 429: the day's calls are used up, not the second's
	Message    string        // at most 512 bytes of printable text, for the log

	credential bool // it is the app's credential that was refused, not a token
	err        error
}

func (e *StatusError) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("no answer from Zoom: %v", e.err)
	}
	text := fmt.Sprintf("Zoom answered %d", e.Status)
	if e.Code != 0 {
		text += fmt.Sprintf(", code %d", e.Code)
	}
	if e.Message != "" {
		text += ": " + strconv.Quote(e.Message)
	}
	return text
}

// Unwrap returns the network's error, if that was the reason.
func (e *StatusError) Unwrap() error { return e.err }

// Temporary tells whether the same call may succeed later: no answer, 408, 429 and 5xx.
func (e *StatusError) Temporary() bool {
	return e.Status == 0 || e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooManyRequests || e.Status >= 500
}

// noScope says that the app lacks a right, with which status Zoom says so varies.
func (e *StatusError) noScope() bool { return e.Code == codeNoScope || e.Code == codeNoScopeNamed }

// expired says that another token may do.
func (e *StatusError) expired() bool {
	return e.Status == http.StatusUnauthorized && !e.credential && !e.noScope()
}

func (e *StatusError) perSecond() bool { return e.Status == http.StatusTooManyRequests && !e.Daily }

// statusError reads an error's body; the secret that was sent is taken out of it.
func (c *Client) statusError(resp *http.Response, secret string) *StatusError {
	e := &StatusError{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header, c.now())}
	// What can not be read of an error's body is only missing from the log; the status alone decides.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	var answer struct {
		Code    json.RawMessage `json:"code"`
		Message string          `json:"message"`
		Reason  string          `json:"reason"` // of the token endpoint
		Errors  []struct {
			Field   string `json:"field"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	_ = json.Unmarshal(body, &answer)
	e.Code, _ = strconv.Atoi(strings.Trim(string(answer.Code), `"`))
	text := answer.Message + answer.Reason
	for _, f := range answer.Errors {
		text += " " + f.Field + ": " + f.Message
	}
	if secret != "" {
		text = strings.ReplaceAll(text, secret, "[secret]")
	}
	e.Message = printable(text)
	if e.Status == http.StatusTooManyRequests {
		e.Daily = strings.EqualFold(resp.Header.Get("X-RateLimit-Type"), "Daily-limit") || strings.Contains(answer.Message, "daily rate limit")
	}
	return e
}

// printable turns text from outside into one line of at most maxMessage bytes that can not steer a terminal.
func printable(text string) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(text) {
		if !unicode.IsPrint(r) {
			r = ' '
		}
		if b.Len()+len(string(r)) > maxMessage {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// retryAfter reads how long to wait. Zoom writes an instant where HTTP has seconds or a date, and with a full second a
// Unix time in a header of its own; each may come in the other's place.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		at, err = http.ParseTime(value)
	}
	if err != nil {
		unix, failed := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
		at, err = time.Unix(unix, 0), failed
	}
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
