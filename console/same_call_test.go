package console

import (
	"strings"
	"testing"

	"leadline/schemas"
)

func TestWhatACallIsGroupedWithIsOursToKnow(t *testing.T) {
	t.Parallel()
	m := schemas.StoredMeeting{Row: schemas.MeetingRow{
		ID: "o/fathom/1", Links: []schemas.Link{{CompanyID: new("acme")}},
		Call: &schemas.Call{Canonical: "o/fathom/1", Recordings: []schemas.Recording{
			{MeetingID: "o/zoom/2", Evidence: schemas.EvidenceAttendees, Shared: []string{"a@x.example", "b@x.example", "c@x.example", "d@x.example"}},
			{MeetingID: "o/zoom/3", Evidence: schemas.EvidenceHand},
		}},
	}}
	staff := shapeDetail(seen(schemas.Scope{Org: "o"}, m), nil, nil)
	if staff.Call == nil || staff.Call.Recordings[0].Says != "recorded at the same time with a@x.example, b@x.example, c@x.example and 1 more" ||
		!strings.Contains(staff.Call.Recordings[1].Says, "by hand") {
		t.Errorf("staff see %+v", staff.Call)
	}
	if customer := shapeDetail(seen(schemas.Scope{Org: "o", Company: "acme"}, m), nil, nil); customer.Call != nil {
		t.Errorf("a customer sees %+v", customer.Call)
	}
}
