package local

import (
	"math"
	"strings"

	"leadline/processors/distill/local/encoder"
	"leadline/schemas"
)

// windowWords is how much of a turn is read at once. People say one thing in two
// or three sentences; of a longer stretch the encoder would keep the average.
const windowWords = 45

// suspect is how sure the encoder must be of a window for its sentences to be
// read alone: where three things are said at once, each makes up a third of it.
const suspect = 0.1

// answerWords is how long an answer may be to be read with what it answers: in
// longer ones that is said again, and reading it costs as much as a sentence.
// Of bareWords words it says nothing without it.
const (
	answerWords = 15
	bareWords   = 4
)

// encoded are the kinds in the order of the encoder.
var encoded = [...]string{
	encoder.Feedback: schemas.CustomerFeedback,
	encoder.Action:   schemas.ActionItem,
	encoder.Ask:      schemas.ProductAsk,
	encoder.Renewal:  schemas.RenewalSignal,
}

// hear finds what a turn says, by the means of its language.
func (d *Distiller) hear(l *language, before, turn, after *speech) ([]finding, error) {
	if !l.read {
		return l.judge(turn, after), nil
	}
	e, err := encoder.Load()
	if err != nil {
		return nil, err
	}
	var found []finding
	asked := asking(before, turn)
	for n, window := range windows(turn.said) {
		if n > 0 || wordsIn(window) > answerWords {
			asked = ""
		}
		if worthless(window, asked) {
			continue
		}
		whole := e.Read(joined(window), asked, turn.customer)
		var alone []encoder.Reading // by sentence, where there are several and something to find
		for kind := range whole.Is {
			if whole.Sure[kind] < suspect || !turn.customer && kind != encoder.Action {
				continue
			}
			if alone == nil {
				alone = each(e, window, whole, turn.customer)
			}
			for _, i := range evidence(e, whole, alone, kind) {
				f := finding{kind: encoded[kind], label: l.label(kind, window[i], alone[i]), said: window[i]}
				if asked != "" && len(strings.Fields(f.said.text)) <= bareWords {
					f.asked = before.last()
				}
				found = append(found, f)
			}
		}
	}
	return l.settle(before, turn, after, found), nil
}

// asking is what the speaker answers: the last two sentences of somebody else,
// where they call for an answer. Reading them costs as much as a turn.
func asking(before, turn *speech) string {
	if before == nil || before.speaker == turn.speaker || len(before.said) == 0 {
		return ""
	}
	last := before.said[max(0, len(before.said)-2):]
	for _, u := range last {
		if u.question {
			return joined(last)
		}
		for word := range strings.FieldsSeq(u.plain) {
			if calls[word] {
				return joined(last)
			}
		}
	}
	return ""
}

// calls are words by which somebody is asked, or offered something.
var calls = wordSet("you your someone somebody anyone anybody who please let shall should could would need needs if")

// windows cuts a turn into stretches of whole sentences.
func windows(said []*utterance) [][]*utterance {
	var all [][]*utterance
	start, words := 0, 0
	for i, u := range said {
		n := len(strings.Fields(u.text))
		if i > start && words+n > windowWords {
			all = append(all, said[start:i])
			start, words = i, 0
		}
		words += n
	}
	if start < len(said) {
		all = append(all, said[start:])
	}
	return all
}

// worthless spares the encoder what is only noise: half of the turns of a
// meeting are "mm-hm" and "right". Thanks are of no kind, whatever was promised
// before.
func worthless(window []*utterance, asked string) bool {
	words := wordsIn(window)
	return words == 0 || words < 2 && asked == "" || onlyThanks(window)
}

var thanks = wordSet("thank thanks you so very much a lot many again , .")

func onlyThanks(window []*utterance) bool {
	for _, u := range window {
		for word := range strings.FieldsSeq(u.plain) {
			if !thanks[word] {
				return false
			}
		}
	}
	return true
}

// wordsIn leaves fillers out.
func wordsIn(window []*utterance) (n int) {
	for _, u := range window {
		n += strings.Count(u.plain, " ") - strings.Count(u.plain, " ,") - 2
	}
	return n
}

func joined(window []*utterance) string {
	if len(window) == 1 {
		return window[0].text
	}
	var b strings.Builder
	for i, u := range window {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(u.text)
	}
	return b.String()
}

// each reads the sentences of a window one by one.
func each(e *encoder.Encoder, window []*utterance, whole encoder.Reading, customer bool) []encoder.Reading {
	if len(window) == 1 {
		return []encoder.Reading{whole}
	}
	alone := make([]encoder.Reading, len(window))
	for i, u := range window {
		alone[i] = e.Read(u.text, "", customer)
	}
	return alone
}

// evidence is the sentences that alone are of the kind. Where none is, but the
// window as a whole, it is the one that comes nearest: a quote must be readable.
func evidence(e *encoder.Encoder, whole encoder.Reading, alone []encoder.Reading, kind int) (at []int) {
	if kind == encoder.Feedback {
		return judging(e, whole, alone)
	}
	nearest, surest := 0, float32(-1)
	for i, r := range alone {
		if r.Is[kind] {
			at = append(at, i)
		}
		if r.Sure[kind] > surest {
			nearest, surest = i, r.Sure[kind]
		}
	}
	if len(at) == 0 && whole.Is[kind] {
		at = append(at, nearest)
	}
	return at
}

// judging is the sentences that both alone and by their window are feedback: what
// a sentence judges is often in the one beside it.
func judging(e *encoder.Encoder, whole encoder.Reading, alone []encoder.Reading) (at []int) {
	for i, r := range alone {
		both := math.Sqrt(float64(whole.Sure[encoder.Feedback]) * float64(r.Sure[encoder.Feedback]))
		if e.Enough(encoder.Feedback, float32(both)) {
			at = append(at, i)
		}
	}
	return at
}

func (l *language) label(kind int, u *utterance, r encoder.Reading) string {
	switch kind {
	case encoder.Feedback:
		if r.Praise {
			return praise
		}
		return criticism
	case encoder.Action:
		return l.bound(u)
	case encoder.Renewal:
		return r.Signal
	}
	return ""
}

// bound is who is to do what a sentence is about.
func (l *language) bound(u *utterance) string {
	_, label := l.action.score(u)
	if start, as := l.imperatives.opening(u); start > 0 {
		label = as
	}
	switch {
	case label != "":
		return label
	case strings.Contains(u.plain, " i ") || strings.Contains(u.plain, " we ") || strings.Contains(u.plain, " me ") && !u.question:
		return commits
	case u.question || strings.Contains(u.plain, " you "):
		return asks
	}
	return commits
}
