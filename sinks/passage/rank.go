// Package passage makes the results of a search out of what a store finds: the
// same in every store.
//
// A store finds chunks. What a person reads is a passage: a chunk with the
// better of its neighbours, because what answers a question seldom ends where a
// chunk does. Chunks are small and do not overlap; every two neighbours are a
// passage that could be shown, so no boundary cuts an answer in two. The
// weights below were chosen by `leadline eval search`; docs/search.md has what
// others gave.
package passage

import (
	"cmp"
	"container/heap"
	"slices"
	"strconv"
	"strings"

	"leadline/schemas"
)

const (
	// weaker is what the weaker chunk of a passage adds. Two chunks that repeat
	// the same word are not twice as good as one that has it.
	weaker = 0.5
	// beside is what the chunks before and behind a passage add: what was asked
	// for is talked about for longer than a passage.
	beside = 0.1
	// together is how much it counts that two chunks have different words of the
	// question: a passage has a word when one of its chunks does.
	together = 0.5
	// next is what a passage counts that begins or ends where one was shown
	// before it: who was not answered there reads on by its link, and is helped
	// more by another place.
	next = 0.8
)

// Chunk is an entry that a store found, with its score.
type Chunk struct {
	Meeting, Entry string // ids
	Score          float64
	// Parts are what each word of the question gives to the score, in the same
	// order in all chunks of a search. Words behind the last give nothing.
	Parts []float64
	// Voices are of those who say much of it.
	Voices []string
}

// Passage is one entry, or two that follow each other in a transcript. The
// second of two need not be there: the transcript may end before it.
type Passage struct {
	Meeting string
	Entries []string
	Score   float64
	Best    string // of the entries, the one that answers
}

// Rank makes passages that share no entry, best first, of equally good ones by
// the id of their first entry. Meetings are the scores of what sums up a whole
// meeting: they lift every passage of it.
func Rank(found []Chunk, meetings map[string]float64) []Passage {
	at := make(map[place]Chunk, len(found))
	for _, c := range found {
		if p, ok := placeOf(c.Meeting, c.Entry); ok {
			at[p] = c
		}
	}
	all := make([]Passage, 0, 3*len(found))
	for _, c := range found {
		// Alone it is shown where both of its neighbours are in better passages.
		alone := Passage{Meeting: c.Meeting, Entries: []string{c.Entry}, Score: c.Score, Best: c.Entry}
		if !strings.HasSuffix(c.Entry, ":"+schemas.EntrySummary) { // which does not lift itself
			alone.Score += meetings[c.Meeting]
		}
		all = append(all, alone)
		p, ok := placeOf(c.Meeting, c.Entry)
		if !ok {
			continue
		}
		// The pair with the chunk behind, and the one with the chunk before
		// unless that was found too and makes the same pair.
		all = append(all, pair(at, p, meetings))
		if before := p.step(-1); before.n >= 0 {
			if _, too := at[before]; !too {
				all = append(all, pair(at, before, meetings))
			}
		}
	}
	slices.SortFunc(all, compare)
	return apart(all)
}

// compare orders passages: the better first, of equals the longer.
func compare(a, b Passage) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(len(b.Entries), len(a.Entries)),
		strings.Compare(a.Entries[0], b.Entries[0]), strings.Compare(a.Meeting, b.Meeting))
}

func pair(at map[place]Chunk, first place, meetings map[string]float64) Passage {
	second := first.step(1)
	a, b := at[first], at[second]
	score := either(a.Score, b.Score) + together*(more(a.Parts, b.Parts)) +
		beside*(at[first.step(-1)].Score+at[second.step(1)].Score)
	entries := []string{first.entry(), second.entry()}
	best := entries[0]
	if b.Score > a.Score {
		best = entries[1]
	}
	return Passage{first.meeting, entries, score + meetings[first.meeting], best}
}

func either(a, b float64) float64 { return max(a, b) + weaker*min(a, b) }

// more is what the best of each word is above either of the sums. It is below
// nothing where both chunks repeat the same words.
func more(a, b []float64) float64 {
	if len(a) < len(b) {
		a, b = b, a
	}
	var best, as, bs float64
	for i, part := range a {
		other := 0.0
		if i < len(b) {
			other = b[i]
		}
		best, as, bs = best+max(part, other), as+part, bs+other
	}
	return best - either(as, bs)
}

// apart keeps the best passage of those that share an entry, and puts those back
// that are next to a better one.
func apart(all []Passage) []Passage {
	shown := make(map[[2]string]bool)
	kept := make([]Passage, 0, len(all))
	var back waiting
	for len(all) > 0 || len(back) > 0 {
		var p Passage
		late := len(all) == 0 || len(back) > 0 && compare(back[0], all[0]) < 0
		if late {
			p, _ = heap.Pop(&back).(Passage)
		} else {
			p, all = all[0], all[1:]
		}
		if slices.ContainsFunc(p.Entries, func(e string) bool { return shown[[2]string{p.Meeting, e}] }) {
			continue
		}
		if !late && p.touches(shown) {
			p.Score *= next
			heap.Push(&back, p)
			continue
		}
		for _, e := range p.Entries {
			shown[[2]string{p.Meeting, e}] = true
		}
		kept = append(kept, p)
	}
	return kept
}

// touches says whether the entry before or behind is one of those.
func (p Passage) touches(shown map[[2]string]bool) bool {
	first, ok := placeOf(p.Meeting, p.Entries[0])
	return ok && (shown[[2]string{p.Meeting, first.step(-1).entry()}] || shown[[2]string{p.Meeting, first.step(len(p.Entries)).entry()}])
}

// waiting is a heap of passages that were put back, the best first.
type waiting []Passage

func (w waiting) Len() int           { return len(w) }
func (w waiting) Less(i, j int) bool { return compare(w[i], w[j]) < 0 }
func (w waiting) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *waiting) Push(v any)        { *w = append(*w, v.(Passage)) } //nolint:forcetypeassert // only passages are pushed
func (w *waiting) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}

// place is where in a meeting's transcript a chunk is.
type place struct {
	meeting, prefix string // of the entry's id
	n               int
}

const transcript = ":" + schemas.EntryTranscript + ":"

func placeOf(meeting, entry string) (place, bool) {
	i := strings.LastIndex(entry, transcript)
	if i < 0 {
		return place{}, false
	}
	i += len(transcript)
	n, err := strconv.Atoi(entry[i:])
	// What is written otherwise than the stage index does has no neighbours.
	if err != nil || n < 0 || strconv.Itoa(n) != entry[i:] {
		return place{}, false
	}
	return place{meeting, entry[:i], n}, true
}

func (p place) step(by int) place { p.n += by; return p }

func (p place) entry() string { return p.prefix + strconv.Itoa(p.n) }
