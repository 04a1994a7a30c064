package tail

import (
	"context"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// lookVersions is how many rows of a meeting's partition are gone through.
const lookVersions = 5000

// Version is a meeting as it was once.
type Version struct {
	Number uint64
	At     time.Time           // when it was made
	Row    *schemas.MeetingRow // nil: the meeting was erased
}

// Versions are those of a meeting that its topic still has, newest first. It is
// compacted: what is old goes, the latest never does.
func (r *Reader) Versions(ctx context.Context, meeting string) ([]Version, error) {
	var all []Version
	var failed error
	err := r.tail(ctx, []string{schemas.MeetingRows.Name}, meeting, lookVersions, func(record *kgo.Record) {
		if string(record.Key) != meeting {
			return
		}
		v := Version{At: record.Timestamp.UTC()}
		v.Number, _ = schemas.VersionOf(record) // of one that says none it is 0
		if record.Value != nil {
			row, err := schemas.Decode(r.Codec, schemas.MeetingRows, record.Value)
			if err != nil {
				failed = err
				return
			}
			v.Row = row
		}
		all = append(all, v)
	})
	slices.Reverse(all)
	if err == nil && len(all) == 0 {
		err = failed
	}
	return all, err
}
