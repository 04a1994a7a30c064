package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"leadline/schemas"
)

var _ Connections = (*Client)(nil)

// Connections lists the organisation's connections.
func (c *Client) Connections(ctx context.Context, org string) ([]schemas.ConnectionStatus, error) {
	var list connectionList
	err := c.get(ctx, &list, nil, org, "connections")
	return list.Connections, err
}

// Connect connects a recorder.
func (c *Client) Connect(ctx context.Context, org string, asked NewConnection) (schemas.ConnectionStatus, error) {
	var made schemas.ConnectionStatus
	body, err := json.Marshal(asked)
	if err != nil {
		return made, fmt.Errorf("encoding a request: %w", err)
	}
	err = c.patient(connectPatience).call(ctx, http.MethodPost, &made, nil, body, org, "connections")
	return made, refused(err)
}

// Change changes a connection.
func (c *Client) Change(ctx context.Context, org, provider, name string, change ConnectionChange) (schemas.ConnectionStatus, error) {
	method, query, segments := http.MethodPost, make(url.Values), []string{"connections", provider, name, change.Do}
	if change.Do == ConnectionDisconnect {
		method, segments = http.MethodDelete, segments[:3]
	}
	if change.Erase {
		query.Set("erase", "true")
	}
	if !change.Since.IsZero() {
		query.Set("since", change.Since.UTC().Format(time.RFC3339Nano))
	}
	var changed schemas.ConnectionStatus
	err := c.patient(connectPatience).call(ctx, method, &changed, query, nil, org, segments...)
	return changed, named(refused(err), "connection", provider+"/"+name)
}

// refused gives a refusal back as what it was on the other side.
func refused(err error) error {
	r, ok := errors.AsType[*refusedError](err)
	if !ok || !slices.Contains(refusals, r.p.Status) && r.p.Step == "" {
		return err
	}
	return &ConnectionRefused{Code: r.p.Status, Step: r.p.Step, Why: r.p.Detail}
}
