package passage

// Fuse makes one order of the chunks that words find and those that vectors
// find. Words' scores are divided by the best, cosines are stretched between
// the least and the best of those found; what only one of them finds has
// nothing of the other. Meetings' scores, which are by words, come out on the
// same scale.
func Fuse(words, near []Chunk, meetings map[string]float64) ([]Chunk, map[string]float64) {
	if len(near) == 0 {
		return words, meetings
	}
	type id struct{ meeting, entry string }
	sums := make(map[id]float64, len(words)+len(near))
	var order []id
	add := func(c Chunk, score float64) {
		k := id{c.Meeting, c.Entry}
		if _, there := sums[k]; !there {
			order = append(order, k)
		}
		sums[k] += score
	}
	best := 0.0
	for _, c := range words {
		best = max(best, c.Score)
	}
	for _, c := range words {
		add(c, (1-weightNear)*c.Score/best)
	}
	least, most := near[len(near)-1].Score, near[0].Score
	for _, c := range near {
		stretched := 1.0
		if most > least {
			stretched = (c.Score - least) / (most - least)
		}
		add(c, weightNear*stretched)
	}
	all := make([]Chunk, len(order))
	for i, k := range order {
		all[i] = Chunk{k.meeting, k.entry, sums[k]}
	}
	scaled := make(map[string]float64, len(meetings))
	for m, s := range meetings {
		if best > 0 {
			scaled[m] = (1 - weightNear) * s / best
		}
	}
	return all, scaled
}

// weightNear is what vectors count beside words.
const weightNear = 0.4
