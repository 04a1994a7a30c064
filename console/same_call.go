package console

import (
	"fmt"
	"strings"

	"leadline/schemas"
)

// Call is one call of which there are several recordings.
type Call struct {
	Canonical  string      `json:"canonical" doc:"the meeting that stands for the call; the others are in no list, count or search"`
	Recordings []Recording `json:"recordings" doc:"of the canonical one the others, of another the canonical one"`
}

// Recording is one of the same call.
type Recording struct {
	MeetingID string   `json:"meeting_id"`
	Evidence  string   `json:"evidence" doc:"room, attendees, hand"`
	Shared    []string `json:"shared" doc:"the conference room or the addresses that both have"`
	Says      string   `json:"says" doc:"in words"`
}

func shapeCall(c *schemas.Call) *Call {
	if c == nil {
		return nil
	}
	return &Call{Canonical: c.Canonical, Recordings: each(c.Recordings, func(r schemas.Recording) Recording {
		return Recording{MeetingID: r.MeetingID, Evidence: r.Evidence, Shared: listed(r.Shared), Says: saysSame(r)}
	})}
}

// maxShared is how many addresses a sentence names.
const maxShared = 3

func saysSame(r schemas.Recording) string {
	switch r.Evidence {
	case schemas.EvidenceHand:
		return "somebody said by hand that it is the same call"
	case schemas.EvidenceRoom:
		return "recorded at the same time in the conference room " + strings.Join(r.Shared, ", ")
	}
	names := strings.Join(r.Shared[:min(len(r.Shared), maxShared)], ", ")
	if more := len(r.Shared) - maxShared; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return "recorded at the same time with " + names
}

// call says which recordings are of the same call.
func (p *page) call(m MeetingDetail) {
	if m.Call == nil {
		return
	}
	p.section("Recordings of the same call")
	for _, r := range m.Call.Recordings {
		role := "stands in this one's place"
		if m.Call.Canonical == m.ID {
			role = "shown by this one"
		}
		p.text("  - ", r.MeetingID+" ("+role+"): "+r.Says)
	}
}
