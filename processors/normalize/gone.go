package normalize

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
	"leadline/schemas"
)

// presence is when a meeting's recorder was last seen to have it and not to have
// it, in milliseconds since 1970; 0 is never. Both only rise, so that the order
// in which records arrive does not matter.
type presence struct{ there, gone int64 }

// goneAt is when the recording was found to be gone; nil while it is there.
func (p presence) goneAt() *time.Time {
	if p.gone <= p.there {
		return nil
	}
	return new(time.UnixMilli(p.gone).UTC())
}

// The presence has a key of its own beside the observation: earlier builds read
// the one as it is and do not know the other.
func presenceKey(id string) string { return id + "/presence" }

func presenceOf(tx *stage.Tx, id string) (p presence, err error) {
	raw, found, err := tx.Get(presenceKey(id))
	if err == nil && found && len(raw) != 16 {
		err = errors.New("not a presence")
	}
	if err != nil {
		return p, fmt.Errorf("reading whether %s is at its recorder: %w", id, err)
	}
	if found {
		p.there = int64(binary.BigEndian.Uint64(raw))    //nolint:gosec // two's complement, both ways
		p.gone = int64(binary.BigEndian.Uint64(raw[8:])) //nolint:gosec // two's complement, both ways
	}
	return p, nil
}

func (p presence) keep(tx *stage.Tx, id string) {
	raw := binary.BigEndian.AppendUint64(nil, uint64(p.there))                  //nolint:gosec // two's complement, both ways
	tx.Set(presenceKey(id), binary.BigEndian.AppendUint64(raw, uint64(p.gone))) //nolint:gosec // two's complement, both ways
}

// readNow notes that a meeting was read from its recorder, and returns whether
// that ended its being gone. A delivery proves nothing: it may be late. Only Zoom
// tells of what is gone.
func readNow(tx *stage.Tx, m *schemas.Meeting) (back bool, err error) {
	if m.Provider != schemas.Zoom {
		return false, nil
	}
	was, err := presenceOf(tx, m.ID)
	if err != nil {
		return false, err
	}
	now := was
	if m.Source != string(schemas.SourceWebhook) {
		now.there = max(now.there, m.ReceivedAt.UnixMilli())
	}
	if now != was {
		now.keep(tx, m.ID)
	}
	m.GoneAt = now.goneAt()
	return was.goneAt() != nil && m.GoneAt == nil, nil
}

// leave marks a meeting whose recording is not at the recorder any more. All that
// is known of it stays.
func leave(r *kgo.Record, provider string, tx *stage.Tx) error {
	origin := schemas.OriginOf(r)
	id, err := named(r, provider)
	if err != nil {
		return err
	}
	was, err := presenceOf(tx, id)
	if err != nil {
		return err
	}
	known, found, err := recall(tx, id)
	if err != nil {
		return err
	}
	now := was
	now.gone = max(now.gone, origin.Received.UnixMilli())
	if now != was {
		now.keep(tx, id)
	}
	switch {
	case now.goneAt() == nil:
		return tx.Report(id, schemas.OutcomeStale, "read from the recorder since")
	case !found || known.erased:
		return tx.Report(id, schemas.OutcomeDuplicate, "there was nothing to mark as gone")
	case was.goneAt() != nil:
		return tx.Report(id, schemas.OutcomeDuplicate, "known to be gone")
	}
	if err := mark(tx, id, now.goneAt()); err != nil {
		return err
	}
	return tx.Report(id, schemas.OutcomeDone, "not at the recorder any more")
}

// mark tells of the presence alone. A build that knows no marks refuses such a
// record, since it has another id than its key.
func mark(tx *stage.Tx, id string, goneAt *time.Time) error {
	org, provider, recording, err := schemas.SplitMeetingID(id)
	if err != nil {
		return err
	}
	return stage.Emit(tx, schemas.NormalizedMeetings, id, &schemas.Meeting{Org: org, Provider: provider, RecordingID: recording, GoneAt: goneAt})
}

// named is the meeting that a record without a body names by its headers.
func named(r *kgo.Record, provider string) (id string, err error) {
	origin := schemas.OriginOf(r)
	if err := checkOrg(r, origin.Org); err != nil {
		return "", err
	}
	err = errors.Join(schemas.CheckSegment("recorder", provider), schemas.CheckSegment("recording", origin.Recording))
	if err != nil {
		return "", schemas.Reject(schemas.ReasonInvalid, err)
	}
	return schemas.MeetingID(origin.Org, provider, origin.Recording), nil
}
