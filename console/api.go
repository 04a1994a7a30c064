package console

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"
)

// patience ends a read that nobody waits for any more: a search takes some
// 50 ms.
const patience = 10 * time.Second

// Prefix is where the API is.
const Prefix = "/api/v1"

// Options are what a Handler works with.
type Options struct {
	Store Store
	// Token is the instance's own: it sees every organisation and may do
	// everything. Without one that access does not exist.
	Token   string
	Metrics *Metrics     // nil counts for nobody
	Log     *slog.Logger // nil is silent
}

// api is the handler's own.
type api struct {
	Options
	local Local
	token [sha256.Size]byte
}

// Handler serves the API below Prefix to whoever has a token, as JSON; errors
// are application/problem+json.
func Handler(o Options) http.Handler {
	if o.Metrics == nil {
		o.Metrics = NewMetrics(nil)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &api{Options: o, local: Local{o.Store}, token: sha256.Sum256([]byte(o.Token))}
	// An id may hold a slash or dots: paths are matched as they were sent.
	r := mux.NewRouter().SkipClean(true).UseEncodedPath()
	allowed := make(map[string][]string) // path -> methods
	for _, t := range routes {
		r.Handle(Prefix+t.path, a.serve(t)).Methods(t.methods()...)
		allowed[t.path] = append(allowed[t.path], t.methods()...)
	}
	for path, methods := range allowed {
		r.Handle(Prefix+path, a.refuse(errMethod, methods...))
	}
	r.NotFoundHandler = a.refuse(errNoRoute)
	return r
}

// refuse answers what is not in the table, to those who may ask at all.
func (a *api) refuse(err error, allowed ...string) http.Handler {
	none := a.serve(route{name: "none", do: func(*api, context.Context, *call) (any, error) { return nil, err }})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
		}
		none.ServeHTTP(w, r)
	})
}

// serve is the way of every request: token, parameters, answer, count.
func (a *api) serve(t route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		body, err := a.reply(ctx, r, t)
		code := t.code()
		contentType := "application/json"
		if err != nil {
			p := problemOf(err)
			code, contentType = p.Status, "application/problem+json"
			if r.Context().Err() != nil {
				code = statusGone
			}
			if code == http.StatusInternalServerError {
				a.Log.Warn("answering a request failed", "route", t.name, "error", err)
			}
			body = p.encode()
			p.announce(w.Header(), r)
		}
		a.Metrics.count(t.name, code, time.Since(began))
		if code == statusGone {
			return
		}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		if code == http.StatusNoContent {
			w.WriteHeader(code)
			return
		}
		h.Set("Content-Type", contentType)
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(code)
		_, _ = w.Write(body) //nolint:gosec // JSON with nosniff; and who has gone needs no answer
	})
}

// reply encodes the whole answer before any of it is sent, so that what goes
// wrong on the way is still an error.
func (a *api) reply(ctx context.Context, r *http.Request, t route) ([]byte, error) {
	access, err := a.authenticate(r)
	if err != nil && !t.open {
		return nil, err
	}
	if !access.may(t) {
		return nil, errForbidden
	}
	c, err := readCall(r, t)
	if err != nil {
		return nil, err
	}
	c.access = access
	answer, err := t.do(a, ctx, c)
	if err != nil || answer == nil {
		return nil, err
	}
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(answer); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}
