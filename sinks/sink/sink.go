// Package sink carries a topic into a store: THE at-least-once loop, written
// once, and the vocabulary that a store needs to take part.
//
// A record may reach a store twice, and on a replay an older one may reach it
// after a newer one. So every row has a version, and a store keeps the highest
// that it has seen of each key, deletions included: then what it shows does
// not depend on how often or in which order rows came.
package sink

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Row is what a store shall hold under a key.
type Row[T any] struct {
	Key string
	// Version rises with each change of the key's value, and is at most
	// MaxVersion. Equal versions of a key have equal values.
	Version uint64
	Value   *T // nil: the key is gone, and no older version brings it back
}

// Batch is the rows that are written together. Those that Loop makes hold each
// key once; a store takes others too.
type Batch[T any] []Row[T]

// Sink is a store's way in.
//
// Loop calls Write from one goroutine at a time, and calls it again with the
// same batch when it failed or when the process died before the offsets were
// committed. Rows that are older than what the store has are no error. Nil
// says that all rows are as durable as the store makes them; *Unstorable that
// all but the named ones are; any other error that the batch is to come again
// later, whatever part of it was written, and ErrTooMuch that less of it is. The values are not to be changed.
type Sink[T any] interface {
	Write(ctx context.Context, b Batch[T]) error
}

// ErrTooMuch is a store's that has no room for the batch, and may have for less.
var ErrTooMuch = errors.New("too much at once")

// Func makes a function a Sink.
type Func[T any] func(ctx context.Context, b Batch[T]) error

// Write calls f.
func (f Func[T]) Write(ctx context.Context, b Batch[T]) error { return f(ctx, b) }

// Unstorable names the rows, by their index in the batch, that can never be
// stored, each with the reason: schemas.Rejected, or else it counts as
// schemas.ReasonInvalid. They become dead letters; all others were written.
type Unstorable struct {
	Rows map[int]error
}

func (u *Unstorable) Error() string {
	if len(u.Rows) == 0 {
		return "no row is unstorable"
	}
	indexes := make([]int, 0, len(u.Rows))
	for i := range u.Rows {
		indexes = append(indexes, i)
	}
	first := slices.Min(indexes)
	return fmt.Sprintf("%d rows can never be stored, the first is row %d: %v", len(u.Rows), first, u.Rows[first])
}

// Unwrap lets errors.Is and errors.As see the rows' reasons.
func (u *Unstorable) Unwrap() []error {
	all := make([]error, 0, len(u.Rows))
	for _, err := range u.Rows {
		all = append(all, err)
	}
	return all
}
