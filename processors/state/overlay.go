// Package state is what a stage remembers about the records of one partition:
// keys and values on local disk, a changelog in Kafka that the disk is a copy
// of, and an overlay that holds what a transaction has not committed yet.
package state

import (
	"strings"

	"github.com/google/btree"
)

// Reader reads the state of one partition. Values must not be changed.
type Reader interface {
	Get(key string) (value []byte, found bool, err error)
	// Scan calls yield for each key with the prefix, in rising order, and stops
	// at its first error, which it returns. yield must not read or write.
	Scan(prefix string, yield func(key string, value []byte) error) error
	// ScanAfter is a Scan that leaves out the keys up to and with after, at no
	// cost: it goes on where another one stopped.
	ScanAfter(prefix, after string, yield func(key string, value []byte) error) error
}

// Overlay holds writes over a Reader until they are committed or dropped.
type Overlay struct {
	base   Reader
	writes map[string][]byte // nil values: deleted; a nil map: nothing was written, as with most records
	// keys are those of writes in order: a batch has thousands, and each record
	// scans.
	keys *btree.BTreeG[string]
}

// NewOverlay starts without writes.
func NewOverlay(base Reader) *Overlay {
	return &Overlay{base: base}
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
	o.put(key, value)
}

// Delete removes a key.
func (o *Overlay) Delete(key string) { o.put(key, nil) }

func (o *Overlay) put(key string, value []byte) {
	if o.keys == nil {
		o.writes = make(map[string][]byte)
		o.keys = btree.NewG(32, func(a, b string) bool { return a < b })
	}
	if _, known := o.writes[key]; !known {
		o.keys.ReplaceOrInsert(key)
	}
	o.writes[key] = value
}

// Scan merges the writes with what is below them.
func (o *Overlay) Scan(prefix string, yield func(string, []byte) error) error {
	return o.ScanAfter(prefix, "", yield)
}

// ScanAfter merges the writes with what is below them.
func (o *Overlay) ScanAfter(prefix, after string, yield func(string, []byte) error) error {
	at, more := o.next(prefix, after, false)
	flush := func(before string, all bool) error {
		for more && (all || at < before) {
			if v := o.writes[at]; v != nil {
				if err := yield(at, v); err != nil {
					return err
				}
			}
			at, more = o.next(prefix, at, true)
		}
		return nil
	}
	err := o.base.ScanAfter(prefix, after, func(key string, value []byte) error {
		if err := flush(key, false); err != nil {
			return err
		}
		if _, written := o.writes[key]; written {
			return nil // its turn comes from the writes
		}
		return yield(key, value)
	})
	if err != nil {
		return err
	}
	return flush("", true)
}

// next finds the first written key with the prefix above after. The empty key
// is above nothing, unless it was seen.
func (o *Overlay) next(prefix, after string, seen bool) (key string, found bool) {
	if o.keys == nil {
		return "", false
	}
	o.keys.AscendGreaterOrEqual(max(prefix, after), func(k string) bool {
		if k == after && (seen || after != "") {
			return true
		}
		key, found = k, strings.HasPrefix(k, prefix)
		return false
	})
	return key, found
}

// Writes returns what was written: nil values are deletions. Committing them
// is the caller's.
func (o *Overlay) Writes() map[string][]byte { return o.writes }

// Merge takes over the writes of an overlay whose base is this one.
func (o *Overlay) Merge(upper *Overlay) {
	for k, v := range upper.writes {
		o.put(k, v)
	}
}

// Empty is a Reader that knows nothing: the bottom of a state that lives in
// overlays alone.
type Empty struct{}

// Get finds nothing.
func (Empty) Get(string) ([]byte, bool, error) { return nil, false, nil }

// Scan yields nothing.
func (Empty) Scan(string, func(string, []byte) error) error { return nil }

// ScanAfter yields nothing.
func (Empty) ScanAfter(string, string, func(string, []byte) error) error { return nil }
