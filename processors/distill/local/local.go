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
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"leadline/processors/distill"
	"leadline/schemas"
)

// version rises with every change of the tables or weights, or what was remembered under
// the old ones would stay.
const version = "local/6"

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
	turns := speeches(in, peopleOf(names))
	heard, err := d.hearAll(ctx, l, turns)
	if err != nil {
		return nil, err
	}
	var all []schemas.Distillate
	of := make(map[string]int)
	for i, findings := range heard {
		for _, f := range findings {
			if of[f.kind]++; of[f.kind] > maxOfKind {
				continue
			}
			found := f.distillate(i, turns.at(i), turns.at(i-1), turns.at(i+1))
			found.Owner = inFull(found.Owner, names)
			all = append(all, found)
		}
	}
	return all, nil
}

// conversation is the turns of a meeting that are judged.
type conversation []*speech

func speeches(in distill.Input, people map[string]bool) conversation {
	var turns conversation
	judged := 0
	for i, turn := range in.Meeting.Turns {
		v := in.Voice(i)
		s := hear(v.Name, v.Customer, turn.Text, people)
		if judged += len(s.said); judged > maxSentences {
			break
		}
		turns = append(turns, s)
	}
	return turns
}

func (c conversation) at(i int) *speech {
	if i < 0 || i >= len(c) {
		return nil
	}
	return c[i]
}

// listeners is how many turns of one meeting are read at once: a long one that
// somebody waits for is ready in half of the time, and others that are distilled
// meanwhile still get their turn.
const listeners = 2

// hearAll finds what each turn says.
func (d *Distiller) hearAll(ctx context.Context, l *language, turns conversation) ([][]finding, error) {
	heard := make([][]finding, len(turns))
	var next atomic.Int64
	each, ctx := errgroup.WithContext(ctx)
	for range min(listeners, runtime.GOMAXPROCS(0), len(turns)) {
		each.Go(func() error {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(turns) {
					return nil
				}
				var err error
				if heard[i], err = d.hear(l, turns.at(i-1), turns[i], turns.at(i+1)); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	return heard, each.Wait()
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
