package console

import (
	"context"
	"net/http"
	"time"

	"leadline/schemas"
)

const (
	connectionsPath = "/orgs/{org}/connections"
	connectionPath  = connectionsPath + "/{provider}/{name}"

	// connectPatience is three calls to a recorder that answers slowly.
	connectPatience = 60 * time.Second
)

type connectionList struct {
	Connections []schemas.ConnectionStatus `json:"connections"`
}

// connectionRoutes are for administrators. None answers with a secret.
var connectionRoutes = []route{
	{
		name: "connections", method: http.MethodGet, path: connectionsPath, permission: schemas.PermissionAdmin,
		summary: "List the organisation's connections to recorders, those that have ended included.",
		answer:  connectionList{}, do: (*api).connections,
	},
	{
		name: "connect", method: http.MethodPost, path: connectionsPath, permission: schemas.PermissionAdmin,
		summary: "Connect a recorder, or replace the connection of that name. Its first sync is asked for.",
		body:    NewConnection{}, answer: schemas.ConnectionStatus{}, status: http.StatusCreated,
		failures: refusals, patience: connectPatience, do: (*api).connect,
	},
	{
		name: "connection", method: http.MethodGet, path: connectionPath, permission: schemas.PermissionAdmin,
		summary: "Read one connection: its state, how far it is synced, what is wrong and what to do about it.",
		answer:  schemas.ConnectionStatus{}, do: (*api).connection,
	},
	{
		name: "disconnect", method: http.MethodDelete, path: connectionPath, permission: schemas.PermissionAdmin,
		summary: "End a connection: remove the key and the webhook. With erase, what came by it is erased as well; the receipt is in the connection later.",
		params:  []param{{name: "erase", kind: paramFlag, says: "Also erase every meeting that came by it alone."}},
		answer:  schemas.ConnectionStatus{}, failures: refusals, patience: connectPatience,
		do: changing(ConnectionDisconnect),
	},
	{
		name: "sync", method: http.MethodPost, path: connectionPath + "/sync", permission: schemas.PermissionAdmin,
		summary: "Ask for a sync. One that is under way and covers it is joined.",
		params:  []param{{name: "since", kind: paramTime, says: "From when on. Default: the connection's look-back."}},
		answer:  schemas.ConnectionStatus{}, status: http.StatusAccepted, failures: refusals, do: changing(ConnectionSync),
	},
	{
		name: "pause", method: http.MethodPost, path: connectionPath + "/pause", permission: schemas.PermissionAdmin,
		summary: "Take nothing in any more: nothing is polled, and deliveries are answered and dropped.",
		answer:  schemas.ConnectionStatus{}, failures: refusals, do: changing(ConnectionPause),
	},
	{
		name: "resume", method: http.MethodPost, path: connectionPath + "/resume", permission: schemas.PermissionAdmin,
		summary: "Take meetings in again; those of the meantime are asked for.",
		answer:  schemas.ConnectionStatus{}, failures: refusals, do: changing(ConnectionResume),
	},
	{
		name: "forget_webhooks", method: http.MethodPost, path: connectionPath + "/forget-webhooks", permission: schemas.PermissionAdmin,
		summary: "Say that webhooks which could not be deleted were deleted by hand.",
		answer:  schemas.ConnectionStatus{}, failures: refusals, do: changing(ConnectionForgetWebhooks),
	},
}

// refusals are what a change of a connection may fail with besides.
var refusals = []int{http.StatusConflict, http.StatusUnprocessableEntity}

// connected is the path's organisation, where connections can be changed at all.
func (a *api) connected(c *call) (string, error) {
	scope := c.scope()
	if c.err == nil && a.Connections == nil {
		c.fail(errNoConnections)
	}
	return scope.Org, c.err
}

func (a *api) connections(ctx context.Context, c *call) (any, error) {
	org, err := a.connected(c)
	if err != nil {
		return nil, err
	}
	all, err := a.Connections.Connections(ctx, org)
	return connectionList{listed(all)}, err
}

func (a *api) connection(ctx context.Context, c *call) (any, error) {
	org, err := a.connected(c)
	if err != nil {
		return nil, err
	}
	provider, name := c.segment("provider"), c.segment("name")
	if c.err != nil {
		return nil, c.err
	}
	return ConnectionNamed(ctx, a.Connections, org, provider, name)
}

func (a *api) connect(ctx context.Context, c *call) (any, error) {
	org, err := a.connected(c)
	if err != nil {
		return nil, err
	}
	asked := *c.body.(*NewConnection)
	for field, address := range map[string]string{"base_url": asked.BaseURL, "public_url": asked.PublicURL} {
		if address != "" && !c.access.instance() {
			return nil, invalid(field, "is for the instance's own token")
		}
	}
	return a.Connections.Connect(ctx, org, asked)
}

func changing(do string) func(*api, context.Context, *call) (any, error) {
	return func(a *api, ctx context.Context, c *call) (any, error) {
		org, err := a.connected(c)
		if err != nil {
			return nil, err
		}
		provider, name := c.segment("provider"), c.segment("name")
		change := ConnectionChange{Do: do, Since: c.moment("since"), Erase: c.flag("erase")}
		if c.err != nil {
			return nil, c.err
		}
		return a.Connections.Change(ctx, org, provider, name, change)
	}
}
