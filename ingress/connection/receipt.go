package connection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"leadline/schemas"
)

// ErrErasing says that what an earlier connection of that name brought is still being erased.
var ErrErasing = errors.New("what this connection brought before is still being erased")

func erasing(c schemas.Connection) bool { return c.EraseAskedAt != nil && c.Receipt == "" }

// Eraser removes what came by a connection from every topic and store. It is called by Upkeep, once for each request and
// again after an error or a crash: what is gone already is counted as gone.
type Eraser interface {
	Erase(ctx context.Context, c schemas.Connection) (schemas.ErasureReceipt, error)
}

// erase has a connection erased and keeps the receipt.
func (u *Upkeep) erase(ctx context.Context, c schemas.Connection) error {
	receipt, err := u.Eraser.Erase(ctx, c)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(receipt)
	if err != nil {
		return fmt.Errorf("encoding the receipt: %w", err)
	}
	_, err = u.Connector.change(ctx, c.Org, c.Provider, c.Name, func(now *schemas.Connection) (*schemas.Connection, *schemas.SyncRequested, error) {
		if now == nil || now.EraseAskedAt == nil || !now.EraseAskedAt.Equal(*c.EraseAskedAt) {
			return nil, nil, errors.New("the connection has changed while it was erased")
		}
		after := *now
		after.Receipt = string(raw)
		return &after, nil, nil
	})
	return err
}

// receiptOf reads the receipt of a connection; nil where there is none.
func receiptOf(c schemas.Connection) *schemas.ErasureReceipt {
	if c.Receipt == "" {
		return nil
	}
	r := new(schemas.ErasureReceipt)
	if json.Unmarshal([]byte(c.Receipt), r) != nil {
		return nil // another build's; what it says is in the topic
	}
	return r
}
