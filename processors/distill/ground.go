package distill

import (
	"regexp"
	"strings"

	"leadline/schemas"
)

const (
	// grounded is the part of a sentence's words that must have been said around
	// its quote.
	grounded = 0.5
	// nearby is how many turns before and after the quote count as around it.
	nearby = 3
)

// telling are words with which a model tells of something that was said in
// others; they need not have been said.
var telling = topics(`customer client vendor company team people speaker user product service meeting ask asked request requested
	want wanted wish like say said mention mentioned express expressed feel think report reported note noted plan agree agreed
	commit committed promise provide request require indicate concern positive negative issue problem feature help follow`)

// exact are things that a model must not make up: addresses and numbers.
var exact = regexp.MustCompile(`(?i)\b(https?:|www\.)\S+|\S+@\S+|\S+\.(com|net|org|io|ru|example)\b\S*|\d+([.,]\d+)*`)

// ground lets a model's own words stand only where they tell of what was said:
// else the quote speaks for itself. false: they did not.
func ground(in Input, d schemas.Distillate) (schemas.Distillate, bool) {
	turns := in.Meeting.Turns
	var around strings.Builder
	for i := max(0, int(d.Turn)-nearby); i < min(len(turns), int(d.Turn)+nearby+1); i++ {
		around.WriteString(in.Voice(i).Name + " " + turns[i].Text + " ")
	}
	said := around.String()
	if d.Owner != nil && !participates(in, *d.Owner, said) {
		d.Owner = nil
	}
	ok := !ToMachine(d.Sentence)
	for _, e := range exact.FindAllString(d.Sentence, -1) {
		ok = ok && strings.Contains(strings.ToLower(said), strings.ToLower(strings.TrimRight(e, ".,;:!?)")))
	}
	words := topics(d.Sentence)
	for w := range telling {
		delete(words, w)
	}
	// A sentence without a word of its own has nothing in common with what was said, and tells nothing.
	if part, _ := shared(words, topics(said)); part < grounded {
		ok = false
	}
	if !ok {
		d.Sentence = d.Quote
	}
	return d, ok
}

// participates says whether somebody of that name is in the meeting, or was
// spoken of there.
func participates(in Input, name, said string) bool {
	name = folded(name)
	if name == "" {
		return false
	}
	m := in.Meeting
	known := []string{said, m.Host.Name, m.Host.Email}
	for _, i := range m.Invitees {
		for _, n := range []*string{i.Name, i.Email} {
			if n != nil {
				known = append(known, *n)
			}
		}
	}
	for _, k := range known {
		if strings.Contains(" "+folded(k)+" ", " "+name+" ") {
			return true
		}
	}
	return false
}
