package local

import (
	"strings"

	"leadline/schemas"
)

// finding is a sentence that is of a kind.
type finding struct {
	kind  string
	label string
	said  *utterance
	asked *utterance // what it answers, where it says nothing alone
}

// judge finds what a turn says; before and after are its neighbours, nil at the
// ends of the transcript. Only the turn itself is searched: the others tell what
// it answers and whether an offer was taken.
func (l *language) judge(before, turn, after *speech) []finding {
	var found []finding
	for i, u := range turn.said {
		if label, ok := l.isAction(turn, i, after); ok {
			found = append(found, finding{kind: schemas.ActionItem, label: label, said: u})
		}
		if !turn.customer {
			continue
		}
		if sum, label := l.feedback.score(u); sum >= enough {
			found = append(found, finding{kind: schemas.CustomerFeedback, label: label, said: u})
		}
		if !u.tells() {
			continue
		}
		if l.isAsk(turn, i) {
			found = append(found, finding{kind: schemas.ProductAsk, said: u})
		}
		if sum, label := l.renewal.score(u); sum >= enough {
			found = append(found, finding{kind: schemas.RenewalSignal, label: label, said: u})
		}
	}
	return l.answers(before, turn, found)
}

func (l *language) isAction(turn *speech, i int, after *speech) (string, bool) {
	u := turn.said[i]
	sum, label := l.action.score(u)
	if label == "" && sum <= never/2 {
		return "", false
	}
	if start, as := l.imperatives.opening(u); start > 0 {
		sum += start
		label = as
	}
	// An offer counts once somebody takes it.
	if label == commits && sum < enough && sum >= core && i == len(turn.said)-1 {
		if yes, _ := l.agreed.opening(after.first()); yes >= enough {
			sum += enough / 2
		}
	}
	return label, label != "" && sum >= enough
}

// isAsk adds the sentences beside a question to it: the need is often in the
// next breath.
func (l *language) isAsk(turn *speech, i int) bool {
	sum, _ := l.ask.score(turn.said[i])
	if sum >= enough {
		return true
	}
	if sum < askAlone {
		return false
	}
	for _, n := range []int{i - 1, i + 1} {
		if n < 0 || n >= len(turn.said) {
			continue
		}
		if strings.Contains(turn.said[n].plain, " we ") || strings.Contains(turn.said[n].plain, " our ") ||
			strings.Contains(turn.said[n].plain, " my ") || strings.Contains(turn.said[n].plain, " nobody ") {
			if beside, _ := l.ask.score(turn.said[n]); beside > never/2 && beside > 0 {
				return true
			}
		}
	}
	return false
}

// askAlone is the weight of a question for a capability.
const askAlone = 0.6

// answers adds what is only something because of the question before it.
func (l *language) answers(before, turn *speech, found []finding) []finding {
	asked, answer := before.last(), turn.first()
	if asked == nil || answer == nil || before.speaker == turn.speaker {
		return found
	}
	has := func(kind string) bool {
		for _, f := range found {
			if f.kind == kind && f.said == answer {
				return true
			}
		}
		return false
	}
	if turn.customer && !before.customer && !has(schemas.CustomerFeedback) {
		if invited, _ := l.invites.score(asked); invited >= enough {
			if sum, label := l.evaluates.opening(answer); sum >= enough {
				found = append(found, finding{kind: schemas.CustomerFeedback, label: label, said: answer, asked: asked})
			}
		}
	}
	if !has(schemas.ActionItem) {
		if sum, label := l.acceptances.opening(answer); sum >= enough && l.isRequest(before) {
			found = append(found, finding{kind: schemas.ActionItem, label: label, said: answer, asked: asked})
		}
	}
	return found
}

// isRequest says whether somebody was asked for something at the end of a turn.
func (l *language) isRequest(turn *speech) bool {
	label, ok := l.isAction(turn, len(turn.said)-1, nil)
	return ok && (label == asks || label == delegates)
}

// opening scores rules that must match from the first word on.
func (t table) opening(u *utterance) (sum float64, label string) {
	if u == nil {
		return 0, ""
	}
	for i := range t {
		c := &t[i]
		if c.mood == statement && u.question || !c.matches(u.plain) {
			continue
		}
		if c.weight > 0 {
			if at := c.re.FindStringIndex(u.plain); at == nil || at[0] != 0 {
				continue
			}
			if c.label != "" {
				label = c.label
			}
		}
		sum += c.weight
	}
	return sum, label
}
