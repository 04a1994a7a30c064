package inverted

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
)

// Term is looked for, and counts as often as its weight says.
type Term struct {
	Text   string
	Weight float64
}

// Scored is a document that holds some of the terms.
type Scored struct {
	ID    int64
	Score float64
}

// Best returns the best documents that hold any of the terms and have one of
// the groups' bits, best first, of equals the lower id; more says that others
// were left out. Only those count that it is true of, where that is not nil.
func (x *Index) Best(terms []Term, groups uint8, is func(id int64) bool, limit int) (best []Scored, more bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	live := len(x.places)
	if live == 0 || limit <= 0 {
		return nil, false
	}
	sums, _ := x.sums.Get().([]float32)
	if cap(sums) < len(x.docs) {
		sums = make([]float32, len(x.docs)+len(x.docs)/8)
	}
	sums = sums[:len(x.docs)]
	defer func() {
		clear(sums)
		x.sums.Put(sums) //nolint:staticcheck // a slice's header is little beside what it saves
	}()
	average := x.average()
	for _, t := range terms {
		x.add(sums, t, average)
	}
	top := make(worst, 0, min(limit, 4096))
	for at, sum := range sums {
		if sum <= 0 {
			continue
		}
		d := &x.docs[at]
		if d.gone || d.groups&groups == 0 || is != nil && !is(d.id) {
			continue
		}
		s := Scored{d.id, float64(sum)}
		switch {
		case len(top) < limit:
			heap.Push(&top, s)
		case compare(s, top[0]) < 0:
			more = true
			top[0] = s
			heap.Fix(&top, 0)
		default:
			more = true
		}
	}
	slices.SortFunc(top, compare)
	return top, more
}

// Parts returns what each of the terms is worth to each of the documents.
func (x *Index) Parts(terms []Term, ids []int64) [][]float64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	parts := make([][]float64, len(ids))
	for i := range parts {
		parts[i] = make([]float64, len(terms))
	}
	average := x.average()
	for n, t := range terms {
		list := x.lists[t.Text]
		if len(list) == 0 {
			continue
		}
		w := x.weigher(t, average)
		for i, id := range ids {
			at, there := x.places[id]
			if !there {
				continue
			}
			found, has := slices.BinarySearchFunc(list, posting(at), func(p, at posting) int { return cmp.Compare(p>>8, at) })
			if has {
				parts[i][n] = w.of(list[found], x.docs[at].length)
			}
		}
	}
	return parts
}

func (x *Index) average() float64 { return float64(x.words) / float64(max(len(x.places), 1)) }

// weigher is what a term is worth, by how often a document has it.
type weigher struct {
	worth, short, each float64
	frequencies        [256]float64 // most counts are small: they are looked up
}

func (x *Index) weigher(t Term, average float64) *weigher {
	n, all := float64(len(x.lists[t.Text])), float64(len(x.docs))
	w := &weigher{
		worth: t.Weight * math.Log(1+(all-n+0.5)/(n+0.5)) * (k1 + 1),
		short: k1 * (1 - b), each: k1 * b / max(average, 1),
	}
	for i := range w.frequencies {
		w.frequencies[i] = titleWeight*float64(i>>6) + float64(i&maxText)
	}
	return w
}

func (w *weigher) of(p posting, length uint16) float64 {
	f := w.frequencies[p&0xFF]
	return w.worth * f / (f + w.short + w.each*float64(length))
}

// add adds what the term is worth to each document that holds it.
func (x *Index) add(sums []float32, t Term, average float64) {
	list := x.lists[t.Text]
	if len(list) == 0 {
		return
	}
	w := x.weigher(t, average)
	for _, p := range list {
		at := p >> 8
		sums[at] += float32(w.of(p, x.docs[at].length))
	}
}

func compare(a, b Scored) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
}

// worst is a heap of what was best so far, the worst of it first.
type worst []Scored

func (w worst) Len() int           { return len(w) }
func (w worst) Less(i, j int) bool { return compare(w[i], w[j]) > 0 }
func (w worst) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *worst) Push(v any)        { *w = append(*w, v.(Scored)) }
func (w *worst) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}
