package match

import (
	"testing"
	"time"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// A mark changes nothing of a meeting but itself, and comes without the content.
func TestAMarkGoesOnWithTheWholeMeeting(t *testing.T) {
	t.Parallel()
	bench := stagetest.New(New(), schematest.Codec(t))
	const id = "o/fathom/1"
	mark := func(goneAt *time.Time) (sent []*schemas.MatchedMeeting, outcome string) {
		t.Helper()
		emitted, err := stagetest.Put(t.Context(), bench, schemas.NormalizedMeetings, id, &schemas.Meeting{Org: "o", GoneAt: goneAt})
		if err != nil {
			t.Fatal(err)
		}
		if sent, err = stagetest.Values(bench, schemas.MatchedMeetings, emitted); err != nil {
			t.Fatal(err)
		}
		return sent, outcomes(t, bench, emitted)[id]
	}
	at := time.Date(2026, 10, 6, 12, 0, 0, 0, time.UTC)
	if sent, outcome := mark(&at); len(sent) != 0 || outcome != schemas.OutcomeStale {
		t.Errorf("an unknown meeting: %d sent, %s", len(sent), outcome)
	}
	feed(t, bench, entryStep(company("acme", "acme.example")))
	before := feed(t, bench, meetingStep("1", "ann@acme.example"))
	if len(before) != 1 || len(before[0].Links) != 1 {
		t.Fatalf("before the mark %+v", before)
	}
	for i, want := range []struct {
		at      *time.Time
		outcome string
	}{{&at, schemas.OutcomeDone}, {&at, schemas.OutcomeDuplicate}, {nil, schemas.OutcomeDone}, {nil, schemas.OutcomeDuplicate}} {
		sent, outcome := mark(want.at)
		if outcome != want.outcome || (len(sent) == 1) != (outcome == schemas.OutcomeDone) {
			t.Fatalf("mark %d: %d sent, %s", i, len(sent), outcome)
		}
		if len(sent) == 0 {
			continue
		}
		m := sent[0]
		if (m.Meeting.GoneAt == nil) != (want.at == nil) || m.Meeting.ID != id || told(m.Links) != told(before[0].Links) ||
			len(m.Meeting.Invitees) != len(before[0].Meeting.Invitees) {
			t.Errorf("mark %d: %+v", i, m)
		}
	}
}
