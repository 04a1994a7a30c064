package pages

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"leadline/console"
	"leadline/schemas"
)

// visit is one request of somebody who is signed in.
type visit struct {
	*http.Request
	session *session
	about   string // what a change is about, for the log of changes
}

// scope is that of the organisation's staff.
func (v *visit) scope() schemas.Scope { return schemas.Scope{Org: v.session.org} }

// answer is a page, or where to go instead.
type answer struct {
	status  int    // 0 is 200
	name    string // of the template
	title   string
	problem string // what went wrong, for a page that is shown again
	data    any
	to      string // a redirect; the rest is then empty
}

// page is the way of every request but those of signing in.
func (s *Site) page(t route) http.Handler {
	name := t.pattern
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		of, err := s.current(r)
		v := &visit{Request: r, session: of}
		if err != nil {
			s.metrics.count(name, s.write(w, nil, s.failed(name, err)))
			return
		}
		if v.session == nil {
			s.metrics.count(name, http.StatusSeeOther)
			http.Redirect(w, r, "/signin", http.StatusSeeOther)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		a := answer{}
		err = v.checkForm()
		if err == nil {
			err = v.checkRole(t.role)
		}
		if err == nil {
			a, err = t.do(ctx, v)
		}
		if err != nil {
			a = s.failed(name, err)
		}
		s.noted(r.Context(), v, name, a.status)
		if a.to != "" {
			s.metrics.count(name, http.StatusSeeOther)
			http.Redirect(w, r, a.to, http.StatusSeeOther)
			return
		}
		s.metrics.count(name, s.write(w, v.session, a))
	})
}

// failed makes a page of an error. What is not the visitor's fault is told to
// the log.
func (s *Site) failed(name string, err error) answer {
	a := answer{status: http.StatusInternalServerError, name: "problem", title: "Something went wrong"}
	a.problem = "This could not be read. Try again; the log says more."
	switch {
	case errors.Is(err, errForm), errors.Is(err, errRole):
		a.status, a.title, a.problem = http.StatusForbidden, "Not done", err.Error()
	case isNotFound(err):
		a.status, a.title, a.problem = http.StatusNotFound, "Not found", sentence(err)
	case isInvalid(err):
		a.status, a.title, a.problem = http.StatusBadRequest, "Not understood", sentence(err)
	default:
		s.Log.Warn("answering a page failed", "page", name, "err", err)
	}
	return a
}

func isNotFound(err error) bool { _, ok := errors.AsType[*console.NotFound](err); return ok }

func isInvalid(err error) bool { _, ok := errors.AsType[*schemas.InvalidQuery](err); return ok }

// write sends a page whole or not at all, and says with which status.
func (s *Site) write(w http.ResponseWriter, of *session, a answer) int {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	var body bytes.Buffer
	if err := render(&body, of, a); err != nil {
		s.Log.Warn("rendering a page failed", "page", a.name, "err", err)
		http.Error(w, "This page could not be made. The log says more.", http.StatusInternalServerError)
		return http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(a.status)
	_, _ = body.WriteTo(w) // who has gone needs no answer
	return a.status
}
