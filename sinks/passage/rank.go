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
)

// Chunk is an entry that a store found, with its score.
type Chunk struct {
	Meeting, Entry string // ids
	Score          float64
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
	at := make(map[place]float64, len(found))
	for _, c := range found {
		if p, ok := placeOf(c.Meeting, c.Entry); ok {
			at[p] = c.Score
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

func pair(at map[place]float64, first place, meetings map[string]float64) Passage {
	second := first.step(1)
	a, b := at[first], at[second]
	score := max(a, b) + weaker*min(a, b) + beside*(at[first.step(-1)]+at[second.step(1)])
	entries := []string{first.entry(), second.entry()}
	best := entries[0]
	if b > a {
		best = entries[1]
	}
	return Passage{first.meeting, entries, score + meetings[first.meeting], best}
}

// apart keeps the best passage of those that share an entry.
func apart(all []Passage) []Passage {
	shown := make(map[[2]string]bool)
	kept := all[:0]
	for _, p := range all {
		if slices.ContainsFunc(p.Entries, func(e string) bool { return shown[[2]string{p.Meeting, e}] }) {
			continue
		}
		for _, e := range p.Entries {
			shown[[2]string{p.Meeting, e}] = true
		}
		kept = append(kept, p)
	}
	return kept
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
