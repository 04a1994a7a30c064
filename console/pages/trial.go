package pages

import (
	"context"
	"time"

	"leadline/schemas"
)

// RuleTrial says what other rules would make of stored meetings. The pages call
// it for a form that wants to know before it saves; it changes nothing.
type RuleTrial interface {
	Try(ctx context.Context, org string, rules []schemas.LearningRule, since time.Time) (Trial, error)
}

// Trial is what would become otherwise.
type Trial struct {
	Judged   int // meetings that were looked at
	Changed  []Verdict
	Unread   int  // records that could not be read
	ByWords  bool // topics were judged without a model
	Weeks    int
	MoreThan int // changes that are not shown
}

// Verdict is what the rules make of a meeting, now and then.
type Verdict struct {
	MeetingID, Title string
	Now, Then        string
}

const (
	trialWeeks    = 8
	maxVerdicts   = 100
	trialPatience = 40 * time.Second
)

// try shows what the change would do, and keeps what was written in the form.
func (s *Site) try(ctx context.Context, v *visit, rules []schemas.LearningRule, written schemas.LearningRule) (answer, error) {
	a, err := s.rulesWith(ctx, v, written, 0, "")
	if err != nil {
		return a, err
	}
	made := a.data.(rulesPage)
	ctx, cancel := context.WithTimeout(ctx, trialPatience)
	defer cancel()
	found, err := s.Trial.Try(ctx, v.session.org, rules, time.Now().AddDate(0, 0, -7*trialWeeks))
	if err != nil {
		return answer{}, err
	}
	found.Weeks = trialWeeks
	found.MoreThan = max(0, len(found.Changed)-maxVerdicts)
	found.Changed = found.Changed[:len(found.Changed)-found.MoreThan]
	made.Trial, made.Tried = &found, v.PostFormValue("id")
	a.data = made
	return a, nil
}
