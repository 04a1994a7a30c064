// Package pages is the console in a browser: HTML made on the server over what
// the API reads, for the staff of one organisation.
//
// Whoever has the instance's token makes a link; the link, once, makes a
// session; the session sees its organisation and no other. Every text that
// somebody outside wrote goes through html/template and stands in a bdi
// element, and the Content-Security-Policy lets nothing run but our own file.
package pages

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/console"
	"leadline/schemas"
)

// patience ends what nobody waits for any more. Connecting asks a recorder up
// to three times.
const patience = 50 * time.Second

// policy lets the page load our own files, send forms to us, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

//go:embed assets
var assets embed.FS

// Options are what a Site works with.
type Options struct {
	Store console.Store
	// Token makes links; see Site.Link. Without one nobody can sign in over HTTP.
	Token string
	// Rules are read and changed by staff; nil has none.
	Rules console.RuleBook
	// Connections are listed and changed by staff; nil has none.
	Connections console.Connections
	// Gatherer has the process's own metrics; nil has none to show.
	Gatherer prometheus.Gatherer
	Metrics  prometheus.Registerer // nil counts for nobody
	Log      *slog.Logger          // nil is silent
}

// Site serves the pages.
type Site struct {
	Options
	local    console.Local
	sessions *sessions
	links    *links
	tries    *tries
	metrics  *metrics
	mux      *http.ServeMux
	origins  *http.CrossOriginProtection
}

// New makes a Site.
func New(o Options) *Site {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Site{
		Options: o, local: console.Local{Store: o.Store}, sessions: newSessions(time.Now), links: newLinks(time.Now),
		tries: newTries(), metrics: newMetrics(o.Metrics), mux: http.NewServeMux(), origins: http.NewCrossOriginProtection(),
	}
	s.mux.Handle("GET /assets/", s.assets())
	s.mux.HandleFunc("POST /signin/links", s.makeLink)
	s.mux.HandleFunc("GET /signin", s.askCode)
	s.mux.HandleFunc("POST /signin", s.signIn)
	s.mux.Handle("POST /signout", s.page("signout", s.signOut))
	s.mux.Handle("GET /{$}", http.RedirectHandler("/meetings", http.StatusSeeOther))
	for _, route := range []struct {
		pattern string
		do      func(context.Context, *visit) (answer, error)
	}{
		{"GET /meetings", s.meetings},
		{"GET /meeting", s.meeting},
		{"GET /customers", s.customers},
		{"GET /customer", s.customer},
		{"GET /search", s.search},
		{"GET /rules", s.rules},
		{"POST /rules", s.changeRules},
		{"GET /integrations", s.integrations},
		{"POST /integrations", s.connect},
		{"POST /integrations/{action}", s.steer},
		{"GET /flow", s.flow},
	} {
		s.mux.Handle(route.pattern, s.page(route.pattern, route.do))
	}
	s.mux.Handle("/", s.page("none", func(context.Context, *visit) (answer, error) {
		return answer{}, &console.NotFound{What: "page", Name: "of that address"}
	}))
	return s
}

// ServeHTTP refuses what another site's page sends, before anything is read.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if err := s.origins.Check(r); err != nil {
		http.Error(w, "This form was sent by another site.", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	s.mux.ServeHTTP(w, r)
}

func (s *Site) assets() http.Handler {
	files := http.FileServerFS(assets)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The files change with the binary, and carry no time of their own.
		w.Header().Set("Cache-Control", "public, max-age=300")
		files.ServeHTTP(w, r)
	})
}

// visit is one request of somebody who is signed in.
type visit struct {
	*http.Request
	session *session
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
func (s *Site) page(name string, do func(context.Context, *visit) (answer, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Request: r, session: s.sessions.of(r)}
		if v.session == nil {
			s.metrics.count(name, http.StatusSeeOther)
			http.Redirect(w, r, "/signin", http.StatusSeeOther)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		a, err := answer{}, v.checkForm()
		if err == nil {
			a, err = do(ctx, v)
		}
		if err != nil {
			a = s.failed(name, err)
		}
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
	case errors.Is(err, errForm):
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
