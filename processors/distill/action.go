package distill

import (
	"leadline/schemas"
)

const (
	// nearTurns is how far from its time an action item may have been said:
	// recorders put the mark where the talk about it starts or ends.
	nearTurns = 3
	// quotable is the part of the item's topics that a turn must have to be its
	// quote, sameTask that of the shorter of two items to be one. The second is
	// lower where both stand in the same place.
	quotable       = 0.5
	sameTask       = 0.6
	sameTaskAtOnce = 0.3
	// Two words in common are no chance; one may be a name.
	minShared = 2
	// shortTurn is what can be read at a glance, in bytes.
	shortTurn = 240
)

// recorded takes over the action items of the recorder, each with the turn that
// it stems from where one can be told.
func recorded(in Input) []schemas.Distillate {
	var items []schemas.Distillate
	said := heard{in: in, topics: make(map[int]map[string]bool)}
	for _, a := range in.Meeting.ActionItems {
		if a.Description == "" {
			continue
		}
		d := schemas.Distillate{Kind: schemas.ActionItem, Sentence: a.Description, Turn: -1, Owner: owner(a)}
		if a.AtMS != nil {
			d.StartMS = *a.AtMS
			said.quote(&d)
		}
		items = append(items, d)
		if len(items) > maxOfKind {
			break // arrange counts the one too many
		}
	}
	return items
}

func owner(a schemas.Action) *string {
	for _, who := range []*string{a.AssigneeName, a.AssigneeEmail, a.AssigneeTeam} {
		if who != nil && *who != "" {
			return who
		}
	}
	return nil
}

// heard is a transcript whose turns' topics are looked up many times.
type heard struct {
	in     Input
	topics map[int]map[string]bool
}

func (h heard) of(turn int) map[string]bool {
	t, found := h.topics[turn]
	if !found {
		t = topics(h.in.Meeting.Turns[turn].Text)
		h.topics[turn] = t
	}
	return t
}

// quote looks for the turn near the item's time that shares most of its words.
func (h heard) quote(d *schemas.Distillate) {
	turns := h.in.Meeting.Turns
	at := 0
	for i, t := range turns {
		if t.StartMS <= d.StartMS {
			at = i
		}
	}
	about := topics(d.Sentence)
	best, most := -1, 0.0
	for i := max(0, at-nearTurns); i < min(len(turns), at+nearTurns+1); i++ {
		part, n := shared(about, h.of(i))
		if n >= minShared && part >= quotable && part > most {
			best, most = i, part
		}
	}
	if best < 0 {
		return
	}
	voice := h.in.Voice(best)
	d.Turn, d.Quote, d.StartMS = int32(best), passage(turns[best].Text, about), turns[best].StartMS
	d.Speaker, d.Email = voice.Name, voice.Email
}

// passage is the sentence of a turn that the topics are nearest to, or the
// whole turn where it is short.
func passage(text string, about map[string]bool) string {
	if len(text) <= shortTurn {
		return text
	}
	best, most := text, 0
	for _, s := range Sentences(text) {
		if _, n := shared(about, topics(s)); n > most {
			best, most = s, n
		}
	}
	return best
}

// join adds to the recorder's items what else was found, without what both
// have.
func join(items, found []schemas.Distillate) []schemas.Distillate {
	all := items
	for _, f := range found {
		twice := false
		for _, i := range items {
			twice = twice || f.Kind == schemas.ActionItem && isSameTask(i, f)
		}
		if !twice {
			all = append(all, f)
		}
	}
	return all
}

func isSameTask(a, b schemas.Distillate) bool {
	few, many := topics(a.Sentence), topics(b.Quote)
	if len(few) > len(many) {
		few, many = many, few
	}
	part, n := shared(few, many)
	together := a.Turn >= 0 && a.Turn-b.Turn <= 1 && b.Turn-a.Turn <= 1
	return n >= minShared && (part >= sameTask || together && part >= sameTaskAtOnce)
}
