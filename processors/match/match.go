// Package match finds out which customers a meeting is about: a stream-table
// join of meetings with the directory of companies and end users.
//
// The links of a meeting are a pure function of its latest form and of the
// latest directory, whichever came first. A change in the directory judges the
// meetings again that name an address or a domain it touches, and no others.
package match

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
	"leadline/schemas"
)

// New makes the stage.
func New() stage.Stage {
	return stage.Stage{Name: "match", Inputs: []stage.Input{
		stage.On(schemas.NormalizedMeetings, onMeeting),
		stage.On(schemas.Directory, onDirectory),
		stage.On(schemas.Replays, onReplay),
	}}
}

// judge applies the rules and emits the meeting, unless the same was emitted
// last time.
func judge(tx *stage.Tx, org string, m *schemas.Meeting) (changed bool, v verdict, err error) {
	v, err = links(m, customers{tx: tx, org: org})
	if err != nil {
		return false, v, fmt.Errorf("looking up the attendees: %w", err)
	}
	digest, err := v.digest(tx.Codec(), m)
	if err != nil {
		return false, v, err
	}
	published := key(org, sortPublished, m.ID)
	last, _, err := tx.Get(published)
	if err != nil || bytes.Equal(last, digest) {
		return false, v, err
	}
	tx.Set(published, digest)
	return true, v, stage.Emit(tx, schemas.MatchedMeetings, m.ID, &schemas.MatchedMeeting{
		Meeting: *m, State: string(v.state), Reason: v.reason, Links: v.links, OwnDomains: v.own,
	}, kgo.RecordHeader{Key: schemas.HeaderSource, Value: []byte(m.Source)})
}

// digest is over everything that those behind can see, except how the content
// reached us: the same content by another way is no news.
func (v verdict) digest(codec *schemas.Codec, m *schemas.Meeting) ([]byte, error) {
	content := *m
	content.Connection, content.Source, content.ReceivedAt = "", "", time.Time{}
	raw, err := schemas.Encode(codec, schemas.NormalizedMeetings, &content)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	write := func(parts ...string) {
		for _, p := range parts { // with its length, or "ab","c" would be "a","bc"
			h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(p)))) //nolint:gosec // parts are far below 4 GiB
			h.Write([]byte(p))
		}
	}
	write(string(raw), string(v.state), v.reason, strings.Join(v.own, " "))
	for _, l := range v.links {
		write(optional(l.CompanyID), optional(l.EndUserID), l.Attendee, l.Rule, l.Matched)
	}
	return h.Sum(nil), nil
}

// optional keeps nothing and an empty text apart.
func optional(s *string) string {
	if s == nil {
		return ""
	}
	return "=" + *s
}

// summary is for the meeting's progress.
func (v verdict) summary() string {
	if v.state != schemas.StateMatched {
		return string(v.state) + ": " + v.reason
	}
	companies := make(map[string]bool)
	people := make(map[string]bool)
	for _, l := range v.links {
		if l.CompanyID != nil {
			companies[*l.CompanyID] = true
		}
		if l.EndUserID != nil {
			people[*l.EndUserID] = true
		}
	}
	return fmt.Sprintf("%s: companies %d, end users %d", v.state, len(companies), len(people))
}
