package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"leadline/schemas"
)

// statusGone is how a request is counted whose sender did not wait: it gets no
// answer. nginx has made the number usual.
const statusGone = 499

var (
	errUnauthorized = errors.New("a bearer token is needed")
	errNoRoute      = errors.New("there is nothing at this address")
	errMethod       = errors.New("this address is only read")
	errLongQuery    = errors.New("the query is too long")
)

// problem is an error as RFC 9457 has it; field is our own member.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Field  string `json:"field,omitempty"`
}

// problemOf says what may be said: an error that is not the caller's stays in
// our log.
func problemOf(err error) problem {
	p := problem{Type: "about:blank", Status: http.StatusInternalServerError, Detail: "the answer could not be made; the log says why"}
	var (
		wrong  *schemas.InvalidQuery
		absent *NotFound
	)
	switch {
	case errors.As(err, &wrong):
		p.Status, p.Detail, p.Field = http.StatusBadRequest, wrong.Problem, wrong.Field
	case errors.As(err, &absent):
		p.Status, p.Detail = http.StatusNotFound, absent.Error()
	case errors.Is(err, errUnauthorized):
		p.Status, p.Detail = http.StatusUnauthorized, err.Error()
	case errors.Is(err, errNoRoute):
		p.Status, p.Detail = http.StatusNotFound, err.Error()
	case errors.Is(err, ErrRulesChanged):
		p.Status, p.Detail = http.StatusPreconditionFailed, err.Error()
	case errors.Is(err, errMissing):
		p.Status, p.Detail = http.StatusPreconditionRequired, err.Error()
	case errors.Is(err, errMethod):
		p.Status, p.Detail = http.StatusMethodNotAllowed, err.Error()
	case errors.Is(err, errLongQuery):
		p.Status, p.Detail = http.StatusRequestURITooLong, err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		p.Status, p.Detail = http.StatusServiceUnavailable, "the answer took too long"
	}
	p.Title = http.StatusText(p.Status)
	return p
}

func (p problem) encode() []byte {
	body, _ := json.Marshal(p) // a struct of texts and a number
	return append(body, '\n')
}

// announce sets the headers that the status asks for.
func (p problem) announce(h http.Header, r *http.Request) {
	switch p.Status {
	case http.StatusUnauthorized:
		challenge := `Bearer realm="leadline"`
		if r.Header.Get("Authorization") != "" {
			challenge += `, error="invalid_token"`
		}
		h.Set("WWW-Authenticate", challenge)
	case http.StatusMethodNotAllowed:
		h.Set("Allow", "GET, HEAD")
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	}
}
