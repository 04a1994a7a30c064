package stage

import (
	"context"
	"fmt"
)

// burstError says that record after record was rejected: the fault is then with
// this version or with who writes the topic, and going on would drain the topic
// into dead letters.
type burstError struct{ letters, most int }

func (e *burstError) Error() string {
	return fmt.Sprintf("%d records in a row would be dead letters, of at most %d", e.letters, e.most)
}

// burst returns how many records in a row have been rejected at the end of the
// work, where before had been at its beginning, and the longest such row.
func burst(before int, work []*portion) (after, longest int) {
	after = before
	for _, w := range work {
		for _, rejected := range w.outcomes {
			if !rejected {
				after = 0
				continue
			}
			after++
			longest = max(longest, after)
		}
	}
	return after, longest
}

// halt does nothing until the process is told to stop. The batch is not
// committed, so whatever is started next begins with it.
func (l *Loop) halt(ctx context.Context, why *burstError) {
	halted := l.Metrics.halted.WithLabelValues(l.Stage.Name)
	halted.Set(1)
	defer halted.Set(0)
	l.Log.Error("stage has halted: mend what rejects the records and start again, or start with LEADLINE_DEAD_LETTERS_IN_A_ROW=0 to let them become dead letters",
		"stage", l.Stage.Name, "err", why)
	<-ctx.Done()
}
