// Package inverted is an inverted index in memory: for each term the documents
// that hold it, ranked by BM25. What it costs is some 4 bytes for each
// different term of each document.
//
// Why not the store's own full text index: that computes a score for every
// document that holds any of the terms, at some 3.5 microseconds each, before
// it can be told whose documents are wanted. Here one costs some nanoseconds.
package inverted

import (
	"math"
	"sync"
)

// Okapi BM25's usual constants, and what a term in a title counts: a title is
// repeated in all documents of its meeting, so it says which meeting, but not
// which passage.
const (
	k1          = 1.2
	b           = 0.75
	titleWeight = 0.4
)

// Document is what is put into an index.
type Document struct {
	ID     int64
	Groups uint8  // bits of the caller's own, to narrow a search by
	Length int    // words, of title and text
	Label  string // what is told again of it; few are different
	Terms  map[string]Count
}

// Count is how often a document holds a term.
type Count struct{ Title, Text int }

// Index is safe for concurrent use.
type Index struct {
	mu     sync.RWMutex
	lists  map[string][]posting
	docs   []doc
	places map[int64]uint32 // in docs, of those that live
	words  int              // of those that live
	labels []string
	known  map[string]uint32 // labels' places
	sums   sync.Pool         // of []float32, for searches
}

type doc struct {
	id     int64
	label  uint32
	length uint16
	groups uint8
	gone   bool
}

// posting is a document's place, how often its title has the term (2 bits) and
// how often its text has it (6 bits). More than that hardly changes a score.
type posting uint32

const (
	maxTitle, maxText = 1<<2 - 1, 1<<6 - 1
	// maxPlaces is what a posting has room for. Documents beyond that are not
	// found: the store is meant for a thirtieth of it.
	maxPlaces = 1 << 24
)

// New is an empty index.
func New() *Index {
	return &Index{lists: make(map[string][]posting), places: make(map[int64]uint32), known: make(map[string]uint32)}
}

// Put adds documents, or puts them in the place of those that have their ids.
func (x *Index) Put(all []Document) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, d := range all {
		x.remove(d.ID)
		if len(x.docs) == maxPlaces {
			x.compact()
		}
		if len(x.docs) == maxPlaces {
			return
		}
		at := uint32(len(x.docs))                       //nolint:gosec // below maxPlaces
		length := uint16(min(d.Length, math.MaxUint16)) //nolint:gosec // likewise
		x.docs = append(x.docs, doc{id: d.ID, label: x.label(d.Label), length: length, groups: d.Groups})
		x.places[d.ID] = at
		x.words += int(length)
		for term, n := range d.Terms {
			p := posting(at<<8 | uint32(min(n.Title, maxTitle))<<6 | uint32(min(n.Text, maxText))) //nolint:gosec // so many bits
			x.lists[term] = append(x.lists[term], p)
		}
	}
	x.tidy()
}

// label is the place of what documents are told by. One stays when its
// documents go: names of people, of whom there are few.
func (x *Index) label(l string) uint32 {
	at, there := x.known[l]
	if !there {
		at = uint32(len(x.labels)) //nolint:gosec // at most as many as documents were put
		x.labels, x.known[l] = append(x.labels, l), at
	}
	return at
}

// Labels returns those of the documents, of one that is gone "".
func (x *Index) Labels(ids []int64) []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	all := make([]string, len(ids))
	for i, id := range ids {
		if at, there := x.places[id]; there {
			all[i] = x.labels[x.docs[at].label]
		}
	}
	return all
}

// Remove takes documents out; that one is not there is no error.
func (x *Index) Remove(ids []int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, id := range ids {
		x.remove(id)
	}
	x.tidy()
}

// tidy compacts where much is gone: removed, or replaced. Until then it counts
// where a term's rarity is counted.
func (x *Index) tidy() {
	if gone := len(x.docs) - len(x.places); gone > 64+len(x.docs)/32 {
		x.compact()
	}
}

func (x *Index) remove(id int64) {
	at, there := x.places[id]
	if !there {
		return
	}
	x.words -= int(x.docs[at].length)
	x.docs[at].gone = true
	delete(x.places, id)
}

// compact forgets the documents that are gone.
func (x *Index) compact() {
	moved := make([]uint32, len(x.docs))
	kept := x.docs[:0]
	for i, d := range x.docs {
		if !d.gone {
			moved[i] = uint32(len(kept)) //nolint:gosec // below maxPlaces
			x.places[d.id] = moved[i]
			kept = append(kept, d)
		} else {
			moved[i] = maxPlaces
		}
	}
	for term, list := range x.lists {
		left := list[:0]
		for _, p := range list {
			if at := moved[p>>8]; at < maxPlaces {
				left = append(left, posting(at<<8)|p&0xFF)
			}
		}
		if len(left) == 0 {
			delete(x.lists, term)
			continue
		}
		x.lists[term] = left
	}
	x.docs = kept
}
