package match

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"leadline/schemas"
)

// The recordings of one call are a star: one is canonical, and each of the others
// is of the same call as that one by itself. Chains would join calls that follow
// each other. Who is canonical is a function of the recordings alone: in the order
// of outranks, each joins the first canonical one that it is of the same call
// with, and is canonical where there is none. A recording therefore hangs on those
// that outrank it and on no others, and a change is carried on to those that are
// outranked until nothing changes, in any order.

// grouped marks the traces of a recording that another one stands for: a call of
// many recordings has one that others can join.
const grouped = "g"

// recorded takes in what grouping reads of a meeting that came, changed or is
// gone; nil is gone.
func (c *change) recorded(id string, m *schemas.Meeting) error {
	at := key(c.org, sortRecording, id)
	was, known, err := c.Get(at)
	if err != nil {
		return err
	}
	stood, is, err := c.standsFor(id)
	if err != nil {
		return err
	}
	if is { // whom it names are attendees there
		if err := c.touch(sortMeeting, stood.MeetingID); err != nil {
			return err
		}
	}
	var raw []byte
	if m != nil {
		if raw, err = json.Marshal(recordingOf(m)); err != nil {
			return fmt.Errorf("encoding a recording: %w", err)
		}
		if known && bytes.Equal(was, raw) {
			return nil
		}
	}
	if known {
		if err := c.withdraw(id, is); err != nil {
			return err
		}
	}
	if m == nil {
		c.Delete(at)
		if is {
			c.stand(id, stood.MeetingID, nil)
		}
		return nil
	}
	c.Set(at, raw)
	now := recordingOf(m)
	c.trace(now, is)
	if err := c.regroup(id); err != nil {
		return err
	}
	if _, is, err = c.standsFor(id); err != nil || is {
		return err
	}
	return c.touchOutranked(now)
}

// withdraw takes the traces of a recording away, and marks those that may have
// joined it; is says whether another one stands for it.
func (c *change) withdraw(id string, is bool) error {
	old, known, err := c.recording(id)
	if err != nil || !known {
		return err
	}
	for _, at := range c.traces(old) {
		c.Delete(at)
	}
	if is {
		return nil
	}
	return c.touchOutranked(old)
}

// stand says which recording stands for this one, in the place of the one that
// did; empty and nil are none.
func (c *change) stand(id, before string, by []byte) {
	if before != "" {
		c.Delete(pair(c.org, sortGrouped, before, id))
	}
	if by == nil {
		c.Delete(key(c.org, sortStands, id))
	} else {
		c.Set(key(c.org, sortStands, id), by)
	}
}

// related is a recording of the same call as another one.
type related struct {
	recording
	by schemas.Recording
}

// regroup looks for the recording that stands for this one, and marks what hangs
// on a change.
func (c *change) regroup(id string) error {
	r, known, err := c.recording(id)
	if err != nil || !known {
		return err
	}
	near, err := c.related(r, true)
	if err != nil {
		return err
	}
	var best *related
	for i, o := range near {
		if o.outranks(r) && (best == nil || o.before(best)) {
			best = &near[i]
		}
	}
	stood, was, err := c.standsFor(id)
	if err != nil || best == nil && !was {
		return err
	}
	if best != nil && was && stood.MeetingID == best.ID && stood.Evidence == best.by.Evidence && slices.Equal(stood.Shared, best.by.Shared) {
		return nil
	}
	touched := []string{id}
	if was {
		touched = append(touched, stood.MeetingID)
	}
	if best == nil {
		c.stand(id, stood.MeetingID, nil)
	} else {
		raw, err := json.Marshal(best.by)
		if err != nil {
			return fmt.Errorf("encoding why two recordings are of one call: %w", err)
		}
		c.stand(id, stood.MeetingID, raw)
		c.Set(pair(c.org, sortGrouped, best.ID, id), nil)
		touched = append(touched, best.ID)
	}
	for _, t := range touched {
		if err := c.touch(sortMeeting, t); err != nil {
			return err
		}
	}
	if was == (best != nil) {
		return nil
	}
	c.trace(r, best != nil)
	return c.touchOutranked(r)
}

// before says which of two canonical recordings another one joins: what a person
// said comes before what the rule says.
func (o related) before(p *related) bool {
	if hand := o.by.Evidence == schemas.EvidenceHand; hand != (p.by.Evidence == schemas.EvidenceHand) {
		return hand
	}
	return o.outranks(p.recording)
}

// touchOutranked marks the recordings that hang on this one.
func (c *change) touchOutranked(r recording) error {
	near, err := c.related(r, false)
	if err != nil {
		return err
	}
	for _, o := range near {
		if r.outranks(o.recording) {
			if err := c.touch(sortRecording, o.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// related lists the recordings of the same call; with canonical those alone that
// no other one stands for.
func (c *change) related(r recording, canonical bool) ([]related, error) {
	ids := make(map[string]bool)
	said := make(map[string]string)
	err := seconds(c, c.org, sortWord, r.ID, func(other string, word []byte) {
		said[other] = string(word)
		ids[other] = true
	})
	if err != nil {
		return nil, err
	}
	for _, near := range nearby(r) {
		err := secondsAfter(c, c.org, sortTrace, near.evidence, moment(near.from-1), func(at string, is []byte) error {
			if len(at) < momentDigits+1 || at[:momentDigits] > moment(near.to) {
				return errEnough
			}
			if id := at[momentDigits+1:]; id != r.ID && (!canonical || string(is) != grouped) {
				ids[id] = true
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var all []related
	for _, id := range sorted(ids) {
		o, known, err := c.recording(id)
		if err != nil {
			return nil, err
		}
		by, same := sameCall(r, o)
		switch said[id] {
		case wordApart:
			same = false
		case wordSame:
			by, same = schemas.Recording{Evidence: schemas.EvidenceHand, Shared: []string{}}, true
		}
		if !known || !same {
			continue
		}
		if canonical && said[id] != "" { // a word leaves no trace that says so
			if _, is, err := c.standsFor(id); err != nil {
				return nil, err
			} else if is {
				continue
			}
		}
		by.MeetingID = id
		all = append(all, related{o, by})
	}
	return all, nil
}

// recording is what the state has of a meeting for grouping.
func (c *change) recording(id string) (r recording, known bool, err error) {
	raw, known, err := c.Get(key(c.org, sortRecording, id))
	if err != nil || !known {
		return r, false, err
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, false, fmt.Errorf("decoding a recording: %w", err)
	}
	r.ID = id
	return r, true, nil
}

func (c *change) standsFor(id string) (schemas.Recording, bool, error) {
	return standsFor(c, c.org, id)
}

// standsFor is the recording that stands for this one, and why.
func standsFor(from reader, org, id string) (by schemas.Recording, is bool, err error) {
	raw, is, err := from.Get(key(org, sortStands, id))
	if err != nil || !is {
		return by, false, err
	}
	if err := json.Unmarshal(raw, &by); err != nil {
		return by, false, fmt.Errorf("decoding why two recordings are of one call: %w", err)
	}
	return by, true, nil
}
