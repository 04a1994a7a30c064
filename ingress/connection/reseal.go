package connection

import (
	"context"
	"fmt"
	"slices"

	"leadline/schemas"
)

// Reseal seals the secrets of all connections with the primary key, and returns how many it changed. Called again after
// an error it goes on with the rest.
func (c *Connector) Reseal(ctx context.Context, primary uint32) (changed int, err error) {
	if err := c.table.CatchUp(ctx); err != nil {
		return 0, err
	}
	for _, of := range c.table.All() {
		if ids := SealedWith(of); len(ids) == 0 || slices.Equal(ids, []uint32{primary}) {
			continue
		}
		_, err := c.change(ctx, of.Org, of.Provider, of.Name, func(now *schemas.Connection) (*schemas.Connection, *schemas.SyncRequested, error) {
			if now == nil {
				return nil, nil, nil
			}
			after := *now
			for _, field := range []struct {
				sealed *[]byte
				name   string
			}{{&after.SealedAPIKey, fieldAPIKey}, {&after.SealedSecret, fieldWebhookSecret}} {
				if len(*field.sealed) == 0 {
					continue
				}
				plain, err := c.sealer.Open(*field.sealed, sealContext(after, field.name))
				if err != nil {
					return nil, nil, err
				}
				if *field.sealed, err = c.sealer.Seal(plain, sealContext(after, field.name)); err != nil {
					return nil, nil, err
				}
			}
			return &after, nil, nil
		})
		if err != nil {
			return changed, fmt.Errorf("sealing %s anew: %w", schemas.ConnectionID(of.Org, of.Provider, of.Name), err)
		}
		changed++
	}
	return changed, nil
}
