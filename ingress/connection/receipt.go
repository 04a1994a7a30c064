package connection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"leadline/schemas"
)

// Receipt says what an erasure has removed where.
type Receipt struct {
	AskedAt  time.Time `json:"asked_at"`
	DoneAt   time.Time `json:"done_at"`
	Meetings int       `json:"meetings"` // that the connection had brought and that are gone
	Kept     int       `json:"kept"`     // that another connection of the organisation brought as well
	// Tombstones are the records that say so, by topic: compacted topics drop what was there before.
	Tombstones map[string]int `json:"tombstones"`
	// Stores are the keys that each store has been told to remove and has confirmed, by its consumer group.
	Stores map[string]int `json:"stores"`
	// Pending is what was not seen to be gone in time; empty when all is.
	Pending []string `json:"pending"`
	// Remaining are the records that still hold something, by topic: they go with the topic's retention.
	Remaining map[string]int `json:"remaining"`
	// Unreadable are raw records of the connection that name no recording, and so belong to no meeting.
	Unreadable int `json:"unreadable"`
}

// ErrErasing says that what an earlier connection of that name brought is still being erased.
var ErrErasing = errors.New("what this connection brought before is still being erased")

func erasing(c schemas.Connection) bool { return c.EraseAskedAt != nil && c.Receipt == "" }

// Eraser removes what came by a connection from every topic and store. It is called by Upkeep, once for each request and
// again after an error or a crash: what is gone already is counted as gone.
type Eraser interface {
	Erase(ctx context.Context, c schemas.Connection) (Receipt, error)
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
func receiptOf(c schemas.Connection) *Receipt {
	if c.Receipt == "" {
		return nil
	}
	r := new(Receipt)
	if json.Unmarshal([]byte(c.Receipt), r) != nil {
		return nil // another build's; what it says is in the topic
	}
	return r
}
