package distill

import (
	"testing"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
)

// What a call in vain cost is no answer to what was asked.
func TestWhatACallInVainCostIsCountedAndAnswersNothing(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, processor{distiller: never{}, asked: true})
	m := matched()
	if _, emitted := r.take(t, m, false); count(emitted, schemas.DistillationRequests.Name) != 1 {
		t.Fatal("nothing was asked")
	}
	spent := schemas.Spending{Calls: 1, Micros: 3}
	emitted, err := stagetest.Put(t.Context(), r.bench, schemas.Distillations, m.Meeting.ID, &schemas.Distillation{MeetingID: m.Meeting.ID, Distiller: "model/1", Spent: spent})
	if err != nil {
		t.Fatal(err)
	}
	if u := one(t, r, schemas.DistillationUsage, emitted); u.Spent != spent || u.Parked {
		t.Errorf("usage %+v", u)
	}
	if n := count(emitted, schemas.DistilledMeetings.Name) + count(emitted, schemas.DistillationRequests.Name) + count(emitted, schemas.MeetingProgress.Name); n != 0 {
		t.Errorf("it led to %d records", n)
	}
}
