// Package state is what a stage remembers about the records of one partition:
// keys and values on local disk, a changelog in Kafka that the disk is a copy
// of, and an overlay that holds what a transaction has not committed yet.
package state

import (
	"slices"
	"strings"
)

// Reader reads the state of one partition. Values must not be changed.
type Reader interface {
	Get(key string) (value []byte, found bool, err error)
	// Scan calls yield for each key with the prefix, in rising order, and stops
	// at its first error, which it returns. yield must not read or write.
	Scan(prefix string, yield func(key string, value []byte) error) error
}

// Overlay holds writes over a Reader until they are committed or dropped.
type Overlay struct {
	base   Reader
	writes map[string][]byte // nil: deleted
}

// NewOverlay starts without writes.
func NewOverlay(base Reader) *Overlay {
	return &Overlay{base: base, writes: make(map[string][]byte)}
}

// Get sees the writes first.
func (o *Overlay) Get(key string) ([]byte, bool, error) {
	if v, written := o.writes[key]; written {
		return v, v != nil, nil
	}
	return o.base.Get(key)
}

// Set writes a value. The slice is kept: the caller must not change it.
func (o *Overlay) Set(key string, value []byte) {
	if value == nil {
		value = []byte{}
	}
	o.writes[key] = value
}

// Delete removes a key.
func (o *Overlay) Delete(key string) { o.writes[key] = nil }

// Scan merges the writes with what is below them.
func (o *Overlay) Scan(prefix string, yield func(string, []byte) error) error {
	pending := o.pending(prefix)
	flush := func(before string, all bool) error {
		for len(pending) > 0 && (all || pending[0] < before) {
			key := pending[0]
			pending = pending[1:]
			if v := o.writes[key]; v != nil {
				if err := yield(key, v); err != nil {
					return err
				}
			}
		}
		return nil
	}
	err := o.base.Scan(prefix, func(key string, value []byte) error {
		if err := flush(key, false); err != nil {
			return err
		}
		if _, written := o.writes[key]; written {
			return nil // its turn comes from pending
		}
		return yield(key, value)
	})
	if err != nil {
		return err
	}
	return flush("", true)
}

// pending lists the written keys with the prefix in rising order.
func (o *Overlay) pending(prefix string) []string {
	var keys []string
	for k := range o.writes {
		if strings.HasPrefix(k, prefix) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

// Writes returns what was written: nil values are deletions. Committing them
// is the caller's.
func (o *Overlay) Writes() map[string][]byte { return o.writes }

// Merge takes over the writes of an overlay whose base is this one.
func (o *Overlay) Merge(upper *Overlay) {
	for k, v := range upper.writes {
		o.writes[k] = v
	}
}

// Empty is a Reader that knows nothing: the bottom of a state that lives in
// overlays alone.
type Empty struct{}

// Get finds nothing.
func (Empty) Get(string) ([]byte, bool, error) { return nil, false, nil }

// Scan yields nothing.
func (Empty) Scan(string, func(string, []byte) error) error { return nil }
