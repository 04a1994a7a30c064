package model

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"leadline/schemas"
)

// Trouble sorts an endpoint's answer that is no 2xx. response may be nil.
//
// A prompt that is refused once will be again. Everything else may pass: a key
// that expired is replaced, a model is loaded, a limit ends. The error's text
// may hold what was sent, so it is cut.
func Trouble(status int, response *http.Response, err error) error {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return &Refused{Status: status, Reason: schemas.Excerpt(err.Error())}
	}
	b := &Busy{Status: status, Err: errors.New(schemas.Excerpt(err.Error()))}
	if response != nil {
		b.After = retryAfter(response.Header.Get("Retry-After"), time.Now())
	}
	return b
}

// longestWait is what an endpoint may ask for: longer, and a wrong clock there
// would stop the work here.
const longestWait = 10 * time.Minute

func retryAfter(header string, now time.Time) time.Duration {
	var d time.Duration
	if seconds, err := strconv.Atoi(header); err == nil {
		d = time.Duration(min(seconds, 3600)) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), longestWait)
}
