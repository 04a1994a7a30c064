// Package embedding gives entries vectors, so that a question finds what says
// the same in other words, or in another language. It is optional: a store
// searches by words alone where no endpoint is configured, or while it fails.
//
// It is a sink like the others: it reads the topic of entries in a consumer
// group of its own, asks a model for the vectors of what it has not seen, and
// writes them to the store under the entries' versions. Another model has
// another space, which is another group: it reads the topic from its start,
// beside the one that searches use, and takes its place when it is through.
package embedding

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"leadline/schemas"
)

// Space is where vectors can be compared: those of one model.
type Space struct {
	Model      string // that documents are embedded by
	QueryModel string // that questions are; often the same
	Dimension  int
}

// ID is the space's name in stores.
func (s Space) ID() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d text", s.Model, s.QueryModel, s.Dimension))
	return hex.EncodeToString(sum[:6])
}

// Digest is of what is embedded of an entry: the same text has the same vector,
// whichever version of whichever meeting it is in.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// Vector is an entry's, of length 1.
type Vector struct {
	Key     string // schemas.EntryKey
	Version uint64
	Entry   *schemas.Entry // nil: the entry is gone
	Digest  string
	Values  []float32
}

// Store keeps vectors. Carrier calls it from one goroutine at a time; each call
// may be repeated. An error means that it is to be tried again.
type Store interface {
	// BeginVectors makes room for the space where there is none, and returns
	// when that was made: a name that is another one after the space was removed.
	BeginVectors(ctx context.Context, s Space) (generation string, err error)
	// KnownVectors returns those of the space that have one of the digests.
	KnownVectors(ctx context.Context, s Space, digests []string) (map[string][]float32, error)
	// PutVectors writes vectors unless newer ones are there. *sink.Unstorable
	// names those that can never be; all others were written.
	PutVectors(ctx context.Context, s Space, all []Vector) error
	// ServeVectors makes searches use the space, and removes the others.
	ServeVectors(ctx context.Context, s Space) error
}

// Asker embeds what is searched for. A store calls it once for each search; nil
// says to search by words alone.
type Asker interface {
	Vector(ctx context.Context, s Space, text string) []float32
}
