// Package burst halts whatever makes dead letters of record after record: the
// fault is then with this version, with who writes the topic or with a store that
// somebody has changed, and going on would drain the topic into dead letters.
package burst

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// Row is how many dead letters there were one after the other.
type Row int

// After returns the row at the end of a batch, of each of whose records dead
// says whether it would be a dead letter. *Error says that there were more in a
// row than most, of which 0 is no limit: none of the batch is to be committed.
func (r Row) After(dead iter.Seq[bool], most int) (Row, error) {
	longest := Row(0)
	for d := range dead {
		if !d {
			r = 0
			continue
		}
		r++
		longest = max(longest, r)
	}
	if most > 0 && int(longest) > most {
		return r, &Error{int(longest), most}
	}
	return r, nil
}

// Error is a row that was too long.
type Error struct{ letters, most int }

func (e *Error) Error() string {
	return fmt.Sprintf("%d records in a row would be dead letters, of at most %d", e.letters, e.most)
}

// Halt does nothing until the process is told to stop, and shows it. The batch
// is not committed, so whatever is started next begins with it.
func (e *Error) Halt(ctx context.Context, halted prometheus.Gauge, log *slog.Logger) {
	halted.Set(1)
	defer halted.Set(0)
	log.Error("halted: mend what rejects the records, or the store, and start again, or start with LEADLINE_DEAD_LETTERS_IN_A_ROW=0 to let them become dead letters",
		"err", e)
	<-ctx.Done()
}
