package distill

import (
	"context"

	"leadline/schemas"
)

// Distiller finds what is worth keeping in a meeting.
type Distiller interface {
	// Name is what distils and its version: whoever changes what comes out
	// changes the name, or what was remembered under it stays true for ever.
	Name() string
	// Distill returns what it found, in any order. Of each distillate it fills
	// Kind, Sentence, Quote, Turn and, where it is an action item, Owner; the
	// stage checks the quote and fills in the rest. The stage calls it once for
	// each content, and again where the answer could not be committed; calls do
	// not overlap. An error is passed on as it is: unless it is
	// schemas.Rejected, the meeting is tried again later.
	Distill(ctx context.Context, in Input) ([]schemas.Distillate, error)
}

// Input is what a distiller sees: the content and who speaks for whom. Not the
// links: a meeting that finds its customer later is not distilled again.
type Input struct {
	Meeting *schemas.Meeting
	voices  []Voice // of each turn
}

// NewInput sorts the speakers of a meeting by side. ownDomains are those of
// schemas.MatchedMeeting.
func NewInput(m *schemas.Meeting, ownDomains []string) Input {
	return Input{Meeting: m, voices: voicesOf(m, ownDomains)}
}

// Voice says who speaks a turn.
func (in Input) Voice(turn int) Voice { return in.voices[turn] }

// None distils nothing, not even the recorder's own action items.
type None struct{}

// Name of the distiller.
func (None) Name() string { return "none" }

// Distill finds nothing.
func (None) Distill(context.Context, Input) ([]schemas.Distillate, error) { return nil, nil }
