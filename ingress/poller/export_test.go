package poller

import (
	"time"

	"leadline/schemas"
)

// CrashAt makes the poller end as a kill would.
func (p *Poller) CrashAt(f func(step int) error) { p.crash = f }

// Spared is what a run of that source and time leaves out, after one that was through.
func (p *Poller) Spared(source string, since, id, through, connectedAt time.Time) func(string, time.Time) bool {
	at := cursor{SyncCursor: schemas.SyncCursor{Through: through}}
	return p.spared(run{id: id, source: source, since: since}, at, schemas.Connection{ConnectedAt: connectedAt})
}
