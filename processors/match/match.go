// Package match finds out which customers a meeting is about: a stream-table
// join of meetings with the directory of companies and end users.
//
// The links of a meeting are a pure function of its latest form, of the latest
// directory and of who hosts the organisation's meetings, whichever came first.
// A change judges the meetings again that name an address or a domain it
// touches, and no others; so many of them at a time as fit a transaction.
package match

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
	"leadline/schemas"
)

// New makes the stage.
func New() stage.Stage {
	return stage.Stage{Name: "match", Inputs: []stage.Input{
		// The directory first: of a batch that has both, a meeting is judged once.
		stage.On(schemas.Directory, onDirectory),
		stage.On(schemas.NormalizedMeetings, onMeeting),
		stage.On(schemas.Settling, onSettle),
		stage.On(schemas.Replays, onReplay),
	}}
}

// finding is a meeting with what matching says of it now.
type finding struct {
	Verdict
	matched *schemas.MatchedMeeting
	digest  []byte
	news    bool // it is not what was emitted last
	read    int  // bytes of other recordings of the call
}

func assess(tx *stage.Tx, org string, m *schemas.Meeting) (finding, error) {
	call, read, err := callOf(tx, org, m)
	if err != nil {
		return finding{}, fmt.Errorf("looking up the call: %w", err)
	}
	v, err := judge(m, newView(tx, org), call)
	if err != nil {
		return finding{}, fmt.Errorf("looking up the attendees: %w", err)
	}
	f := finding{Verdict: v, read: read, matched: &schemas.MatchedMeeting{
		Meeting: *m, State: string(v.State), Reason: v.Reason, Links: v.Links, OwnDomains: v.OwnDomains, Matching: &v.Matching, Call: call,
	}}
	if f.digest, err = digest(tx.Codec(), *f.matched); err != nil {
		return finding{}, err
	}
	last, _, err := tx.Get(key(org, sortPublished, m.ID))
	f.news = !bytes.Equal(last, f.digest)
	return f, err
}

// publish emits the meeting. That comes before the state: whoever passes over a
// meeting that does not fit into a record must not find it published.
func (f finding) publish(tx *stage.Tx, org string, more ...kgo.RecordHeader) error {
	m := &f.matched.Meeting
	headers := append([]kgo.RecordHeader{{Key: schemas.HeaderSource, Value: []byte(m.Source)}}, more...)
	if err := stage.Emit(tx, schemas.MatchedMeetings, m.ID, f.matched, headers...); err != nil {
		return err
	}
	tx.Set(key(org, sortPublished, m.ID), f.digest)
	tx.Delete(key(org, sortNews, m.ID))
	return nil
}

// digest is over everything that those behind can see, except how the content
// reached us. What was said is in it by the content's hash.
func digest(codec *schemas.Codec, m schemas.MatchedMeeting) ([]byte, error) {
	m.Meeting = withoutWay(m.Meeting)
	if len(m.Meeting.ContentHash) > 0 {
		m.Meeting.Turns = nil
	}
	raw, err := schemas.Encode(codec, schemas.MatchedMeetings, &m)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}

// summary is for the meeting's progress.
func (v Verdict) summary() string {
	if v.State != schemas.StateMatched {
		return string(v.State) + ": " + v.Reason
	}
	companies := make(map[string]bool)
	people := make(map[string]bool)
	for _, l := range v.Links {
		if l.CompanyID != nil {
			companies[*l.CompanyID] = true
		}
		if l.EndUserID != nil {
			people[*l.EndUserID] = true
		}
	}
	return fmt.Sprintf("%s: companies %d, end users %d", v.State, len(companies), len(people))
}
