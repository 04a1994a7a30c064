package distill

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"leadline/processors/stage"
	"leadline/schemas"
)

// memo names an answer by all that it depends on: the content, who is on which
// side, the distiller with its prompt, and the rules that a distiller sees. A
// keyword that is added costs nothing.
func memo(m *schemas.MatchedMeeting, rules schemas.RuleSet, distiller string) string {
	h := sha256.New()
	write := func(part string) { // with its length, or "ab","c" would be "a","bc"
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))) //nolint:gosec // names, hashes and rules
		h.Write([]byte(part))
	}
	write(string(m.Meeting.ContentHash))
	write(distiller)
	for _, d := range m.Own() {
		write(d)
	}
	if !m.HostIsOurs() { // said only where it is so: what was paid for before stays remembered
		write("the host is outside")
	}
	write(byWordsVersion)
	for _, r := range rules.Rules {
		if r.Type != schemas.RuleKeyword {
			write(r.ID)
			write(r.Type)
			write(r.Text)
			write(r.Focus)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// memos is the prefix of all that is kept for a meeting. A meeting's id has
// exactly three segments, so no other meeting's keys start with it.
func memos(meetingID string) string { return meetingID + "/" }

// recall returns the outcome that is kept under the memo, without its meeting.
// A meeting without a content hash has none.
func recall(tx *stage.Tx, m *schemas.MatchedMeeting, memo string) (*schemas.DistilledMeeting, error) {
	if len(m.Meeting.ContentHash) == 0 {
		return nil, nil
	}
	raw, found, err := tx.Get(memos(m.Meeting.ID) + memo)
	if err != nil || !found {
		return nil, err
	}
	kept, err := schemas.Decode(tx.Codec(), schemas.DistilledMeetings, raw)
	if err != nil {
		return nil, fmt.Errorf("decoding what was distilled before: %w", err)
	}
	return kept, nil
}

// remember keeps the outcome as a DistilledMeeting without its meeting: the
// registered schema lets later builds read it.
func remember(tx *stage.Tx, m *schemas.MatchedMeeting, memo string, out *schemas.DistilledMeeting) error {
	if len(m.Meeting.ContentHash) == 0 {
		return nil
	}
	bare := *out
	bare.Matched = schemas.MatchedMeeting{}
	raw, err := schemas.Encode(tx.Codec(), schemas.DistilledMeetings, &bare)
	if err != nil {
		return err
	}
	tx.Set(memos(m.Meeting.ID)+memo, raw)
	return nil
}

// forget drops all that is kept of a meeting, and takes back what was told of it.
func forget(tx *stage.Tx, meetingID string) error {
	if err := settlePending(tx, meetingID); err != nil {
		return err
	}
	var keys []string
	err := tx.Scan(memos(meetingID), func(key string, _ []byte) error {
		keys = append(keys, key)
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := untell(tx, meetingID, k); err != nil {
			return err
		}
		tx.Delete(k)
	}
	return nil
}
