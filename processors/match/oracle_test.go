package match

import (
	"slices"
	"strings"

	"leadline/schemas"
)

// callsOf groups what there is in the end by trying every pair, best recording
// first: the definition, without an index, a mark or an order of arrival.
func callsOf(all [][]step) map[string]*schemas.Call {
	var meetings []*schemas.Meeting
	words := make(map[[2]string]bool)
	for _, h := range all {
		last := h[len(h)-1]
		if last.meeting != nil {
			meetings = append(meetings, last.meeting)
		}
		if last.entry != nil && last.entry.SameCall != nil {
			w := last.entry.SameCall
			words[[2]string{w.MeetingID, w.OtherID}] = w.Same
		}
	}
	read := make(map[string]recording)
	for _, m := range meetings {
		read[m.ID] = recordingOf(m)
	}
	slices.SortFunc(meetings, func(a, b *schemas.Meeting) int {
		if read[a.ID].outranks(read[b.ID]) {
			return -1
		}
		return 1
	})
	relation := func(a, b *schemas.Meeting) (schemas.Recording, bool) {
		if a.Org != b.Org {
			return schemas.Recording{}, false
		}
		if same, said := words[[2]string{min(a.ID, b.ID), max(a.ID, b.ID)}]; said {
			return schemas.Recording{Evidence: schemas.EvidenceHand, Shared: []string{}}, same
		}
		return sameCall(read[a.ID], read[b.ID])
	}
	calls := make(map[string]*schemas.Call)
	var canonical []*schemas.Meeting
	members := make(map[string][]*schemas.Meeting)
	for _, m := range meetings {
		var joins *schemas.Meeting
		var by schemas.Recording
		for _, c := range canonical {
			why, same := relation(c, m)
			if same && (joins == nil || why.Evidence == schemas.EvidenceHand && by.Evidence != schemas.EvidenceHand) {
				joins, by = c, why
			}
		}
		if joins == nil {
			canonical = append(canonical, m)
			continue
		}
		by.MeetingID = joins.ID
		calls[m.ID] = &schemas.Call{Canonical: joins.ID, Recordings: []schemas.Recording{by}, People: []schemas.Invitee{}}
		members[joins.ID] = append(members[joins.ID], m)
	}
	for _, c := range canonical {
		if len(members[c.ID]) == 0 {
			continue
		}
		call := &schemas.Call{Canonical: c.ID, People: []schemas.Invitee{}}
		slices.SortFunc(members[c.ID], func(a, b *schemas.Meeting) int { return strings.Compare(a.ID, b.ID) })
		for _, m := range members[c.ID] {
			by := calls[m.ID].Recordings[0]
			by.MeetingID = m.ID
			call.Recordings = append(call.Recordings, by)
			for _, p := range peopleOf(m) {
				named := func(q schemas.Invitee) bool { return nameOf(p) == nameOf(q) }
				if !slices.ContainsFunc(c.Invitees, named) && !slices.ContainsFunc(call.People, named) {
					call.People = append(call.People, p)
				}
			}
		}
		calls[c.ID] = call
	}
	return calls
}
