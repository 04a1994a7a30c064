// Package admin is the HTTP API of connections, for whoever may change them: a console's page, a script. It answers with
// connection.Status, and never with a secret.
package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"

	"leadline/ingress/connection"
	"leadline/ingress/recorder"
	"leadline/schemas"
)

// Prefix is where the API lives; everything of an organisation's connections is below it.
const Prefix = "/api/v1/orgs/{org}/connections"

const (
	maxBody  = 64 << 10
	patience = 60 * time.Second // connecting calls the recorder up to three times
)

// Options of a Handler. All but PublicURL are required.
type Options struct {
	Connector *connection.Connector
	Table     *connection.Table
	Cursors   *connection.Cursors
	Token     string // who has it may do everything; empty: nobody may
	PublicURL string // where recorders reach this Leadline; empty: connections have no webhooks
	Log       *slog.Logger
	Metrics   prometheus.Registerer
}

// Handler answers
//
//	GET    Prefix                             {"connections": [Status...]}, ended ones included
//	POST   Prefix                             Connect -> 201 Status
//	GET    Prefix/{provider}/{name}           Status
//	POST   Prefix/{provider}/{name}/sync      {"since": RFC 3339 or absent} -> 202 Status
//	POST   Prefix/{provider}/{name}/pause     200 Status
//	POST   Prefix/{provider}/{name}/resume    200 Status; what was missed is asked for
//	POST   Prefix/{provider}/{name}/forget-webhooks   200 Status; somebody has deleted them by hand
//	DELETE Prefix/{provider}/{name}           200 Status, with the webhook among its problems if that is left;
//	                                          ?erase=true also erases what came by it: the receipt is in the Status later
//
// Errors are application/problem+json: 400 what was sent, 401 no token, 404 no such connection, 409 paused or connected
// already, 422 the recorder said no, 503 try again.
type Handler struct {
	Options
	token    [sha256.Size]byte
	requests *prometheus.CounterVec
	router   *mux.Router
}

// New makes the handler.
func New(o Options) *Handler {
	h := &Handler{Options: o, token: sha256.Sum256([]byte(o.Token)), router: mux.NewRouter(), requests: prometheus.NewCounterVec(
		prometheus.CounterOpts{Name: "leadline_admin_requests_total", Help: "Requests about connections by what was asked and the status of the answer."},
		[]string{"action", "status"})}
	o.Metrics.MustRegister(h.requests)
	one := Prefix + "/{provider}/{name}"
	h.route(http.MethodGet, Prefix, "list", h.list)
	h.route(http.MethodPost, Prefix, "connect", h.connect)
	h.route(http.MethodGet, one, "show", h.show)
	h.route(http.MethodDelete, one, "disconnect", h.disconnect)
	h.route(http.MethodPost, one+"/sync", "sync", h.sync)
	h.route(http.MethodPost, one+"/pause", "pause", h.ingest(false))
	h.route(http.MethodPost, one+"/resume", "resume", h.ingest(true))
	h.route(http.MethodPost, one+"/forget-webhooks", "forget", h.forget)
	return h
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.router.ServeHTTP(w, r) }

// action answers a request whose token was right. An error is an answer, too; see problemOf.
type action func(ctx context.Context, at place, body []byte) (status int, answer any, err error)

// place is what the path says.
type place struct {
	org, provider, name string
	erase               bool // what the query asks for
}

func (h *Handler) route(method, path, name string, do action) {
	h.router.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		status, answer, err := h.answer(ctx, w, r, do)
		contentType := "application/json"
		if err != nil {
			p := problemOf(err)
			if p.Status == http.StatusInternalServerError {
				h.Log.Warn("answering a request about connections failed", "action", name, "err", err)
			}
			status, answer, contentType = p.Status, p, "application/problem+json"
		}
		h.requests.WithLabelValues(name, fmt.Sprint(status)).Inc()
		header := w.Header()
		header.Set("Content-Type", contentType)
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer) // who has gone needs no answer
	}).Methods(method)
}

func (h *Handler) answer(ctx context.Context, w http.ResponseWriter, r *http.Request, do action) (int, any, error) {
	given, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	sum := sha256.Sum256([]byte(given))
	if h.Token == "" || !bearer || subtle.ConstantTimeCompare(sum[:], h.token[:]) != 1 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		return 0, nil, errUnauthorized
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return 0, nil, &badRequest{errors.New("the body is too large or was cut")}
	}
	vars := mux.Vars(r)
	at := place{vars["org"], vars["provider"], vars["name"], r.URL.Query().Get("erase") == "true"}
	if err := schemas.CheckOrg(at.org); err != nil {
		return 0, nil, &badRequest{err}
	}
	if err := h.Table.CatchUp(ctx); err != nil {
		return 0, nil, fmt.Errorf("reading the connections: %w", err)
	}
	return do(ctx, at, body)
}

func (h *Handler) list(_ context.Context, at place, _ []byte) (int, any, error) {
	all := []connection.Status{}
	for _, c := range h.Table.All() {
		if c.Org == at.org {
			all = append(all, h.status(c))
		}
	}
	return http.StatusOK, map[string]any{"connections": all}, nil
}

func (h *Handler) status(c schemas.Connection) connection.Status {
	cursor, known := h.Cursors.Get(c.Org, c.Provider, c.Name)
	if !known {
		return connection.StatusOf(c, nil)
	}
	return connection.StatusOf(c, &cursor)
}

func (h *Handler) show(_ context.Context, at place, _ []byte) (int, any, error) {
	c, found := h.Table.Lookup(at.org, at.provider, at.name)
	if !found {
		return 0, nil, &connection.NotConnected{Org: at.org, Provider: at.provider, Name: at.name}
	}
	return http.StatusOK, h.status(c), nil
}

// shown answers with the connection as it is after a change.
func (h *Handler) shown(ctx context.Context, at place, status int) (int, any, error) {
	if err := h.Table.CatchUp(ctx); err != nil {
		return 0, nil, fmt.Errorf("reading the connections: %w", err)
	}
	_, answer, err := h.show(ctx, at, nil)
	return status, answer, err
}

// Connect is the body of a request to connect. The credential is an API key, or the recorder's JSON of several fields.
type Connect struct {
	Provider      string          `json:"provider"`
	Name          string          `json:"name"` // "default" if absent
	Credential    recorder.Secret `json:"credential"`
	WebhookSecret recorder.Secret `json:"webhook_secret"`
	LookBackDays  int32           `json:"look_back_days"` // 30 if absent; below 0 everything
}

// connect takes no address of the recorder: whoever has the token may connect recorders, and not make this process call
// any host that it can reach.
func (h *Handler) connect(ctx context.Context, at place, body []byte) (int, any, error) {
	var c Connect
	if err := decode(body, &c); err != nil {
		return 0, nil, err
	}
	made, err := h.Connector.Connect(ctx, connection.Request{
		Org: at.org, Provider: c.Provider, Name: c.Name, Credential: c.Credential, WebhookSecret: c.WebhookSecret,
		PublicURL: h.PublicURL, LookBackDays: c.LookBackDays,
	})
	if err != nil {
		return 0, nil, err
	}
	return h.shown(ctx, place{org: made.Org, provider: made.Provider, name: made.Name}, http.StatusCreated)
}

func (h *Handler) sync(ctx context.Context, at place, body []byte) (int, any, error) {
	var asked struct {
		Since time.Time `json:"since"`
	}
	if err := decode(body, &asked); err != nil {
		return 0, nil, err
	}
	if err := h.Connector.Sync(ctx, at.org, at.provider, at.name, asked.Since); err != nil {
		return 0, nil, err
	}
	return h.shown(ctx, at, http.StatusAccepted)
}

func (h *Handler) ingest(on bool) action {
	return func(ctx context.Context, at place, _ []byte) (int, any, error) {
		if err := h.Connector.SetIngest(ctx, at.org, at.provider, at.name, on); err != nil {
			return 0, nil, err
		}
		return h.shown(ctx, at, http.StatusOK)
	}
}

func (h *Handler) disconnect(ctx context.Context, at place, _ []byte) (int, any, error) {
	err := h.Connector.Disconnect(ctx, at.org, at.provider, at.name, at.erase)
	if _, left := errors.AsType[*connection.LeakedWebhooks](err); err != nil && !left {
		return 0, nil, err
	}
	return h.shown(ctx, at, http.StatusOK)
}

func (h *Handler) forget(ctx context.Context, at place, _ []byte) (int, any, error) {
	if err := h.Connector.ForgetWebhooks(ctx, at.org, at.provider, at.name); err != nil {
		return 0, nil, err
	}
	return h.shown(ctx, at, http.StatusOK)
}
