// Package local is a distiller that asks nobody: it runs in the process, and
// gives the same answer for the same words on every machine.
//
// It prefers missing something to claiming it: what it returns is read by people
// who did not hear the meeting. English is read by a small encoder, whose weights
// are in the binary; German and Spanish have tables of patterns for action items,
// asks and renewals; other languages yield nothing.
package local

import (
	"context"

	"leadline/processors/distill"
	"leadline/schemas"
)

// version rises with every change of the tables or weights, or what was remembered under
// the old ones would stay.
const version = "local/2"

// maxOfKind is what is kept of one kind from one meeting. Nobody reads more, and
// a transcript made of nothing else must not take all memory.
const maxOfKind = 200

// maxSentences is how many are judged of one meeting: at 15 words each and 150
// words a minute, 8 hours of speech. A body of 8 MiB can hold forty times as
// many, and would hold up its partition for minutes.
const maxSentences = 5_000

// Distiller is stateless and safe for concurrent use.
type Distiller struct {
	languages map[string]*language
}

// New compiles the tables.
func New() *Distiller { return &Distiller{languages: languages()} }

// Name of the distiller and its version.
func (*Distiller) Name() string { return version }

// Distill fails when it is told to stop, or when the weights in the binary are
// broken.
func (d *Distiller) Distill(ctx context.Context, in distill.Input) ([]schemas.Distillate, error) {
	l := d.languages[languageOf(in.Meeting.Language)]
	if l == nil {
		return nil, nil
	}
	names := namesIn(in.Meeting)
	people := peopleOf(names)
	turns := in.Meeting.Turns
	at := func(i int) *speech {
		if i < 0 || i >= len(turns) {
			return nil
		}
		v := in.Voice(i)
		return hear(v.Name, v.Customer, turns[i].Text, people)
	}
	var all []schemas.Distillate
	of := make(map[string]int)
	judged := 0
	before, turn := (*speech)(nil), at(0)
	for i := range turns {
		if judged += len(turn.said); judged > maxSentences {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		after := at(i + 1)
		heard, err := d.hear(l, before, turn, after)
		if err != nil {
			return nil, err
		}
		for _, f := range heard {
			if of[f.kind]++; of[f.kind] > maxOfKind {
				continue
			}
			found := f.distillate(i, turn, before, after)
			found.Owner = inFull(found.Owner, names)
			all = append(all, found)
		}
		before, turn = turn, after
	}
	return all, nil
}

// namesIn lists everybody who is known to take part.
func namesIn(m *schemas.Meeting) []string {
	names := []string{m.Host.Name}
	for _, i := range m.Invitees {
		if i.Name != nil {
			names = append(names, *i.Name)
		}
	}
	seen := make(map[string]bool)
	for _, t := range m.Turns {
		if !seen[t.Speaker] {
			seen[t.Speaker] = true
			names = append(names, t.Speaker)
		}
	}
	return names
}
