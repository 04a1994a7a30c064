package index

import (
	"testing"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// A call has the attendees of all its recordings, each once; a recording that
// another one stands for has a row and no words.
func TestACallHasTheAttendeesOfAllItsRecordings(t *testing.T) {
	t.Parallel()
	bench := stagetest.New(New(), schematest.Codec(t))
	ada, ivo, nora := "ada@basin.example", "ivo@tidewell.example", "nora@own.example"
	d := &schemas.DistilledMeeting{Distiller: "local/1", Distillates: []schemas.Distillate{{Kind: schemas.ProductAsk, Sentence: "More.", Turn: -1}}}
	d.Matched.State = string(schemas.StateMatched)
	d.Matched.Meeting = schemas.Meeting{
		ID: meeting, Host: schemas.Host{Email: nora}, ActionItems: []schemas.Action{{Description: "Call."}},
		Invitees: []schemas.Invitee{{Name: new("Ada"), Email: &ada, External: true}},
		Turns:    []schemas.Turn{{Speaker: "Ivo", Text: "Hello there."}, {Speaker: "Nora", Email: &nora, Text: "Hello."}},
	}
	d.Matched.Call = &schemas.Call{
		Canonical:  meeting,
		Recordings: []schemas.Recording{{MeetingID: "harbourline/zoom/8", Evidence: schemas.EvidenceRoom, Shared: []string{"zoom:1"}}},
		People:     []schemas.Invitee{{Name: new("Ada"), Email: new("ADA@basin.example"), External: true}, {Name: new("Ivo"), Email: &ivo, External: true}},
	}
	put := func() (*schemas.MeetingRow, int) {
		t.Helper()
		emitted, err := stagetest.Put(t.Context(), bench, schemas.DistilledMeetings, meeting, d)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := stagetest.Values(bench, schemas.MeetingRows, emitted)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		entries, err := stagetest.Values(bench, schemas.KnowledgeEntries, emitted)
		if err != nil {
			t.Fatal(err)
		}
		live := 0
		for _, e := range entries {
			if e != nil {
				live++
			}
		}
		return rows[0], live
	}
	row, entries := put()
	got := make(map[string]bool)
	for _, a := range row.Attendees {
		got[a.Name] = a.Spoke
		if a.Name == "Ivo" && (a.Email == nil || *a.Email != ivo || !a.External) {
			t.Errorf("the other recording knows whose voice it is: %+v", a)
		}
	}
	if len(row.Attendees) != 3 || got["Ada"] || !got["Ivo"] || !got["Nora"] {
		t.Errorf("attendees %+v", row.Attendees)
	}
	if entries != 3 || row.Call == nil || len(row.Call.People) != 0 {
		t.Errorf("%d entries, call %+v", entries, row.Call)
	}
	d.Matched.State, d.Matched.Call.Canonical, d.Matched.Call.People = string(schemas.StateGrouped), "harbourline/zoom/8", nil
	if row, entries = put(); entries != 0 || len(row.ActionItems)+len(row.Distillates) != 0 || row.State != string(schemas.StateGrouped) {
		t.Errorf("of a grouped recording %d entries are left, and %+v", entries, row)
	}
}
