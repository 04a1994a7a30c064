package calls

import (
	"testing"
	"testing/synctest"
	"time"

	"leadline/schemas"
)

// spend notes an answer of the organisation that cost so much at the time.
func (a *answers) spend(org string, micros int64, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.spent[org] == nil {
		a.spent[org] = make(map[string]int64)
	}
	a.spent[org][day(at)] += micros
}

func TestASpentBudgetParksTheRestVisiblyAndGoesOnTheNextDay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const budget = 50
		a := new(answers)
		a.begin()
		c := &Caller{Options: Options{Calls: 8, OrgCalls: 4, Budget: budget}, now: time.Now, backlog: newBacklog(), answers: a, wake: make(chan struct{}, 1)}
		c.metrics, _ = newMetrics(nil)
		ask := func(meetings ...string) {
			for _, id := range meetings {
				org, _, _, err := schemas.SplitMeetingID(id)
				if err != nil {
					t.Fatal(err)
				}
				c.change(func() { c.backlog.add(&job{meeting: id, org: org, memo: id}) })
			}
		}
		told := make(map[string]string)
		next := func() *job {
			for {
				if j := c.pick(t.Context(), func(j *job, why string) { told[j.meeting] += why + "\n" }); j != nil {
					return j
				}
			}
		}
		// The clock begins at midnight, 2000-01-01 in UTC.
		time.Sleep(22*time.Hour + 30*time.Minute)
		a.spend("poor", budget-1, time.Now())
		ask("poor/fathom/1", "poor/fathom/2", "poor/fathom/3")
		if j := next(); j.meeting != "poor/fathom/1" {
			t.Fatalf("%s is first, and a rest of the budget is enough to begin", j.meeting)
		}
		a.spend("poor", 20, time.Now()) // more than was left: it is looked at before a call
		ask("rich/fathom/1")
		if j := next(); j.meeting != "rich/fathom/1" {
			t.Fatalf("%s is next: one organisation's budget stops another", j.meeting)
		}
		if j := next(); j.meeting != "poor/fathom/2" {
			t.Fatalf("%s is next", j.meeting)
		}
		if got := time.Now().UTC().Format(time.DateTime); got != "2000-01-02 00:00:00" {
			t.Errorf("the rest went on at %s", got)
		}
		const why = "the organisation's budget for 2000-01-01 is spent; goes on at 2000-01-02T00:00:00Z\n"
		if len(told) != 2 || told["poor/fathom/2"] != why || told["poor/fathom/3"] != why {
			t.Errorf("told %q, want two meetings once each", told)
		}
		a.spend("poor", budget, time.Now())
		ask("poor/fathom/4")
		next()
		if got := time.Now().UTC().Format(time.DateTime); got != "2000-01-03 00:00:00" {
			t.Errorf("a second day's rest went on at %s", got)
		}
		if told["poor/fathom/3"] == why {
			t.Error("the second day was not told of")
		}
	})
}
