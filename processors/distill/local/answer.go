package local

import (
	"slices"

	"leadline/schemas"
)

// offers say what the speaker would do if somebody wanted it.
var offers = []rule{
	{1, anywhere, `(?:would|do) you (?:like|want|need) (?:me|us) to|(?:shall|should) (?:i|we) <adv><do>|(?:i|we) (?:can|could) <wide><do> <wide>if (?:you|that|it)|` +
		`if (?:you want|you like|you would like|you need it|that helps|it helps) (?:, )?(?:i|we) (?:can|could)|(?:i|we) (?:could|can) always|(?:i|we) would be happy to|happy to`, ""},
	{never, anywhere, `(?:i|we) (?:will|shall have)|let me`, ""},
}

// accepted opens an answer that takes on what was asked.
var accepted = []rule{
	{1, statement, `(?:oh |ah |and |, )*(?:yes|yeah|yep|yup|sure|ok|okay|will do|can do|of course|course|no (?:problem|bother|worries)|certainly|absolutely|gladly|with pleasure|happy to|` +
		`consider it|on it|i am on it|i will|i can do|we will|leave it|leave that|uh huh|ja|right|fine|done deal|you will have|stick me down|put me down)`, ""},
	{never, anywhere, `not|cannot|but|already|yesterday|did|no longer|sent|later maybe|we have|i have|i think so|i can hear|i can see`, ""},
}

// answerMost is how many words take something on and say no more than that.
const answerMost = 8

// settle adds what only two turns together say: an offer is one once somebody
// takes it, and a yes to a request is a promise.
func (l *language) settle(before, turn, after *speech, found []finding) []finding {
	last := turn.last()
	if last == nil {
		return found
	}
	offered, _ := l.offers.score(last)
	ours := func(f finding) bool { return f.kind == schemas.ActionItem && f.said == last }
	if offered >= enough {
		taken := false
		if after != nil && after.speaker != turn.speaker {
			yes, _ := l.agreed.opening(after.first())
			taken = yes >= enough
		}
		switch {
		case !taken:
			return slices.DeleteFunc(found, ours)
		case !slices.ContainsFunc(found, ours):
			return append(found, finding{kind: schemas.ActionItem, label: commits, said: last})
		}
		return found
	}
	if l.takesOn(before, turn) && !slices.ContainsFunc(found, func(f finding) bool { return f.kind == schemas.ActionItem }) {
		f := finding{kind: schemas.ActionItem, label: accepts, said: turn.first()}
		if wordsIn(turn.said) <= bareWords {
			f.asked = before.last()
		}
		found = append(found, f)
	}
	return found
}

// takesOn says whether a turn is no more than a yes to a request.
func (l *language) takesOn(before, turn *speech) bool {
	if before == nil || before.speaker == turn.speaker || before.last() == nil || wordsIn(turn.said) > answerMost {
		return false
	}
	if yes, _ := l.accepted.opening(turn.first()); yes < enough {
		return false
	}
	label, is := l.isAction(before, len(before.said)-1, nil)
	return is && (label == asks || label == delegates)
}
