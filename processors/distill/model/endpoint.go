// Package model distils with a language model, whoever serves it: it makes the
// prompts, cuts long transcripts into parts, and reads the answers.
package model

import (
	"context"
	"fmt"
	"time"
)

// Endpoint is where a language model is asked.
type Endpoint interface {
	// Name is the kind of endpoint and its model, as in openai:gpt-6.
	Name() string
	// Complete sends one prompt. Calls may overlap, and each costs money. An error
	// is a *Refused where the same prompt would be refused again, with the tokens
	// that it cost in the reply, and a *Busy where the endpoint asks for time;
	// after any other, trying again may help.
	Complete(ctx context.Context, p Prompt) (Reply, error)
}

// Prompt is what a model is asked.
type Prompt struct {
	System    string
	User      string
	Schema    map[string]any // JSON schema that the answer must have
	MaxTokens int64          // of the answer
}

// Reply is what a model said.
type Reply struct {
	Text      string
	Truncated bool // it stopped at MaxTokens
	TokensIn  int64
	TokensOut int64
}

// Refused is an endpoint's no to this prompt.
type Refused struct {
	Status int // of HTTP; 200 where it was the model that would not
	Reason string
}

func (r *Refused) Error() string { return fmt.Sprintf("refused with %d: %s", r.Status, r.Reason) }

// Busy is an endpoint's wish to be asked later.
type Busy struct {
	Status int
	After  time.Duration // at least; 0 where it gave no time
	Err    error
}

func (b *Busy) Error() string { return fmt.Sprintf("answered %d: %v", b.Status, b.Err) }
func (b *Busy) Unwrap() error { return b.Err }

// RetryAfter is how long to wait at least.
func (b *Busy) RetryAfter() time.Duration { return b.After }

// Slow says that no answer came in time.
type Slow struct{ Timeout time.Duration }

func (s *Slow) Error() string { return fmt.Sprintf("no answer within %v", s.Timeout) }

// TimedOut tells it from other trouble.
func (*Slow) TimedOut() bool { return true }
