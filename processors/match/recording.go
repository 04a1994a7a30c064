package match

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"leadline/schemas"
	"leadline/schemas/address"
)

// When two recordings are of one call. A wrong yes hides a meeting, a wrong no
// shows one twice, so what cannot be told is no.
const (
	// Of the shorter recording this much is in the longer one: what is not shown
	// is recorded there as well. Calls that follow each other in one room overlap
	// by less, however long the one before overran.
	overlapPercent = 80
	// A recorder that was forgotten, or a clock that is wrong, says nothing.
	longestCall = 12 * time.Hour
	// Without a room, those who are in a call begin it together.
	startsApart = 10 * time.Minute
	// Without a room, one person in both could have been invited to two calls at
	// once; two of whom one is from outside are in one.
	attendeesShared = 2
	// More people from outside are an audience, which is invited to everything.
	mostOutsiders = 50
)

// recording is all that grouping reads of a meeting.
type recording struct {
	ID       string   `json:"-"`
	Start    int64    `json:"s"` // in ms; 0 where the times say nothing
	End      int64    `json:"e"`
	Recorder string   `json:"r"` // whose, and of which make
	Room     string   `json:"l,omitempty"`
	Ours     []string `json:"o,omitempty"` // addresses on the host's side, sorted
	Outside  []string `json:"x,omitempty"` // the others; none where they are an audience
	Words    bool     `json:"w,omitempty"` // it has a transcript
}

// recordingOf is a pure function of the meeting: who is ours by the directory
// changes, and two recordings must not change with it.
func recordingOf(m *schemas.Meeting) recording {
	r := recording{
		ID: m.ID, Start: m.StartedAt.UnixMilli(), End: m.EndedAt.UnixMilli(),
		Recorder: m.Provider + " " + strings.ToLower(strings.TrimSpace(m.Host.Email)), Words: len(m.Turns) > 0,
	}
	if long := m.EndedAt.Sub(m.StartedAt); r.Start <= 0 || long <= 0 || long > longestCall {
		r.Start, r.End = 0, 0
	}
	if m.JoinURL != nil {
		r.Room = roomOf(*m.JoinURL)
	}
	side := hostNames(m)
	for _, a := range attendeesOf(m) {
		switch {
		case a.out != "":
		case slices.Contains(side, a.shown), len(a.domains) > 0 && slices.Contains(side, a.domains[len(a.domains)-1]):
			r.Ours = append(r.Ours, a.shown)
		default:
			r.Outside = append(r.Outside, a.shown)
		}
	}
	if len(r.Outside) > mostOutsiders {
		r.Ours, r.Outside = nil, nil
	}
	return r
}

// outranks says which of two recordings of a call stands for it: one with words,
// then the longer one, then the one of the lesser id. It is a total order, so
// that it does not matter which came first.
func (r recording) outranks(o recording) bool {
	if r.Words != o.Words {
		return r.Words
	}
	return cmp.Or(cmp.Compare(o.End-o.Start, r.End-r.Start), strings.Compare(r.ID, o.ID)) < 0
}

// sameCall is THE rule: it says whether two recordings are of one call, and by
// what. Both orders of the two give the same.
func sameCall(a, b recording) (schemas.Recording, bool) {
	if a.Start == 0 || b.Start == 0 {
		return schemas.Recording{}, false
	}
	both := min(a.End, b.End) - max(a.Start, b.Start)
	if 100*both < overlapPercent*min(a.End-a.Start, b.End-b.Start) {
		return schemas.Recording{}, false
	}
	if a.Room != "" && b.Room != "" {
		return schemas.Recording{Evidence: schemas.EvidenceRoom, Shared: []string{a.Room}}, a.Room == b.Room
	}
	if a.Recorder == b.Recorder || max(a.Start, b.Start)-min(a.Start, b.Start) > startsApart.Milliseconds() {
		return schemas.Recording{}, false
	}
	// Who is outside for both is nobody's host.
	outside := common(a.Outside, b.Outside)
	shared := common(slices.Concat(a.Ours, a.Outside), slices.Concat(b.Ours, b.Outside))
	if len(outside) == 0 || len(shared) < attendeesShared {
		return schemas.Recording{}, false
	}
	slices.Sort(shared)
	return schemas.Recording{Evidence: schemas.EvidenceAttendees, Shared: shared}, true
}

func common(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}

// peopleOf are those whom a recording names: invited, or heard under an address.
func peopleOf(m *schemas.Meeting) []schemas.Invitee {
	all := slices.Clone(m.Invitees)
	seen := make(map[string]bool)
	for _, t := range m.Turns {
		if t.Email != nil && !seen[*t.Email] {
			seen[*t.Email] = true
			all = append(all, schemas.Invitee{Name: &t.Speaker, Email: t.Email, External: !onHostsSide(m, *t.Email), SpeakerName: &t.Speaker})
		}
	}
	return all
}

func onHostsSide(m *schemas.Meeting, email string) bool {
	box, ok := address.Parse(email)
	if !ok {
		return false
	}
	side := hostNames(m)
	root, _ := address.Registrable(box.Domain)
	return slices.Contains(side, box.String()) || root != "" && slices.Contains(side, root)
}
