package index

import (
	"testing"
	"time"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

func rowOf(t *testing.T, d *schemas.DistilledMeeting) *schemas.MeetingRow {
	t.Helper()
	bench := stagetest.New(New(), schematest.Codec(t))
	emitted, err := stagetest.Put(t.Context(), bench, schemas.DistilledMeetings, meeting, d)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := stagetest.Values(bench, schemas.MeetingRows, emitted)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	return rows[0]
}

// Neither the recorder's word nor that of the domain makes a host ours whom the
// directory calls outside.
func TestAHostWhomTheDirectoryCallsOutsideIsAGuest(t *testing.T) {
	t.Parallel()
	for _, outside := range []bool{false, true} {
		host := "Kim@own.example"
		d := &schemas.DistilledMeeting{}
		d.Matched.OwnDomains, d.Matched.Matching = []string{"own.example"}, &schemas.Matching{HostOutside: outside}
		d.Matched.Meeting = schemas.Meeting{
			ID: meeting, Host: schemas.Host{Name: "Kim", Email: host},
			Invitees: []schemas.Invitee{{Name: new("Kim"), Email: new("kim@own.example")}},
			Turns:    []schemas.Turn{{Speaker: "Kim", Email: &host, Text: "Hello."}, {Speaker: "Ida", Email: new("ida@own.example"), Text: "Hello."}},
		}
		for range 2 { // invited and speaking, then speaking alone
			for _, a := range rowOf(t, d).Attendees {
				if want := outside && a.Name == "Kim"; a.External != want {
					t.Errorf("host outside %v: %+v", outside, a)
				}
			}
			d.Matched.Meeting.Invitees = nil
		}
	}
}

func TestARowSaysThatTheRecordingIsGoneAndNeverEndsBeforeItBegins(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 10, 6, 12, 0, 0, 0, time.UTC)
	d := &schemas.DistilledMeeting{}
	d.Matched.Meeting = schemas.Meeting{
		ID: meeting, GoneAt: &at, StartedAt: at, EndedAt: at.Add(-time.Hour), Turns: []schemas.Turn{{Speaker: "Ida", Text: "Hello.", StartMS: 5000}},
	}
	row := rowOf(t, d)
	if row.GoneAt == nil || !row.GoneAt.Equal(at) || row.EndedAt.Before(row.StartedAt) {
		t.Errorf("gone at %v, from %v to %v", row.GoneAt, row.StartedAt, row.EndedAt)
	}
}
