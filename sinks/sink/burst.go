package sink

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// burstError says that record after record can not be stored: the fault is then
// with the store, whose tables or mapping somebody has changed, or with this
// version, and going on would drain the topic into dead letters.
type burstError struct{ letters, most int }

func (e *burstError) Error() string {
	return fmt.Sprintf("%d records in a row would be dead letters, of at most %d", e.letters, e.most)
}

// row is how many dead letters there were one after the other. Those of one
// origin, a meeting or an organisation's directory, count once: a meeting that the
// store refuses has hundreds of entries, and holds up nobody else.
type row struct {
	letters int
	origin  string // of the last
}

// outcome is whether a record became a dead letter.
type outcome struct {
	origin string
	dead   bool
}

// outcomes are those of the batch in the order of its records. A record that a
// later one of its key has replaced has none.
func (c *cargo[T]) outcomes(by schemas.Partitioning) []outcome {
	if len(c.dead) == 0 && len(c.stored) > 0 {
		return []outcome{{}}
	}
	dead := make(map[*kgo.Record]bool, len(c.records))
	for _, rec := range c.stored {
		dead[rec] = false
	}
	for _, l := range c.dead {
		dead[l.record] = true
	}
	var all []outcome
	for _, rec := range c.records {
		if dead, known := dead[rec]; known {
			all = append(all, outcome{string(schemas.PartitionKey(by, rec.Key)), dead})
		}
	}
	return all
}

// after is the row at the end of the outcomes, and the longest on the way there.
func (r row) after(all []outcome) (end row, longest int) {
	end = r
	for _, o := range all {
		switch {
		case !o.dead:
			end = row{}
		case end.letters == 0 || o.origin != end.origin:
			end = row{end.letters + 1, o.origin}
			longest = max(longest, end.letters)
		}
	}
	return end, longest
}

// halt does nothing until the process is told to stop. The batch is not
// committed, so whatever is started next begins with it; its place in the group
// is kept, so that its lag shows.
func (r *running[T]) halt(ctx context.Context) {
	halted := r.Metrics.halted.WithLabelValues(r.Name)
	halted.Set(1)
	defer halted.Set(0)
	r.Log.Error("sink has halted: mend the store and start again, or start with LEADLINE_DEAD_LETTERS_IN_A_ROW=0 to let the records become dead letters",
		"err", r.burst)
	<-ctx.Done()
}
