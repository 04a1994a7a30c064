package console

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"leadline/schemas"
)

const (
	// patience ends a read that nobody waits for any more: a search takes some
	// 50 ms.
	patience = 10 * time.Second

	// defaultMeetings is how many a page has unless it is told otherwise.
	defaultMeetings = 50
)

// meetingPage answers a list of meetings. Next is what to give as before for
// the page that follows, null when this one was not full.
type meetingPage struct {
	Meetings []Meeting `json:"meetings"`
	Next     *string   `json:"next"`
}

type entryList struct {
	Entries []Entry `json:"entries"`
}

type passageList struct {
	Results []Passage `json:"results"`
}

// api is the handler's own.
type api struct {
	local   Local
	token   [sha256.Size]byte
	open    bool // a token was given
	metrics *Metrics
	log     *slog.Logger
	rules   RuleBook // nil: there are none to serve
}

// route is one place under /api/v1/orgs/{org}.
type route struct {
	name   string // label of the metrics
	path   string
	params []string // of the query; any other is refused
	answer func(*api, context.Context, *params) (any, error)
}

var routes = []route{
	{"meetings", "/meetings", []string{"customer", "end_user", "state", "limit", "before"}, (*api).meetings},
	{"meeting", "/meetings/{provider}/{recording}", []string{"customer", "end_user"}, (*api).meeting},
	{"entries", "/meetings/{provider}/{recording}/entries", []string{"customer", "end_user"}, (*api).entries},
	{"search", "/search", []string{"q", "customer", "end_user", "kind", "limit", "held_back"}, (*api).search},
	{"customer", "/customers/{id}", []string{"customer", "end_user"}, (*api).customer},
	{"tally", "/tally", nil, (*api).tally},
}

// Handler serves the store's reads under /api/v1 to whoever has the token, as
// JSON; errors are application/problem+json. With an empty token it serves
// nobody. The token is that of the organisations' staff: it sees all of them.
// metrics and log may be nil.
func Handler(store Store, token string, metrics *Metrics, log *slog.Logger, options ...Option) http.Handler {
	if metrics == nil {
		metrics = NewMetrics(nil)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	a := &api{local: Local{store}, token: sha256.Sum256([]byte(token)), open: token != "", metrics: metrics, log: log}
	for _, o := range options {
		o(a)
	}
	// An id may hold a slash or dots: paths are matched as they were sent.
	r := mux.NewRouter().SkipClean(true).UseEncodedPath()
	for _, t := range routes {
		r.Handle("/api/v1/orgs/{org}"+t.path, a.serve(t)).Methods(http.MethodGet, http.MethodHead)
	}
	for _, t := range ruleRoutes {
		if a.rules != nil {
			r.Handle("/api/v1/orgs/{org}"+t.path, a.serve(t.route)).Methods(t.method)
		}
	}
	r.NotFoundHandler = a.serve(route{name: "none", answer: func(*api, context.Context, *params) (any, error) {
		return nil, errNoRoute
	}})
	r.MethodNotAllowedHandler = a.serve(route{name: "none", answer: func(*api, context.Context, *params) (any, error) {
		return nil, errMethod
	}})
	return r
}

// serve is the way of every request: token, parameters, answer, count.
func (a *api) serve(t route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		body, err := a.reply(ctx, r, t)
		code := http.StatusOK
		contentType := "application/json"
		if err != nil {
			p := problemOf(err)
			code, contentType = p.Status, "application/problem+json"
			if r.Context().Err() != nil {
				code = statusGone
			}
			if code == http.StatusInternalServerError {
				a.log.Warn("answering a request failed", "route", t.name, "error", err)
			}
			body = p.encode()
			p.announce(w.Header(), r)
		}
		a.metrics.count(t.name, code, time.Since(began))
		if code == statusGone {
			return
		}
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Content-Length", strconv.Itoa(len(body)))
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(code)
		_, _ = w.Write(body) //nolint:gosec // JSON with nosniff; and who has gone needs no answer
	})
}

// reply encodes the whole answer before any of it is sent, so that what goes
// wrong on the way is still an error.
func (a *api) reply(ctx context.Context, r *http.Request, t route) ([]byte, error) {
	if !a.authorized(r) {
		return nil, errUnauthorized
	}
	p, err := readParams(r, t.params)
	if err != nil {
		return nil, err
	}
	p.header, p.body = r.Header, r.Body
	answer, err := t.answer(a, ctx, p)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(answer); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

func (a *api) meetings(ctx context.Context, p *params) (any, error) {
	q := schemas.MeetingQuery{
		Scope: p.scope(), State: schemas.State(p.text("state")), Limit: p.number("limit", defaultMeetings), Before: p.text("before"),
	}
	if p.err != nil {
		return nil, p.err
	}
	all, err := a.local.Meetings(ctx, q)
	if err != nil {
		return nil, err
	}
	page := meetingPage{Meetings: all}
	if len(all) == q.Limit {
		page.Next = &all[len(all)-1].ID
	}
	return page, nil
}

func (a *api) meeting(ctx context.Context, p *params) (any, error) {
	scope, id := p.scope(), p.meetingID()
	if p.err != nil {
		return nil, p.err
	}
	return a.local.Meeting(ctx, scope, id)
}

func (a *api) entries(ctx context.Context, p *params) (any, error) {
	scope, id := p.scope(), p.meetingID()
	if p.err != nil {
		return nil, p.err
	}
	all, err := a.local.Entries(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	return entryList{all}, nil
}

func (a *api) search(ctx context.Context, p *params) (any, error) {
	q := schemas.SearchQuery{Scope: p.scope(), Text: p.text("q"), Kinds: p.texts("kind"), Limit: p.number("limit", 0)}
	q.Scope.HeldBack = p.flag("held_back")
	if p.err != nil {
		return nil, p.err
	}
	all, err := a.local.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	return passageList{all}, nil
}

func (a *api) customer(ctx context.Context, p *params) (any, error) {
	scope, id := p.scope(), p.segment("id")
	if p.err != nil {
		return nil, p.err
	}
	return a.local.Customer(ctx, scope, id)
}

func (a *api) tally(ctx context.Context, p *params) (any, error) {
	scope := p.scope()
	if p.err != nil {
		return nil, p.err
	}
	return a.local.Tally(ctx, scope.Org)
}
