package connection

import (
	"context"
	"fmt"

	"leadline/schemas"
)

// Disconnect ends a connection: from now on nothing is polled, and deliveries get 410. Then it deletes the webhook and
// drops the key. Where that fails the error is a *LeakedWebhooks, and the connection has ended all the same. One that does
// not exist, or has ended, is no error.
//
// With erase, what came by the connection is erased as well, of one that has ended long ago too. Upkeep does that, and
// leaves a receipt in the connection.
func (c *Connector) Disconnect(ctx context.Context, org, provider, name string, erase bool) error {
	var ended *schemas.Connection
	_, err := c.change(ctx, org, provider, name, func(before *schemas.Connection) (*schemas.Connection, *schemas.SyncRequested, error) {
		if before == nil || before.DisconnectedAt != nil && !erase {
			return nil, nil, nil
		}
		at, after := now(), *before
		if erase {
			after.EraseAskedAt, after.Receipt = &at, ""
		}
		if before.DisconnectedAt != nil {
			return &after, nil, nil
		}
		after.DisconnectedAt, after.Ingest, after.SealedSecret = &at, false, nil
		after.WebhookID, after.Leaked = "", unwanted(*before)
		if after.Leaked == "" {
			after.SealedAPIKey = nil
		}
		ended = &after
		return ended, nil, nil
	})
	if err != nil {
		return fmt.Errorf("disconnecting: %w", err)
	}
	if ended == nil {
		return nil
	}
	return c.Retire(ctx, *ended, nil)
}
