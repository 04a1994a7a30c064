package token

import (
	"context"
	"sync"
	"time"

	"leadline/schemas"
)

const (
	// coarse is how exact the last use is: one record an hour and token,
	// however many requests there are.
	coarse = time.Hour

	// noteEvery is how long a use may be lost when the process is killed.
	noteEvery = time.Minute

	noteTime = 10 * time.Second
)

// note remembers a use that is not written yet.
func (b *Book) note(r schemas.TokenRecord, now time.Time) {
	hour := now.UTC().Truncate(coarse)
	key := schemas.TokenKey(r.Org, schemas.SortUse, r.ID)
	if use, ok := b.table.Get(key); ok && !use.UsedAt.Before(hour) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used[key] = schemas.TokenRecord{Org: r.Org, ID: r.ID, UsedAt: &hour}
}

// Run follows the tokens and writes when they were used, until ctx ends; then
// it returns nil.
func (b *Book) Run(ctx context.Context) error {
	var noting sync.WaitGroup
	defer noting.Wait()
	noting.Go(func() {
		tick := time.NewTicker(noteEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				b.flush(ctx)
			}
		}
	})
	return b.table.Run(ctx)
}

// flush writes the uses. What cannot be written is noted again with the next
// request; only the hour of a use is at stake, so nobody is held up for it.
func (b *Book) flush(ctx context.Context) {
	b.mu.Lock()
	used := b.used
	b.used = make(map[string]schemas.TokenRecord)
	b.mu.Unlock()
	records := make(map[string]*schemas.TokenRecord)
	for key, use := range used {
		// Revoked meanwhile: its use would stay for ever.
		if _, ok := b.table.Get(schemas.TokenKey(use.Org, schemas.SortToken, use.ID)); ok {
			records[key] = &use
		}
	}
	if len(records) == 0 {
		return
	}
	once, cancel := context.WithTimeout(ctx, noteTime)
	defer cancel()
	if err := b.table.Produce(once, records); err != nil && ctx.Err() == nil {
		b.failed.Inc()
		b.options.Log.Warn("writing when tokens were used", "err", err)
	}
}
