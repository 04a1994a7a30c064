package passage

const (
	// weightNear is what the nearness of its vector counts of a chunk's score,
	// the words' being the rest.
	weightNear = 0.2
	// opening is how many chunks begin a meeting, some three minutes, and
	// weightOpening what the nearness of one of them counts: who is there and what
	// will be talked about is near to every question, and answers none.
	opening       = 5
	weightOpening = 0.7
)

// Fuse makes one order of the chunks that words find and those that vectors
// find. Words' scores are divided by the best of the chunks, those of meetings
// too; cosines are stretched between the least and the best of those found: a
// model's cosines are all in a narrow range of its own. What only one of them
// finds has nothing of the other.
func Fuse(words, near []Chunk, meetings map[string]float64) ([]Chunk, map[string]float64) {
	if len(near) == 0 {
		return words, meetings
	}
	best := 0.0
	for _, c := range words {
		best = max(best, c.Score)
	}
	scale := 0.0
	if best > 0 {
		scale = (1 - weightNear) / best
	}
	type id struct{ meeting, entry string }
	at := make(map[id]int, len(words)+len(near))
	all := make([]Chunk, 0, len(words)+len(near))
	for _, c := range words {
		at[id{c.Meeting, c.Entry}] = len(all)
		c.Score *= scale
		c.Parts = scaled(c.Parts, scale)
		all = append(all, c)
	}
	for i, part := range stretched(near) {
		c := near[i]
		c.Score = weightNear * part
		if p, ok := placeOf(c.Meeting, c.Entry); ok && p.n < opening {
			c.Score *= weightOpening
		}
		if known, too := at[id{c.Meeting, c.Entry}]; too {
			all[known].Score += c.Score
			continue
		}
		all = append(all, c)
	}
	lifts := make(map[string]float64, len(meetings))
	for m, s := range meetings {
		lifts[m] = scale * s
	}
	return all, lifts
}

func scaled(parts []float64, by float64) []float64 {
	if parts == nil {
		return nil
	}
	all := make([]float64, len(parts))
	for i, p := range parts {
		all[i] = by * p
	}
	return all
}

// stretched is 1 for the best and 0 for the least.
func stretched(found []Chunk) []float64 {
	parts := make([]float64, len(found))
	if len(found) == 0 {
		return parts
	}
	least, most := found[0].Score, found[0].Score
	for _, c := range found {
		least, most = min(least, c.Score), max(most, c.Score)
	}
	for i, c := range found {
		parts[i] = 1
		if most > least {
			parts[i] = (c.Score - least) / (most - least)
		}
	}
	return parts
}
