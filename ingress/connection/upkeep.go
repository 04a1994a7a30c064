package connection

import (
	"context"
	"errors"
	"hash/fnv"
	"time"

	"leadline/schemas"
)

// lookEvery is how soon Upkeep sees what it was asked for.
const lookEvery = time.Second

// Upkeep does what connections need now and then, in a process that may call recorders. One that is due is taken up by
// every process that runs it, so the work may be done twice, which changes nothing.
type Upkeep struct {
	Connector *Connector
	Table     *Table
	Eraser    Eraser        // nil: nothing is erased here
	Every     time.Duration // how often a webhook that should be gone is tried again; an hour

	slots map[string]int64 // connection id -> the last interval that was used
}

// Run works until ctx ends, and then returns nil.
func (u *Upkeep) Run(ctx context.Context) error {
	if u.Every == 0 {
		u.Every = time.Hour
	}
	if err := u.Table.Ready(ctx); err != nil {
		return nil
	}
	u.slots = make(map[string]int64)
	for ctx.Err() == nil {
		for _, c := range u.Table.All() {
			u.look(ctx, c)
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(u.Every/4, lookEvery)):
		}
	}
	return nil
}

// look does what a connection needs at this moment.
func (u *Upkeep) look(ctx context.Context, c schemas.Connection) {
	id := schemas.ConnectionID(c.Org, c.Provider, c.Name)
	if erasing(c) && u.Eraser != nil {
		if err := u.erase(ctx, c); err != nil && ctx.Err() == nil {
			u.Connector.failed.Inc()
			u.Connector.options.Log.Warn("connection could not be erased yet", "connection", id, "err", err)
		}
	}
	slot := u.slot(id, time.Now())
	last, known := u.slots[id]
	u.slots[id] = slot
	// Whoever leaked the webhook has tried a moment ago; a process that starts waits its turn.
	if c.Leaked == "" || len(c.SealedAPIKey) == 0 || !known || slot == last {
		return
	}
	err := u.Connector.Retire(ctx, c, nil)
	if _, left := errors.AsType[*LeakedWebhooks](err); err != nil && !left && ctx.Err() == nil {
		u.Connector.failed.Inc()
		u.Connector.options.Log.Warn("leaked webhook could not be looked after", "connection", id, "err", err)
	}
}

// slot numbers the intervals of a connection, whose beginnings are spread by its name.
func (u *Upkeep) slot(id string, t time.Time) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	spread := time.Duration(h.Sum64() % uint64(u.Every)) //nolint:gosec // Run makes it positive
	return t.Add(spread).UnixNano() / int64(u.Every)
}
