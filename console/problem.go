package console

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"leadline/console/token"
	"leadline/schemas"
)

// statusGone is how a request is counted whose sender did not wait: it gets no
// answer. nginx has made the number usual.
const statusGone = 499

var (
	errUnauthorized = errors.New("a bearer token is needed")
	errNotTaken     = errors.New("the token is not known here: it is mistyped, or was revoked or has expired")
	errNoRoute      = errors.New("there is nothing at this address")
	errMethod       = errors.New("this address does not take that method")
	errForbidden    = errors.New("the token does not permit this")
	errNoTokens     = errors.New("this Leadline keeps no tokens: it runs without Kafka")
	errMediaType    = errors.New("the body must be application/json")
	errLargeBody    = errors.New("the body is too large")
	errLongQuery    = errors.New("the query is too long")
)

// problem is an error as RFC 9457 has it; field, step and near are our own members.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Field  string `json:"field,omitempty"`
	Step   string `json:"step,omitempty" doc:"of connecting: which one failed"`

	Near []Named `json:"near,omitempty" doc:"of a customer that is not there: who may be meant"`

	wait time.Duration // until it is worth trying again; 0 is not known
}

// problemOf says what may be said: an error that is not the caller's stays in
// our log.
func problemOf(err error) problem {
	p := problem{Type: "about:blank", Status: http.StatusInternalServerError, Detail: "the answer could not be made; the log says why"}
	var (
		wrong  *schemas.InvalidQuery
		absent *NotFound
		many   *tooMany
		no     *ConnectionRefused
	)
	switch {
	case errors.As(err, &wrong):
		p.Status, p.Detail, p.Field = http.StatusBadRequest, wrong.Problem, wrong.Field
	case errors.As(err, &absent):
		p.Status, p.Detail, p.Near = http.StatusNotFound, absent.Error(), absent.Near
	case errors.Is(err, errUnauthorized), errors.Is(err, errNotTaken):
		p.Status, p.Detail = http.StatusUnauthorized, err.Error()
	case errors.As(err, &many):
		p.Status, p.Detail, p.wait = http.StatusTooManyRequests, many.Error(), many.wait
	case errors.Is(err, token.ErrStale):
		p.Status, p.Detail, p.wait = http.StatusServiceUnavailable, "it is not known this time what the token permits", time.Minute
	case errors.As(err, &no):
		p.Status, p.Detail, p.Step = no.Code, no.Why, no.Step
	case errors.Is(err, errNoTokens), errors.Is(err, errNoRules), errors.Is(err, errNoConnections):
		p.Status, p.Detail = http.StatusNotImplemented, err.Error()
	case errors.Is(err, errReadOnly):
		p.Status, p.Detail = http.StatusNotImplemented, err.Error()
	case errors.Is(err, errForbidden):
		p.Status, p.Detail = http.StatusForbidden, err.Error()
	case errors.Is(err, errMediaType):
		p.Status, p.Detail = http.StatusUnsupportedMediaType, err.Error()
	case errors.Is(err, errLargeBody):
		p.Status, p.Detail = http.StatusRequestEntityTooLarge, err.Error()
	case errors.Is(err, errNoRoute):
		p.Status, p.Detail = http.StatusNotFound, err.Error()
	case errors.Is(err, ErrRulesChanged):
		p.Status, p.Detail = http.StatusConflict, err.Error()
	case errors.Is(err, errMethod):
		p.Status, p.Detail = http.StatusMethodNotAllowed, err.Error()
	case errors.Is(err, errLongQuery):
		p.Status, p.Detail = http.StatusRequestURITooLong, err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		p.Status, p.Detail, p.wait = http.StatusServiceUnavailable, "the answer took too long", time.Second
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
	}
	if p.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.wait.Seconds()))))
	}
}
