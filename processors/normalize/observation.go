package normalize

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"leadline/schemas"
)

// observation is what decides between two contents of one meeting.
type observation struct {
	fullness byte  // see fullnessOf
	listed   bool  // read from the recorder, not delivered by webhook
	received int64 // milliseconds since 1970
	hash     [sha256.Size]byte
	// erased is an observation of nothing: the meeting was gone at received.
	erased bool
}

func observe(m schemas.Meeting) observation {
	o := observation{
		fullness: fullnessOf(m),
		listed:   m.Source != string(schemas.SourceWebhook),
		received: m.ReceivedAt.UnixMilli(),
	}
	copy(o.hash[:], m.ContentHash)
	return o
}

// fullnessOf counts a transcript first (4 for an empty one, 8 for turns), a
// summary second (2), and third that Zoom knows who was there (1): it forgets that
// after a while, and the customers would go with it. Fathom never does.
func fullnessOf(m schemas.Meeting) byte {
	var n byte
	if m.HasTranscript {
		n = 4
	}
	if len(m.Turns) > 0 {
		n = 8
	}
	if m.Summary != nil && m.Summary.Markdown != nil && *m.Summary.Markdown != "" {
		n += 2
	}
	if m.Provider == schemas.Zoom && len(m.Invitees) > 0 {
		n++
	}
	return n
}

// newer says whether a's content replaces b's. It is a strict total order, and
// what a stage keeps is the greatest observation so far, so the same set of
// records leaves the same content in whatever order they arrive:
//
//  1. Fuller content wins. A poll can see a recording before its transcript or
//     summary exists, and the webhook that brings them may come later.
//  2. Then a listing wins over a webhook. A webhook fires once, when a recording
//     is finalised; edits are seen by listings only, and a webhook that differs
//     from a listing was delayed, whenever it arrived.
//  3. Then what was received later wins.
//  4. Then the hash decides: two contents of one millisecond have no better
//     order, but they need one.
//
// The price of the first rule: a summary or transcript that somebody removes at
// the recorder stays here.
func newer(a, b observation) bool {
	switch {
	case a.fullness != b.fullness:
		return a.fullness > b.fullness
	case a.listed != b.listed:
		return a.listed
	case a.received != b.received:
		return a.received > b.received
	}
	return bytes.Compare(a.hash[:], b.hash[:]) > 0
}

// String describes the observation to people.
func (o observation) String() string {
	has := [...]string{"without transcript", "with an empty transcript", "with transcript"}[o.fullness/4]
	if o.fullness&2 != 0 {
		has += " and summary"
	}
	by := "webhook"
	if o.listed {
		by = "listing"
	}
	return fmt.Sprintf("content %s, by %s of %s", has, by, time.UnixMilli(o.received).UTC().Format(time.RFC3339))
}

// observationSize is one byte of format, fullness, listed, the time and the hash.
const observationSize = 1 + 1 + 1 + 8 + sha256.Size

// observationFormat is 3. Format 1, which is still read, did not know of
// participants; its fullness was half of today's.
const observationFormat = 3

// erasedFormat is followed by the time alone.
const erasedFormat = 2

func (o observation) append(to []byte) []byte {
	if o.erased {
		return binary.BigEndian.AppendUint64(append(to, erasedFormat), uint64(o.received)) //nolint:gosec // two's complement, both ways
	}
	to = append(to, observationFormat, o.fullness, 0)
	if o.listed {
		to[len(to)-1] = 1
	}
	to = binary.BigEndian.AppendUint64(to, uint64(o.received)) //nolint:gosec // two's complement, both ways
	return append(to, o.hash[:]...)
}

var errObservation = errors.New("not an observation of this format")

func parseObservation(raw []byte) (observation, error) {
	if len(raw) == 1+8 && raw[0] == erasedFormat {
		return observation{erased: true, received: int64(binary.BigEndian.Uint64(raw[1:]))}, nil //nolint:gosec // two's complement, both ways
	}
	if len(raw) != observationSize || raw[0] != observationFormat && raw[0] != 1 || raw[2] > 1 {
		return observation{}, errObservation
	}
	fullness := raw[1]
	if raw[0] == 1 && fullness <= 5 {
		fullness *= 2
	}
	if fullness > 11 {
		return observation{}, errObservation
	}
	o := observation{
		fullness: fullness, listed: raw[2] == 1,
		received: int64(binary.BigEndian.Uint64(raw[3:])), //nolint:gosec // two's complement, both ways
	}
	copy(o.hash[:], raw[observationSize-sha256.Size:])
	return o, nil
}
