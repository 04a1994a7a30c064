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
	average := float64(x.words) / float64(live)
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

// add adds what the term is worth to each document that holds it.
func (x *Index) add(sums []float32, t Term, average float64) {
	list := x.lists[t.Text]
	if len(list) == 0 {
		return
	}
	n, all := float64(len(list)), float64(len(x.docs))
	worth := t.Weight * math.Log(1+(all-n+0.5)/(n+0.5)) * (k1 + 1)
	// Most counts are small: their frequencies are looked up.
	var frequencies [256]float64
	for i := range frequencies {
		frequencies[i] = titleWeight*float64(i>>6) + float64(i&maxText)
	}
	short, each := k1*(1-b), k1*b/max(average, 1)
	for _, p := range list {
		at := p >> 8
		f := frequencies[p&0xFF]
		sums[at] += float32(worth * f / (f + short + each*float64(x.docs[at].length)))
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
