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
	// stage checks the quote and fills in the rest. It is called once for each
	// content and rules, and again where the answer could not be kept; calls may
	// overlap. An error that is *NoAnswer is final for this content; with any
	// other the meeting is tried again later.
	Distill(ctx context.Context, in Input) (Answer, error)
}

// Answer is what a distiller says of a meeting. Nothing of it is believed yet.
type Answer struct {
	Distillates []schemas.Distillate
	Topics      []schemas.TopicHit // of the rules' topics, those that it is about
	Spent       schemas.Spending
}

// NoAnswer says why a meeting cannot be distilled, and what trying cost.
type NoAnswer struct {
	Reason string
	Spent  schemas.Spending
}

func (n *NoAnswer) Error() string { return n.Reason }

// Input is what a distiller sees: the content, who speaks for whom, and the
// rules. Not the links: a meeting that finds its customer later is not
// distilled again.
type Input struct {
	Meeting *schemas.Meeting
	Rules   schemas.RuleSet // those that are on and for its recorder
	voices  []Voice         // of each turn
}

// NewInput sorts the speakers of a meeting by side. ownDomains are those of
// schemas.MatchedMeeting; the host is ours.
func NewInput(m *schemas.Meeting, ownDomains []string) Input {
	return Input{Meeting: m, voices: voicesOf(m, ownDomains, true)}
}

// InputOfMatched sorts by what matching says of everybody.
func InputOfMatched(m *schemas.MatchedMeeting) Input {
	return Input{Meeting: &m.Meeting, voices: voicesOf(&m.Meeting, m.Own(), m.HostIsOurs())}
}

// InputOf is the input of a request.
func InputOf(r *schemas.DistillationRequest) Input {
	in := InputOfMatched(&r.Matched)
	in.Rules = r.Rules
	return in
}

// Voice says who speaks a turn.
func (in Input) Voice(turn int) Voice { return in.voices[turn] }

// Finder is a distiller that knows nothing of rules and costs nothing.
type Finder interface {
	// Name and Distill are as Distiller's.
	Name() string
	Distill(ctx context.Context, in Input) ([]schemas.Distillate, error)
}

// ByWords makes a Finder a Distiller: topics are judged by the words that occur;
// see aboutByWords.
func ByWords(f Finder) Distiller { return byWords{f} }

type byWords struct{ Finder }

func (b byWords) Distill(ctx context.Context, in Input) (Answer, error) {
	found, err := b.Finder.Distill(ctx, in)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Distillates: found, Topics: aboutByWords(in, found)}, nil
}

// None distils nothing, not even the recorder's own action items.
type None struct{}

// Name of the distiller.
func (None) Name() string { return "none" }

// Distill finds nothing, and takes every topic as met: without a distiller
// there is nobody to judge, and nothing to keep back.
func (None) Distill(_ context.Context, in Input) (Answer, error) {
	var a Answer
	for _, r := range in.Rules.Of(schemas.RuleTopic) {
		a.Topics = append(a.Topics, schemas.TopicHit{Rule: r.ID, Turn: -1})
	}
	return a, nil
}
