package schemas

import (
	"strings"
	"time"
)

// Call says which recordings are of one call. All but the canonical one are
// StateGrouped: kept, and shown by it alone.
type Call struct {
	Canonical string `avro:"canonical"` // the MeetingID of the recording that stands for the call
	// Recordings are, in the canonical one, the others, by rising id; in another,
	// the canonical one.
	Recordings []Recording `avro:"recordings"`
	// People are those whom the others name, for the canonical one's attendees; a
	// MeetingRow has them there and none here.
	People []Invitee `avro:"people"`
}

// Recording is one of the same call, and why it is.
type Recording struct {
	MeetingID string `avro:"meeting_id"`
	Evidence  string `avro:"evidence"` // one of the Evidences
	// Shared is what both have: the conference room, or addresses of attendees.
	Shared []string `avro:"shared"`
}

// Evidences that two recordings are of one call.
const (
	EvidenceHand      = "hand"      // a SameCall
	EvidenceRoom      = "room"      // they overlap in one conference room
	EvidenceAttendees = "attendees" // they overlap, and people from outside were in both
)

// SameCall is a person's word on whether two recordings are of one call. It wins
// over the rule for as long as it stands; removing it restores that.
type SameCall struct {
	MeetingID string    `avro:"meeting_id"` // the lesser of both
	OtherID   string    `avro:"other_id"`
	Same      bool      `avro:"same"` // false: they are two calls, whatever the rule says
	By        string    `avro:"by"`   // who said so, for people
	At        time.Time `avro:"at"`
}

// SameCallID is the id of a SameCall, so that there is one for two recordings:
// recorder/recording/recorder/recording, the lesser first.
func SameCallID(s *SameCall) string {
	_, one, _ := strings.Cut(s.MeetingID, "/")
	_, other, _ := strings.Cut(s.OtherID, "/")
	if one == "" || other == "" {
		return ""
	}
	return one + "/" + other
}
