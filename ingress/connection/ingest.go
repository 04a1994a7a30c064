package connection

import (
	"context"
	"fmt"
	"time"

	"leadline/schemas"
)

// NotConnected says that there is no such connection.
type NotConnected struct{ Org, Provider, Name string }

func (e *NotConnected) Error() string {
	return fmt.Sprintf("%s has no connection %q to %s", e.Org, e.Name, e.Provider)
}

// SetIngest switches a connection off, so that nothing is polled and deliveries are answered and dropped, or on again,
// which asks for what was missed. Switching twice is once. Errors are *NotConnected or the broker's.
func (c *Connector) SetIngest(ctx context.Context, org, provider, name string, on bool) error {
	_, err := c.change(ctx, org, provider, name, func(before *schemas.Connection) (*schemas.Connection, *schemas.SyncRequested, error) {
		if before == nil || before.DisconnectedAt != nil {
			return nil, nil, &NotConnected{org, provider, name}
		}
		if before.Ingest == on {
			return nil, nil, nil
		}
		after := *before
		after.Ingest = on
		if !on {
			return &after, nil, nil
		}
		return &after, &schemas.SyncRequested{
			Org: org, Provider: provider, Connection: name, Source: schemas.SyncResume, RequestedAt: now(),
		}, nil
	})
	return err
}

// Sync asks for a run from since on; zero is the connection's look-back. One that covers it and is under way is joined.
// Errors are *NotConnected, *Paused or the broker's.
func (c *Connector) Sync(ctx context.Context, org, provider, name string, since time.Time) error {
	_, err := c.change(ctx, org, provider, name, func(before *schemas.Connection) (*schemas.Connection, *schemas.SyncRequested, error) {
		switch {
		case before == nil || before.DisconnectedAt != nil:
			return nil, nil, &NotConnected{org, provider, name}
		case !before.Ingest:
			return nil, nil, &Paused{org, provider, name}
		}
		sync := &schemas.SyncRequested{Org: org, Provider: provider, Connection: name, Source: schemas.SyncManual, RequestedAt: now()}
		if !since.IsZero() {
			since = since.UTC()
			sync.Since = &since
		}
		return nil, sync, nil
	})
	return err
}

// Paused says that the connection's ingest is switched off.
type Paused struct{ Org, Provider, Name string }

func (e *Paused) Error() string {
	return fmt.Sprintf("connection %q of %s to %s is paused: resume it first", e.Name, e.Org, e.Provider)
}
