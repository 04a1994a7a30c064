package poller

import (
	"fmt"
	"hash/fnv"
	"time"

	"leadline/schemas"
)

// readAlways is how young a meeting is that every run reads.
const readAlways = 24 * time.Hour

// spared says which meetings a run may leave out. Hourly runs list two weeks, and a recorder that wants several calls for
// each meeting would be asked for each of them 336 times, which is more than a day's calls allow. So a run that only
// overlaps reads the meetings of the last day and, of those that an earlier run of this account has listed, each once a
// day. nil: the run reads all.
func (p *Poller) spared(r run, at cursor, c schemas.Connection) func(recording string, createdAt time.Time) bool {
	// What was connected, resumed or asked for by hand reads all, also where a tick goes on with it.
	overlaps := r.source == schemas.SyncCron && !at.torn && !at.Through.IsZero() && !r.since.Before(at.Through.Add(-p.Overlap))
	if !overlaps || at.Through.Before(c.ConnectedAt) {
		return nil
	}
	runs := max(1, int64(readAlways/p.Interval))
	turn, day := r.id.UnixNano()/int64(p.Interval)%runs, r.id.Unix()/int64(readAlways/time.Second)
	return func(recording string, createdAt time.Time) bool {
		if !createdAt.Before(at.Through.Add(-readAlways)) {
			return false
		}
		// Another turn each day: a run that takes two hours would never come to every other one.
		h := fnv.New64a()
		_, _ = fmt.Fprintf(h, "%s %d", recording, day)
		return h.Sum64()%uint64(runs) != uint64(turn) //nolint:gosec // neither is negative
	}
}
