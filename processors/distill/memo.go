package distill

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"leadline/processors/stage"
	"leadline/schemas"
)

// memo is where the answer for a meeting's content is kept: under the meeting,
// so that it goes with it, and under a hash of all that the answer depends on.
// A meeting without a content hash has none.
func memo(m *schemas.MatchedMeeting, distiller string) string {
	if len(m.Meeting.ContentHash) == 0 {
		return ""
	}
	h := sha256.New()
	for _, part := range append([]string{string(m.Meeting.ContentHash), distiller}, m.Own()...) {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))) //nolint:gosec // names and hashes
		h.Write([]byte(part))
	}
	return memos(m.Meeting.ID) + hex.EncodeToString(h.Sum(nil))
}

// memos is the prefix of all that is kept for a meeting. A meeting's id has
// exactly three segments, so no other meeting's keys start with it.
func memos(meetingID string) string { return meetingID + "/" }

func recall(tx *stage.Tx, key string) ([]schemas.Distillate, bool, error) {
	if key == "" {
		return nil, false, nil
	}
	raw, found, err := tx.Get(key)
	if err != nil || !found {
		return nil, false, err
	}
	kept, err := schemas.Decode(tx.Codec(), schemas.DistilledMeetings, raw)
	if err != nil {
		return nil, false, fmt.Errorf("decoding what was distilled before: %w", err)
	}
	return kept.Distillates, true, nil
}

// remember keeps the answer as a DistilledMeeting without its meeting: the
// registered schema lets later builds read it.
func remember(tx *stage.Tx, key, distiller string, d []schemas.Distillate) error {
	if key == "" {
		return nil
	}
	raw, err := schemas.Encode(tx.Codec(), schemas.DistilledMeetings, &schemas.DistilledMeeting{Distiller: distiller, Distillates: d})
	if err != nil {
		return err
	}
	tx.Set(key, raw)
	return nil
}

func forget(tx *stage.Tx, meetingID string) error {
	var keys []string
	err := tx.Scan(memos(meetingID), func(key string, _ []byte) error {
		keys = append(keys, key)
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range keys {
		tx.Delete(k)
	}
	return nil
}
