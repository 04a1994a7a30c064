package fathom

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const (
	// maxErrorBody bytes of an error's body are kept for the log.
	maxErrorBody = 512

	// readErrorBody is read before the key is looked for and the text is cut: cutting first could leave half a key.
	// With keys of at most 512 bytes, 64 KiB full of keys still leaves more than 512 bytes once each is replaced.
	readErrorBody = 64 << 10

	// maxRetryAfter keeps one strange header from stopping a connection for days. Fathom's windows are 60 s long.
	maxRetryAfter = time.Hour
)

// StatusError says that Fathom answered with another status than the documented success, or with nothing at all.
type StatusError struct {
	Status     int           // HTTP status; 0 when no whole answer arrived
	RetryAfter time.Duration // wait at least that long; 0 when not said; at most an hour
	Body       string        // at most 512 bytes of printable text, for the log; Fathom specifies no error bodies

	err error
}

func (e *StatusError) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("no answer from Fathom: %v", e.err)
	}
	text := fmt.Sprintf("Fathom answered %d", e.Status)
	if e.Body != "" {
		text += ": " + strconv.Quote(e.Body)
	}
	return text
}

// Unwrap returns the network's error, if that was the reason.
func (e *StatusError) Unwrap() error { return e.err }

// Temporary tells whether the same call may succeed later: no answer, 408, 429 and 5xx.
func (e *StatusError) Temporary() bool {
	return e.Status == 0 || e.Status == http.StatusRequestTimeout ||
		e.Status == http.StatusTooManyRequests || e.Status >= 500
}

func (c *Client) statusError(resp *http.Response) *StatusError {
	e := &StatusError{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), c.now())}
	// A success of the wrong kind can carry a webhook's secret, so its body is left alone.
	if resp.StatusCode < 300 {
		return e
	}
	// What can not be read of an error's body is only missing from the log; the status alone decides.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, readErrorBody))
	e.Body = printable(strings.ReplaceAll(string(body), c.key, "[key]"))
	return e
}

// printable turns text from outside into one line of at most maxErrorBody bytes that can not steer a terminal.
func printable(text string) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(text) {
		if !unicode.IsPrint(r) {
			r = ' '
		}
		if b.Len()+len(string(r)) > maxErrorBody {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// retryAfter reads seconds or an HTTP date (RFC 9110), or an RFC 3339 instant as some proxies send it. Anything else is 0.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		at, err = time.Parse(time.RFC3339, value)
	}
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
