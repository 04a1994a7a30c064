package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"leadline/ingress/connection"
)

// problem is an answer of RFC 9457.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Step   string `json:"step,omitempty"` // of connecting
}

var errUnauthorized = errors.New("want the header Authorization: Bearer TOKEN")

// badRequest is what the caller has to change.
type badRequest struct{ err error }

func (b *badRequest) Error() string { return b.err.Error() }
func (b *badRequest) Unwrap() error { return b.err }

// problemOf sorts an error. What is not foreseen is told to the log and not to the caller.
func problemOf(err error) problem {
	p := problem{Type: "about:blank", Status: http.StatusInternalServerError, Detail: "try again; the log says more"}
	if errors.Is(err, errUnauthorized) {
		p.Status, p.Detail = http.StatusUnauthorized, err.Error()
	}
	if bad, ok := errors.AsType[*badRequest](err); ok {
		p.Status, p.Detail = http.StatusBadRequest, bad.Error()
	}
	if missing, ok := errors.AsType[*connection.NotConnected](err); ok {
		p.Status, p.Detail = http.StatusNotFound, missing.Error()
	}
	if paused, ok := errors.AsType[*connection.Paused](err); ok {
		p.Status, p.Detail = http.StatusConflict, paused.Error()
	}
	if step, ok := errors.AsType[*connection.StepError](err); ok {
		p.Step, p.Detail = string(step.Step), step.Advice()
		_, already := errors.AsType[*connection.AlreadyConnected](err)
		switch {
		case already:
			p.Status = http.StatusConflict
		case step.Step == connection.StepCheck:
			p.Status = http.StatusBadRequest
		case step.Temporary():
			p.Status = http.StatusServiceUnavailable
		default:
			p.Status = http.StatusUnprocessableEntity
		}
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// decode reads a JSON object with no fields but the known ones. Its errors quote nothing: a body can hold a key.
func decode(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil || d.More() {
		return &badRequest{fmt.Errorf("the body is not what this endpoint takes")}
	}
	return nil
}
