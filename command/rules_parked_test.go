package command

import (
	"context"
	"testing"

	"leadline/console"
	"leadline/schemas"
)

// paused answers as a Leadline with one meeting of each sort.
type paused struct{ console.Reader }

func (paused) Meetings(_ context.Context, q schemas.MeetingQuery) ([]console.Meeting, error) {
	return []console.Meeting{{ID: "o/fathom/" + q.Learning, Learning: q.Learning, LearningWhy: "a model is to be asked"}}, nil
}

func (paused) Meeting(_ context.Context, _ schemas.Scope, id string) (console.MeetingDetail, error) {
	return console.MeetingDetail{Meeting: console.Meeting{ID: id}, Stages: []console.Stage{
		{Stage: "distill", Outcome: schemas.OutcomeWaiting, Detail: "a model is to be asked"},
		{Stage: "distill-calls", Outcome: schemas.OutcomeParked, Detail: "the budget for Monday is spent"},
		{Stage: "distill-calls", Outcome: schemas.OutcomeParked, Detail: "the budget for Tuesday is spent"},
		{Stage: "index", Outcome: schemas.OutcomeDone, Detail: "3 entries"},
	}}, nil
}

func TestAMeetingThatWaitsForTheNextDaySaysSo(t *testing.T) {
	t.Parallel()
	all, err := unlearned(t.Context(), paused{}, "o", 10)
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	if all[0].LearningWhy != "a model is to be asked" || all[1].LearningWhy != "the budget for Tuesday is spent" {
		t.Errorf("parked because %q, waiting because %q", all[0].LearningWhy, all[1].LearningWhy)
	}
}
