package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"leadline/console"
	"leadline/console/pages"
	"leadline/ingress/connection"
	"leadline/ingress/recorder"
	"leadline/ingress/rules"
)

// pages is what people open in a browser. book and known may be nil.
func (p *plant) pages(store console.Store, token string, book *rules.Book, known *connections) *pages.Site {
	o := pages.Options{Store: store, Token: token, Gatherer: p.registry, Metrics: p.registry, Log: p.log}
	if book != nil {
		o.Rules = ruleBook{book}
	}
	if known != nil {
		o.Connections = known
	}
	return pages.New(o)
}

// besides puts the API beside the pages, on one port. It is no ServeMux, because that
// cleans paths, and an id in one of the API's may hold what it would clean away.
func besides(site, api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == console.MCPPath {
			api.ServeHTTP(w, r)
			return
		}
		site.ServeHTTP(w, r)
	})
}

// connections are an instance's, as the pages see them.
type connections struct {
	connector *connection.Connector
	table     *connection.Table
	cursors   *connection.Cursors
	publicURL string
}

// Connections lists an organisation's.
func (c *connections) Connections(ctx context.Context, org string) ([]pages.Connection, error) {
	if err := c.table.CatchUp(ctx); err != nil {
		return nil, err
	}
	var all []pages.Connection
	for _, one := range c.table.All() {
		if one.Org != org {
			continue
		}
		s := connection.StatusOf(one, nil)
		if cursor, known := c.cursors.Get(one.Org, one.Provider, one.Name); known {
			s = connection.StatusOf(one, &cursor)
		}
		all = append(all, shownConnection(s))
	}
	return all, nil
}

func shownConnection(s connection.Status) pages.Connection {
	shown := pages.Connection{
		Recorder: s.Provider, Name: s.Name, State: s.State, Account: s.Account, WebhookURL: s.WebhookURL,
		LookBackDays: s.LookBackDays, ConnectedAt: s.ConnectedAt,
	}
	if s.Sync != nil {
		shown.Sync = &pages.Sync{
			Running: s.Sync.Running, Source: s.Sync.Source, Pages: s.Sync.Pages, Meetings: s.Sync.Meetings,
			PerMinute: s.Sync.PerMinute, UpdatedAt: s.Sync.UpdatedAt, Through: s.Sync.Through,
		}
	}
	for _, p := range s.Problems {
		shown.Problems = append(shown.Problems, p.Text)
	}
	return shown
}

// Connect takes no address of the recorder: who is signed in may connect
// recorders, and not make this process call any host that it can reach.
func (c *connections) Connect(ctx context.Context, org string, n pages.NewConnection) error {
	_, err := c.connector.Connect(ctx, connection.Request{
		Org: org, Provider: n.Recorder, Name: n.Name, Credential: recorder.NewSecret(n.Credential),
		PublicURL: c.publicURL, LookBackDays: n.LookBackDays,
	})
	return refused(err)
}

// Sync asks for a run over the connection's look-back.
func (c *connections) Sync(ctx context.Context, org, provider, name string) error {
	return refused(c.connector.Sync(ctx, org, provider, name, time.Time{}))
}

// SetIngest pauses and resumes.
func (c *connections) SetIngest(ctx context.Context, org, provider, name string, on bool) error {
	return refused(c.connector.SetIngest(ctx, org, provider, name, on))
}

// refused makes what an admin can mend a sentence for one.
func refused(err error) error {
	if step, ok := errors.AsType[*connection.StepError](err); ok {
		return &pages.Refused{Why: step.Advice()}
	}
	if missing, ok := errors.AsType[*connection.NotConnected](err); ok {
		return &pages.Refused{Why: missing.Error()}
	}
	if paused, ok := errors.AsType[*connection.Paused](err); ok {
		return &pages.Refused{Why: paused.Error()}
	}
	return err
}
