package match

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"leadline/processors/stage"
	"leadline/schemas"
)

// onMeeting takes in the latest form of a meeting; nil says that it is gone.
func onMeeting(_ context.Context, r stage.Record[schemas.Meeting], tx *stage.Tx) error {
	org, _, _, err := schemas.SplitMeetingID(r.Key)
	if err == nil && r.Value != nil && r.Value.ID == "" && r.Value.Org == org {
		return onMark(org, r, tx)
	}
	if err == nil && r.Value != nil && (r.Value.ID != r.Key || r.Value.Org != org) {
		err = fmt.Errorf("the record %.140q holds the meeting %.140q", r.Key, r.Value.ID)
	}
	if err != nil {
		return schemas.Reject(schemas.ReasonInvalid, err)
	}
	before, _, err := remembered(tx, org, r.Key)
	if err != nil {
		return err
	}
	c := &change{writer: tx, org: org}
	c.index(r.Key, before, r.Value)
	if err := c.hosts(r.Key, before, r.Value); err != nil {
		return err
	}
	if err := c.recorded(r.Key, r.Value); err != nil {
		return err
	}
	if err := wake(tx, c); err != nil {
		return err
	}
	if r.Value == nil {
		return forget(tx, org, r.Key)
	}
	tx.Set(key(org, sortMeeting, r.Key), r.Record.Value)
	same, err := sameContent(tx.Codec(), before, r.Value)
	if err != nil {
		return err
	}
	if same { // then its links change by settling alone
		return tx.Report(r.Key, schemas.OutcomeDuplicate, "the meeting has not changed")
	}
	f, err := assess(tx, org, r.Value)
	if err != nil {
		return err
	}
	if err := f.publish(tx, org); err != nil {
		return err
	}
	return tx.Report(r.Key, schemas.OutcomeDone, f.summary())
}

// onMark takes in whether a meeting's recording is gone from its recorder, and
// sends the meeting on with that.
func onMark(org string, r stage.Record[schemas.Meeting], tx *stage.Tx) error {
	m, _, err := remembered(tx, org, r.Key)
	if err != nil {
		return err
	}
	if m == nil {
		return tx.Report(r.Key, schemas.OutcomeStale, "a mark of a meeting that is not here")
	}
	m.GoneAt = r.Value.GoneAt
	raw, err := schemas.Encode(tx.Codec(), schemas.NormalizedMeetings, m)
	if err != nil {
		return err
	}
	tx.Set(key(org, sortMeeting, r.Key), raw)
	f, err := assess(tx, org, m)
	if err != nil {
		return err
	}
	if !f.news {
		return tx.Report(r.Key, schemas.OutcomeDuplicate, "the meeting has not changed")
	}
	if err := f.publish(tx, org); err != nil {
		return err
	}
	return tx.Report(r.Key, schemas.OutcomeDone, f.summary())
}

// sameContent leaves out how the content reached us: the same by another way is
// no news.
func sameContent(codec *schemas.Codec, a, b *schemas.Meeting) (bool, error) {
	if a == nil || b == nil {
		return a == b, nil
	}
	var raw [2][]byte
	for i, m := range []*schemas.Meeting{a, b} {
		content := withoutWay(*m)
		var err error
		if raw[i], err = schemas.Encode(codec, schemas.NormalizedMeetings, &content); err != nil {
			return false, err
		}
	}
	return bytes.Equal(raw[0], raw[1]), nil
}

func withoutWay(m schemas.Meeting) schemas.Meeting {
	m.Connection, m.Source, m.ReceivedAt = "", "", time.Time{}
	return m
}

// remembered is the meeting as it came last, and what it takes in bytes.
func remembered(tx *stage.Tx, org, id string) (*schemas.Meeting, int, error) {
	raw, found, err := tx.Get(key(org, sortMeeting, id))
	if err != nil || !found {
		return nil, 0, err
	}
	m, err := schemas.Decode(tx.Codec(), schemas.NormalizedMeetings, raw)
	if err != nil {
		return nil, 0, fmt.Errorf("decoding the meeting as it was: %w", err)
	}
	return m, len(raw), nil
}

// index keeps track of which addresses and domains the meeting hangs on. Our
// own people are among them: they are ours only until a host or an entry goes.
func (c *change) index(id string, before, after *schemas.Meeting) {
	old, now := hangsOn(c.org, id, before), hangsOn(c.org, id, after)
	for k := range old {
		if !now[k] {
			c.Delete(k)
		}
	}
	for k := range now {
		if !old[k] {
			c.Set(k, nil)
		}
	}
}

func hangsOn(org, id string, m *schemas.Meeting) map[string]bool {
	keys := make(map[string]bool)
	if m == nil {
		return keys
	}
	people := attendeesOf(m)
	if len(hostNames(m)) > 0 {
		people = append(people, attendeeOf(m.Host.Email))
	}
	for _, a := range people {
		if a.out != "" {
			continue
		}
		keys[pair(org, sortAttendee, a.shown, id)] = true
		for _, d := range a.domains {
			keys[pair(org, sortVisited, d, id)] = true
		}
	}
	return keys
}

// hosts keeps track of whose recorders record, because their domains are the
// organisation's own. The first meeting of a new host, and the last one of
// another, touch everybody at the domain.
func (c *change) hosts(id string, before, after *schemas.Meeting) error {
	old, now := hostNames(before), hostNames(after)
	for _, name := range old {
		if !slices.Contains(now, name) {
			c.Delete(pair(c.org, sortHost, name, id))
			if err := c.touchHost(name); err != nil {
				return err
			}
		}
	}
	for _, name := range now {
		if !slices.Contains(old, name) {
			if err := c.touchHost(name); err != nil {
				return err
			}
			c.Set(pair(c.org, sortHost, name, id), nil)
		}
	}
	return nil
}

// touchHost is asked while the name is nobody's, or still or already another
// meeting's: then nothing has changed.
func (c *change) touchHost(name string) error {
	taken, err := anySecond(c, c.org, sortHost, name)
	if err != nil || taken {
		return err
	}
	return c.touchName(name)
}

// forget drops a meeting that is gone, and tells those behind.
func forget(tx *stage.Tx, org, id string) error {
	tx.Delete(key(org, sortMeeting, id))
	tx.Delete(key(org, sortNews, id))
	published := key(org, sortPublished, id)
	_, found, err := tx.Get(published)
	if err != nil || !found {
		return err
	}
	tx.Delete(published)
	return stage.Emit[schemas.MatchedMeeting](tx, schemas.MatchedMeetings, id, nil)
}
