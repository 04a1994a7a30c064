package distill

import (
	"testing"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
)

// stoodFor is the meeting as match says it when another recording stands for it.
func stoodFor() *schemas.MatchedMeeting {
	m := matched()
	m.State, m.Reason = string(schemas.StateGrouped), "fathom/2 is a recording of the same call and stands for it"
	m.Call = &schemas.Call{Canonical: "o/fathom/2", Recordings: []schemas.Recording{{MeetingID: "o/fathom/2", Evidence: schemas.EvidenceRoom, Shared: []string{"zoom:1"}}}}
	return m
}

func TestACallIsNotDistilledTwice(t *testing.T) {
	t.Parallel()
	d := &scripted{name: "s/1", says: []schemas.Distillate{{Kind: schemas.CustomerFeedback, Sentence: "Mara loves it.", Quote: "we love it", Turn: 1}}}
	r := newRig(t, d)
	for _, step := range []struct {
		name     string
		m        *schemas.MatchedMeeting
		learning string
		found    int
		calls    int
	}{
		{"another recording stands for it", stoodFor(), schemas.LearningGrouped, 0, 0},
		{"it stands for the call", matched(), schemas.LearningDone, 1, 1},
		{"the other one again", stoodFor(), schemas.LearningGrouped, 0, 1},
		{"and back", matched(), schemas.LearningDone, 1, 1},
	} {
		out := r.feed(t, step.m)
		if out.Learning != step.learning || len(out.Distillates) != step.found || d.calls != step.calls {
			t.Errorf("%s: %s, %d distillates, called %d times", step.name, out.Learning, len(out.Distillates), d.calls)
		}
	}
}

func TestNoModelIsAskedAboutACallTwice(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, processor{distiller: never{t}, asked: true})
	for _, m := range []*schemas.MatchedMeeting{matched(), stoodFor()} {
		emitted, err := stagetest.Put(t.Context(), r.bench, schemas.MatchedMeetings, m.Meeting.ID, m)
		if err != nil {
			t.Fatal(err)
		}
		asked := one(t, r, schemas.DistillationRequests, emitted)
		if grouped := m.Call != nil; grouped != (asked == nil) {
			t.Errorf("grouped %t, and the request is %+v", grouped, asked)
		}
	}
}
