package match

import (
	"context"
	"fmt"

	"leadline/processors/stage"
	"leadline/schemas"
)

// onMeeting takes in the latest form of a meeting.
func onMeeting(_ context.Context, r stage.Record[schemas.Meeting], tx *stage.Tx) error {
	org, _, _, err := schemas.SplitMeetingID(r.Key)
	if err == nil && r.Value != nil && (r.Value.ID != r.Key || r.Value.Org != org) {
		err = fmt.Errorf("the record %.140q holds the meeting %.140q", r.Key, r.Value.ID)
	}
	if err != nil {
		return schemas.Reject(schemas.ReasonInvalid, err)
	}
	before, err := remembered(tx, org, r.Key)
	if err != nil {
		return err
	}
	index(tx, org, r.Key, before, r.Value)
	if r.Value == nil {
		return forget(tx, org, r.Key)
	}
	tx.Set(key(org, sortMeeting, r.Key), r.Record.Value)
	changed, v, err := judge(tx, org, r.Value)
	if err != nil {
		return err
	}
	if !changed {
		return tx.Report(r.Key, schemas.OutcomeDuplicate, "neither the meeting nor its links have changed")
	}
	return tx.Report(r.Key, schemas.OutcomeDone, v.summary())
}

// rejudge looks at a remembered meeting again, because the directory changed.
func rejudge(tx *stage.Tx, org, id string) error {
	m, err := remembered(tx, org, id)
	if err != nil || m == nil {
		return err
	}
	changed, v, err := judge(tx, org, m)
	if err != nil || !changed {
		return err
	}
	return tx.Report(id, schemas.OutcomeDone, "the directory changed: "+v.summary())
}

func remembered(tx *stage.Tx, org, id string) (*schemas.Meeting, error) {
	raw, found, err := tx.Get(key(org, sortMeeting, id))
	if err != nil || !found {
		return nil, err
	}
	m, err := schemas.Decode(tx.Codec(), schemas.NormalizedMeetings, raw)
	if err != nil {
		return nil, fmt.Errorf("decoding the meeting as it was: %w", err)
	}
	return m, nil
}

// index keeps track of which addresses and domains the meeting hangs on. It is
// what links asks the directory for, no more: own people and domains that do not
// count change nothing, whatever the directory says of them.
func index(tx *stage.Tx, org, id string, before, after *schemas.Meeting) {
	old, now := hangsOn(org, id, before), hangsOn(org, id, after)
	for k := range old {
		if !now[k] {
			tx.Delete(k)
		}
	}
	for k := range now {
		if !old[k] {
			tx.Set(k, nil)
		}
	}
}

func hangsOn(org, id string, m *schemas.Meeting) map[string]bool {
	keys := make(map[string]bool)
	if m == nil {
		return keys
	}
	for _, a := range attendeesOf(m) {
		if !a.readable || a.own {
			continue
		}
		keys[pair(org, sortAttendee, a.mailbox.String(), id)] = true
		for _, d := range a.domains {
			keys[pair(org, sortVisited, d, id)] = true
		}
	}
	return keys
}

// forget drops a meeting that is gone, and tells those behind.
func forget(tx *stage.Tx, org, id string) error {
	tx.Delete(key(org, sortMeeting, id))
	published := key(org, sortPublished, id)
	_, found, err := tx.Get(published)
	if err != nil || !found {
		return err
	}
	tx.Delete(published)
	return stage.Emit[schemas.MatchedMeeting](tx, schemas.MatchedMeetings, id, nil)
}
