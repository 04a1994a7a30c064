package distill

import (
	"unicode"
	"unicode/utf8"

	"leadline/schemas"
)

// A quote of one or two words stands in many turns: found in another turn than
// the named one, it would prove nothing.
const minWordsElsewhere = 3

// evidence checks quotes against one transcript.
type evidence struct {
	in    Input
	turns [][]word
}

func newEvidence(in Input) *evidence {
	e := &evidence{in: in, turns: make([][]word, len(in.Meeting.Turns))}
	for i, t := range in.Meeting.Turns {
		e.turns[i] = split(t.Text)
	}
	return e
}

// support finds the quote in the named turn, else in the nearest one that has
// it, and returns the distillate with the quote as it stands there and with who
// said it when. false: the transcript does not have it, or it is our own side
// that says what only the customer can.
func (e *evidence) support(d schemas.Distillate) (schemas.Distillate, bool) {
	quote := split(d.Quote)
	if len(quote) == 0 || d.Sentence == "" || !schemas.IsKind(d.Kind) {
		return d, false
	}
	turn, at := e.locate(quote, int(d.Turn))
	if turn < 0 {
		return d, false
	}
	voice := e.in.Voice(turn)
	if customersKind(d.Kind) && !voice.Customer {
		return d, false
	}
	text := e.in.Meeting.Turns[turn].Text
	first, last := e.turns[turn][at], e.turns[turn][at+len(quote)-1]
	d.Quote = text[first.start:closing(text, last.end)]
	d.Turn = int32(turn) //nolint:gosec // a transcript of 8 MiB has fewer turns
	d.Speaker, d.Email, d.StartMS = voice.Name, voice.Email, e.in.Meeting.Turns[turn].StartMS
	return d, true
}

// locate returns the turn and the word where the quote starts, or -1.
func (e *evidence) locate(quote []word, named int) (turn, at int) {
	inside := func(t int) bool { return t >= 0 && t < len(e.turns) }
	if inside(named) {
		if at := find(quote, e.turns[named]); at >= 0 {
			return named, at
		}
	}
	if len(quote) < minWordsElsewhere {
		return -1, 0
	}
	named = min(max(named, 0), len(e.turns))
	for distance := 0; distance <= len(e.turns); distance++ {
		for _, t := range []int{named - distance, named + distance} {
			if !inside(t) {
				continue
			}
			if at := find(quote, e.turns[t]); at >= 0 {
				return t, at
			}
		}
	}
	return -1, 0
}

// closing moves the end of a quote behind the punctuation that ends its
// sentence.
func closing(text string, end int) int {
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if !unicode.IsPunct(r) || unicode.In(r, unicode.Ps, unicode.Pi, unicode.Pd) {
			break
		}
		end += n
	}
	return end
}
