package command

import (
	"context"
	"errors"
	"net/http"
	"time"

	"leadline/console"
	"leadline/deploy/boot"
	"leadline/ingress/connection"
	"leadline/ingress/erasure"
	"leadline/ingress/recorder"
	"leadline/schemas"
)

// connections are what the API, the pages and commands change connections with.
type connections struct {
	connector *connection.Connector
	table     *connection.Table
	cursors   *connection.Cursors
	publicURL string // where recorders reach this Leadline; empty: connections have no webhooks
}

var _ console.Connections = (*connections)(nil)

// newConnections works on the table, whose role somebody else runs; the others
// are returned. The sealer may be nil where no secret is needed.
func newConnections(o connection.Options, recorders recorder.Table, table *connection.Table, sealer *connection.Sealer, publicURL string) (*connections, boot.Role) {
	c := &connections{
		connector: connection.NewConnector(o, recorders, table, sealer, nil), table: table,
		cursors: connection.NewCursors(o), publicURL: publicURL,
	}
	return c, boot.Role{Name: "sync cursors", Run: c.cursors.Run, Ready: c.cursors.Ready}
}

// upkeep looks after connections in a process that may call recorders.
func (p *plant) upkeep(connector *connection.Connector, table *connection.Table) boot.Role {
	u := &connection.Upkeep{
		Connector: connector, Table: table, Eraser: &erasure.Eraser{Options: p.connectionOptions(), Connections: table},
	}
	return boot.Role{Name: "upkeep", Run: u.Run}
}

// Connections lists an organisation's.
func (c *connections) Connections(ctx context.Context, org string) ([]schemas.ConnectionStatus, error) {
	if err := c.table.CatchUp(ctx); err != nil {
		return nil, err
	}
	var all []schemas.ConnectionStatus
	for _, one := range c.table.All() {
		if one.Org == org {
			all = append(all, c.status(one))
		}
	}
	return all, nil
}

func (c *connections) status(one schemas.Connection) schemas.ConnectionStatus {
	cursor, read := c.cursors.Get(one.Org, one.Provider, one.Name)
	if !read {
		return connection.StatusOf(one, nil, time.Now())
	}
	return connection.StatusOf(one, &cursor, time.Now())
}

// Connect connects a recorder and asks for its first sync.
func (c *connections) Connect(ctx context.Context, org string, n console.NewConnection) (schemas.ConnectionStatus, error) {
	request := connection.Request{
		Org: org, Provider: n.Provider, Name: n.Name, BaseURL: n.BaseURL, Credential: recorder.NewSecret(n.Credential),
		PublicURL: n.PublicURL, LookBackDays: n.LookBackDays,
	}
	if n.WebhookSecret != "" {
		request.WebhookSecret = recorder.NewSecret(n.WebhookSecret)
	}
	if request.PublicURL == "" {
		request.PublicURL = c.publicURL
	}
	made, err := c.connector.Connect(ctx, request)
	if err != nil {
		return schemas.ConnectionStatus{}, refused(err)
	}
	return c.status(made), nil
}

// Change does what is asked for and tells what the connection is then.
func (c *connections) Change(ctx context.Context, org, provider, name string, change console.ConnectionChange) (schemas.ConnectionStatus, error) {
	var err error
	switch change.Do {
	case console.ConnectionSync:
		err = c.connector.Sync(ctx, org, provider, name, change.Since)
	case console.ConnectionPause, console.ConnectionResume:
		err = c.connector.SetIngest(ctx, org, provider, name, change.Do == console.ConnectionResume)
	case console.ConnectionForgetWebhooks:
		err = c.connector.ForgetWebhooks(ctx, org, provider, name)
	case console.ConnectionDisconnect:
		err = c.connector.Disconnect(ctx, org, provider, name, change.Erase)
		if _, left := errors.AsType[*connection.LeakedWebhooks](err); left {
			err = nil // it has ended all the same, and its problems tell of the webhook
		}
	default:
		err = &schemas.InvalidQuery{Field: "do", Problem: "is nothing that can be done to a connection"}
	}
	if err != nil {
		return schemas.ConnectionStatus{}, refused(err)
	}
	return console.ConnectionNamed(ctx, c, org, provider, name)
}

// refused makes what an admin can mend a sentence for one.
func refused(err error) error {
	if missing, ok := errors.AsType[*connection.NotConnected](err); ok {
		return &console.NotFound{What: "connection", Name: missing.Provider + "/" + missing.Name}
	}
	if paused, ok := errors.AsType[*connection.Paused](err); ok {
		return &console.ConnectionRefused{Code: http.StatusConflict, Why: paused.Error()}
	}
	step, ok := errors.AsType[*connection.StepError](err)
	if !ok {
		return err
	}
	code := http.StatusUnprocessableEntity
	_, already := errors.AsType[*connection.AlreadyConnected](err)
	switch {
	case step.Step == connection.StepCheck:
		return &schemas.InvalidQuery{Field: "connection", Problem: step.Advice()}
	case already, errors.Is(err, connection.ErrErasing):
		code = http.StatusConflict
	case step.Temporary():
		code = http.StatusServiceUnavailable
	}
	return &console.ConnectionRefused{Code: code, Step: string(step.Step), Why: step.Advice(), Err: err}
}
