package normalize

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
	"leadline/schemas"
)

// erase takes a meeting back. What stays is when that was: a record of the
// meeting that was received before and is read after, as in a replay or when two
// processes write, must not bring it back.
func erase(r *kgo.Record, provider string, tx *stage.Tx) error {
	origin := schemas.OriginOf(r)
	id, err := named(r, provider)
	if err != nil {
		return err
	}
	known, found, err := recall(tx, id)
	if err != nil {
		return err
	}
	gone := observation{erased: true, received: origin.Received.UnixMilli()}
	if found && known.received > gone.received {
		return tx.Report(id, schemas.OutcomeStale, "received again since it was erased")
	}
	tx.Set(id, gone.append(nil))
	tx.Delete(presenceKey(id))
	if !found || known.erased {
		return tx.Report(id, schemas.OutcomeDuplicate, "there was nothing to erase")
	}
	if err := stage.Emit[schemas.Meeting](tx, schemas.NormalizedMeetings, id, nil); err != nil {
		return err
	}
	return tx.Report(id, schemas.OutcomeDone, "erased")
}
