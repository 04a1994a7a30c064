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

// judge finds by the tables what a turn says; after is the one behind it, nil at
// the end of the transcript, and tells whether an offer was taken.
func (l *language) judge(turn, after *speech) []finding {
	var found []finding
	for i, u := range turn.said {
		if label, ok := l.isAction(turn, i, after); ok {
			found = append(found, finding{kind: schemas.ActionItem, label: label, said: u})
		}
		if !turn.customer {
			continue
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
	return found
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
