// Package index cuts a distilled meeting into what stores hold: one row and its
// searchable entries, under one version that only rises.
package index

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"leadline/processors/stage"
	"leadline/schemas"
)

// New is the stage from schemas.DistilledMeetings to schemas.MeetingRows and
// schemas.KnowledgeEntries. Its state holds a ledger per meeting.
func New() stage.Stage {
	return stage.Stage{Name: "index", Inputs: []stage.Input{stage.On(schemas.DistilledMeetings, apply)}}
}

func apply(_ context.Context, r stage.Record[schemas.DistilledMeeting], tx *stage.Tx) error {
	name, err := identify(r)
	if err != nil {
		return schemas.Reject(schemas.ReasonInvalid, err)
	}
	before, err := readLedger(tx, r.Key)
	if err != nil {
		return err
	}
	var edition edition
	if r.Value != nil {
		if edition, err = render(name, r.Value); err != nil {
			return schemas.Reject(schemas.ReasonInvalid, err)
		}
	}
	digest, encoded, err := edition.digest(tx.Codec())
	if err != nil {
		return err
	}
	// A meeting that was never seen and one that is gone have the digest of
	// nothing, so that removing them again changes nothing either.
	if digest == before.digest {
		return tx.Report(r.Key, schemas.OutcomeDuplicate, "")
	}
	after := ledger{version: before.version + 1, digest: digest, counts: edition.counts}
	if err := publish(tx, name, edition, encoded, before, after); err != nil {
		return err
	}
	tx.Set(r.Key, after.append(nil))
	return tx.Report(r.Key, schemas.OutcomeDone, fmt.Sprintf("version %d, %d entries", after.version, len(edition.entries)))
}

// publish emits the row, all entries and the tombstones of the entries that the
// version before had and this one has not. Entries that did not change are
// emitted too: a store that holds exactly one version of a meeting needs no
// rule for mixing two.
func publish(tx *stage.Tx, name identity, e edition, encoded [][]byte, before, after ledger) error {
	version := schemas.VersionHeader(after.version)
	if err := stage.Emit(tx, schemas.MeetingRows, name.meeting, e.row, version); err != nil {
		return err
	}
	for i := range e.entries {
		key := schemas.EntryKey(name.meeting, e.entries[i].ID)
		if err := stage.EmitEncoded(tx, schemas.KnowledgeEntries.Spec, key, encoded[i], version); err != nil {
			return err
		}
	}
	for _, id := range before.without(after, name) {
		if err := stage.Emit(tx, schemas.KnowledgeEntries, schemas.EntryKey(name.meeting, id), nil, version); err != nil {
			return err
		}
	}
	return nil
}

// identity is a MeetingID and its parts.
type identity struct {
	meeting, org, provider, recording string
}

// identify checks that the parts can stand in the ids of entries.
func identify(r stage.Record[schemas.DistilledMeeting]) (identity, error) {
	id := identity{meeting: r.Key}
	var err error
	if id.org, id.provider, id.recording, err = schemas.SplitMeetingID(r.Key); err != nil {
		return id, fmt.Errorf("record key: %w", err)
	}
	for what, part := range map[string]string{"recorder": id.provider, "recording": id.recording} {
		if err := schemas.CheckSegment(what, part); err != nil {
			return id, fmt.Errorf("record key: %w", err)
		}
	}
	if r.Value != nil && r.Value.Matched.Meeting.ID != r.Key {
		return id, fmt.Errorf("meeting %.140q under the key %.140q", r.Value.Matched.Meeting.ID, r.Key)
	}
	return id, nil
}

// edition is one version of a meeting as stores hold it; the zero edition is
// that of a meeting that is gone.
type edition struct {
	row     *schemas.MeetingRow
	entries []schemas.Entry
	counts  counts
}

// digest is over all that would be emitted but the time of receipt: a meeting
// that is only received again is no new version. The entries are returned as they
// were encoded for it.
func (e edition) digest(codec *schemas.Codec) (sum [sha256.Size]byte, entries [][]byte, err error) {
	if e.row == nil {
		return sum, nil, nil
	}
	row := *e.row
	row.ReceivedAt = time.UnixMilli(0)
	raw, err := schemas.Encode(codec, schemas.MeetingRows, &row)
	if err != nil {
		return sum, nil, err
	}
	h := sha256.New()
	write := func(raw []byte) {
		h.Write(binary.AppendUvarint(nil, uint64(len(raw))))
		h.Write(raw)
	}
	write(raw)
	entries = make([][]byte, len(e.entries))
	for i := range e.entries {
		if entries[i], err = schemas.Encode(codec, schemas.KnowledgeEntries, &e.entries[i]); err != nil {
			return sum, nil, err
		}
		write(entries[i])
	}
	return [sha256.Size]byte(h.Sum(nil)), entries, nil
}
