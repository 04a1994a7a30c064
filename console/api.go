package console

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"leadline/console/token"
	"leadline/schemas"
)

// patience ends a read that nobody waits for any more: a search takes some
// 50 ms.
const patience = 10 * time.Second

// importPatience is a million end users by a slow line.
const importPatience = 30 * time.Minute

// linger is how long the rest of a body is read that is refused before its end.
const linger = 2 * time.Second

// Where the API and the MCP server are.
const (
	Prefix  = "/api/v1"
	MCPPath = "/mcp"
)

// Options are what a Handler works with.
type Options struct {
	Store Store
	// Token is the instance's own: it sees every organisation and may do
	// everything. Without one that access does not exist.
	Token string
	// Directory changes the directory, and Import takes in a file of it; nil
	// where there is no Kafka to write to.
	Directory *Directory
	Import    func(ctx context.Context, org, format string, file io.Reader) (schemas.ImportReport, error)
	// Simulate says what other rules would make of meetings.
	Simulate Simulate
	// Tokens are those of the organisations; nil has none.
	Tokens *token.Book
	// Connections are to recorders; nil has none to show or change.
	Connections Connections
	// Rules are what organisations want learned; nil has none to show or change.
	Rules RuleBook
	// MCP is served at MCPPath to tokens that may read; it asks AccessOf. nil is
	// not there.
	MCP http.Handler
	// Audit keeps who changed what; nil keeps nothing.
	Audit   AuditLog
	Rate    int          // requests a second and token; 0 is any number
	Metrics *Metrics     // nil counts for nobody
	Log     *slog.Logger // nil is silent
}

// api is the handler's own.
type api struct {
	Options
	local Local
	gate  *gate
	// simulating has the organisations of which somebody does.
	simulating sync.Map
	// document is what openapi.json answers.
	document json.RawMessage
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
	a := &api{Options: o, local: Local{o.Store}, gate: newGate(o), document: document(routes)}
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
	if o.MCP != nil {
		r.Handle(MCPPath, a.guard("mcp", o.MCP))
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

// answer is what is sent.
type answer struct {
	code int
	kind string // Content-Type
	body []byte
}

// serve is the way of every request: token, parameters, answer, count.
func (a *api) serve(t route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(r.Context(), cmp.Or(t.patience, patience))
		defer cancel()
		made, err := a.reply(ctx, w, r, t)
		if err != nil {
			made = a.failed(w, r, t.name, err)
		} else {
			made.tag(w.Header(), r)
		}
		a.Metrics.count(t.name, made.code, time.Since(began))
		if made.code != statusGone {
			made.send(w)
		}
	})
}

// failed makes an answer of an error, and sets the headers that belong to it.
func (a *api) failed(w http.ResponseWriter, r *http.Request, name string, err error) answer {
	p := problemOf(err)
	made := answer{code: p.Status, kind: "application/problem+json", body: p.encode()}
	if r.Context().Err() != nil {
		made.code = statusGone
	}
	// The server reads the rest of a body before it answers.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(linger)) // a test's writer has no deadlines
	if made.code == http.StatusInternalServerError {
		a.Log.Warn("answering a request failed", "route", name, "error", err)
	}
	p.announce(w.Header(), r)
	return made
}

// tag names the content of an answer to a read, so that whoever has it need not
// be sent it again.
func (n *answer) tag(h http.Header, r *http.Request) {
	if n.code != http.StatusOK || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return
	}
	sum := sha256.Sum256(n.body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	h.Set("ETag", tag)
	h.Set("Vary", "Authorization, Accept")
	for _, known := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		if known = strings.TrimSpace(known); known == "*" || strings.TrimPrefix(known, "W/") == tag {
			n.code, n.body = http.StatusNotModified, nil
			return
		}
	}
}

func (n *answer) send(w http.ResponseWriter) {
	h := w.Header()
	// Kept by the caller alone, and asked after each time: what is taken from a
	// scope is gone with the next request.
	h.Set("Cache-Control", "private, no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	if len(n.body) > 0 {
		h.Set("Content-Type", n.kind)
		h.Set("Content-Length", strconv.Itoa(len(n.body)))
	}
	w.WriteHeader(n.code)
	_, _ = w.Write(n.body) //nolint:gosec // never HTML, with nosniff; and who has gone needs no answer
}

// reply encodes the whole answer before any of it is sent, so that what goes
// wrong on the way is still an error.
func (a *api) reply(ctx context.Context, w http.ResponseWriter, r *http.Request, t route) (answer, error) {
	access, err := a.gate.admit(r)
	if err != nil && !t.open {
		return answer{}, err
	}
	if !access.may(t) {
		return answer{}, errForbidden
	}
	if t.patience > 0 { // longer than the server's for everybody, and for nobody who may not
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(time.Now().Add(t.patience)) // a writer without deadlines needs none
		_ = control.SetWriteDeadline(time.Now().Add(t.patience + patience))
	}
	c, err := readCall(r, t)
	if err != nil {
		return answer{}, err
	}
	c.access = access
	found, err := t.do(a, ctx, c)
	a.note(ctx, t, c, r, err)
	if err != nil {
		return answer{}, err
	}
	if t.answer == nil {
		return answer{code: t.code()}, nil
	}
	if page, ok := found.(marked); ok && c.wantsMarkdown(r) {
		return answer{code: t.code(), kind: "text/markdown; charset=utf-8", body: []byte(page.Markdown())}, c.err
	}
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(found); err != nil {
		return answer{}, err
	}
	return answer{code: t.code(), kind: "application/json", body: body.Bytes()}, c.err
}
