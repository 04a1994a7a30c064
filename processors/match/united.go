package match

import (
	"slices"
	"strings"

	"leadline/processors/stage"
	"leadline/schemas"
)

// callOf is what the meeting is grouped with, and what had to be read for it in
// bytes; nil where it is alone.
func callOf(tx *stage.Tx, org string, m *schemas.Meeting) (*schemas.Call, int, error) {
	by, is, err := standsFor(tx, org, m.ID)
	if err != nil {
		return nil, 0, err
	}
	if is {
		return &schemas.Call{Canonical: by.MeetingID, Recordings: []schemas.Recording{by}, People: []schemas.Invitee{}}, 0, nil
	}
	var ids []string
	if err := seconds(tx, org, sortGrouped, m.ID, func(id string, _ []byte) { ids = append(ids, id) }); err != nil || len(ids) == 0 {
		return nil, 0, err
	}
	call := &schemas.Call{Canonical: m.ID, People: []schemas.Invitee{}}
	read := 0
	seen := make(map[[2]string]bool)
	for _, i := range m.Invitees {
		seen[nameOf(i)] = true
	}
	for _, id := range ids {
		by, _, err := standsFor(tx, org, id)
		if err != nil {
			return nil, 0, err
		}
		by.MeetingID = id
		call.Recordings = append(call.Recordings, by)
		other, size, err := remembered(tx, org, id)
		if err != nil {
			return nil, 0, err
		}
		if read += size; other == nil {
			continue
		}
		for _, p := range peopleOf(other) {
			if who := nameOf(p); !seen[who] {
				seen[who] = true
				call.People = append(call.People, p)
			}
		}
	}
	return call, read, nil
}

func nameOf(i schemas.Invitee) [2]string {
	return [2]string{strings.ToLower(strings.TrimSpace(text(i.Email))), text(i.Name)}
}

// others are the attendees whom the meeting itself does not name. Its invitees are
// asked with them: whom it knows by an address is no stranger without one elsewhere.
func others(m *schemas.Meeting, call *schemas.Call, of []attendee) []attendee {
	if call == nil {
		return nil
	}
	together := &schemas.Meeting{Host: m.Host, Invitees: slices.Concat(call.People, m.Invitees)}
	return slices.DeleteFunc(attendeesOf(together), func(a attendee) bool {
		return slices.ContainsFunc(of, func(b attendee) bool { return a.shown == b.shown && a.out == b.out })
	})
}

// decidedOn are the meetings whose decisions count: the meeting's own before those of the
// recordings that it stands for.
func decidedOn(m *schemas.Meeting, call *schemas.Call) []string {
	ids := []string{m.ID}
	if call != nil && call.Canonical == m.ID {
		for _, r := range call.Recordings {
			ids = append(ids, r.MeetingID)
		}
	}
	return ids
}

// isGrouped says whether another recording stands for the meeting.
func isGrouped(m *schemas.Meeting, call *schemas.Call) bool {
	return call != nil && call.Canonical != m.ID
}

// grouped leaves nothing of a verdict but who is ours: the recording that stands
// for this one has the links.
func (v *Verdict) grouped(call *schemas.Call) {
	_, stands, _ := strings.Cut(call.Canonical, "/")
	v.State, v.Links, v.Matching.Considered = schemas.StateGrouped, []schemas.Link{}, []schemas.Considered{}
	v.Reason = stands + " is a recording of the same call and stands for it"
}
