package match

import (
	"errors"
	"testing"
	"time"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

func TestAReplaySendsAMeetingOnAsItIsWithItsHeader(t *testing.T) {
	t.Parallel()
	bench := stagetest.New(New(), schematest.Codec(t))
	replay := func(id string, of *schemas.ReplayRequested) (sent []*schemas.MatchedMeeting, header, outcome string) {
		t.Helper()
		emitted, err := stagetest.Put(t.Context(), bench, schemas.Replays, id, of)
		if err != nil {
			t.Fatal(err)
		}
		if sent, err = stagetest.Values(bench, schemas.MatchedMeetings, emitted); err != nil {
			t.Fatal(err)
		}
		for _, r := range emitted {
			if r.Topic == schemas.MatchedMeetings.Name {
				header = schemas.Header(r, schemas.HeaderReplay)
			}
		}
		return sent, header, outcomes(t, bench, emitted)[id]
	}
	again := func(id string) *schemas.ReplayRequested {
		return &schemas.ReplayRequested{MeetingID: id, Stage: "distill", At: time.Now()}
	}
	feed(t, bench, entryStep(company("acme", "acme.example")))
	before := feed(t, bench, meetingStep("1", "ann@acme.example"))
	if len(before) != 1 || len(before[0].Links) != 1 {
		t.Fatalf("before the replay %+v", before)
	}
	const id = "o/fathom/1"
	sent, header, outcome := replay(id, again(id))
	if len(sent) != 1 || header != "distill" || outcome != schemas.OutcomeDone {
		t.Fatalf("%d meetings with the header %q, %s", len(sent), header, outcome)
	}
	if sent[0].Meeting.ID != id || told(sent[0].Links) != told(before[0].Links) {
		t.Errorf("the replay links it to %s, before it was %s", told(sent[0].Links), told(before[0].Links))
	}
	if sent, _, outcome = replay("o/fathom/2", again("o/fathom/2")); len(sent) != 0 || outcome != schemas.OutcomeStale {
		t.Errorf("an unknown meeting: %d sent, %s", len(sent), outcome)
	}
	feed(t, bench, gone(meetingStep("1")))
	if sent, _, outcome = replay(id, again(id)); len(sent) != 0 || outcome != schemas.OutcomeStale {
		t.Errorf("a meeting that is gone: %d sent, %s", len(sent), outcome)
	}
	if sent, _, outcome = replay(id, nil); len(sent) != 0 || outcome != "" {
		t.Errorf("a command that was taken back: %d sent, %s", len(sent), outcome)
	}
}

func TestReplaysThatContradictTheirKeyAreRejected(t *testing.T) {
	t.Parallel()
	bench := stagetest.New(New(), schematest.Codec(t))
	for name, c := range map[string]struct {
		key string
		of  schemas.ReplayRequested
	}{
		"no meeting's id": {"o/1", schemas.ReplayRequested{MeetingID: "o/1", Stage: "distill"}},
		"another meeting": {"o/fathom/1", schemas.ReplayRequested{MeetingID: "p/fathom/1", Stage: "distill"}},
		"another stage":   {"o/fathom/1", schemas.ReplayRequested{MeetingID: "o/fathom/1", Stage: "index"}},
	} {
		_, err := stagetest.Put(t.Context(), bench, schemas.Replays, c.key, &c.of)
		if _, rejected := errors.AsType[*schemas.Rejected](err); !rejected {
			t.Errorf("%s: %v", name, err)
		}
	}
}
