package passage

import (
	"slices"
	"testing"
)

func TestFusing(t *testing.T) {
	t.Parallel()
	chunk := func(entry string, score float64) Chunk { return Chunk{Meeting: "m", Entry: entry, Score: score} }
	for name, c := range map[string]struct {
		words, near []Chunk
		meetings    map[string]float64
		want        []string // the best first
		lift        float64  // of the meeting
	}{
		"words alone stay as they are": {
			words: []Chunk{chunk("a", 9), chunk("b", 3)}, meetings: map[string]float64{"m": 4}, want: []string{"a", "b"}, lift: 4,
		},
		"vectors alone": {
			near: []Chunk{chunk("b", 0.8), chunk("a", 0.9)}, want: []string{"a", "b"},
		},
		"one alone is the best": {
			near: []Chunk{chunk("a", 0.9)}, want: []string{"a"},
		},
		"both are better than one": {
			words: []Chunk{chunk("a", 9), chunk("b", 8)}, near: []Chunk{chunk("b", 0.9), chunk("c", 0.89), chunk("d", 0.7)},
			meetings: map[string]float64{"m": 4.5}, want: []string{"b", "a", "c", "d"}, lift: (1 - weightNear) / 2,
		},
		"an opening is near to everything": {
			near: []Chunk{chunk("x:transcript:0", 0.9), chunk("x:transcript:5", 0.89), chunk("d", 0.7)},
			want: []string{"x:transcript:5", "x:transcript:0", "d"},
		},
		"but is found by its words as any other": {
			words: []Chunk{chunk("x:transcript:0", 9), chunk("x:transcript:5", 8.9)}, near: []Chunk{chunk("d", 0.9)},
			want: []string{"x:transcript:0", "x:transcript:5", "d"},
		},
	} {
		all, lifts := Fuse(c.words, c.near, c.meetings)
		slices.SortStableFunc(all, func(a, b Chunk) int {
			switch {
			case a.Score > b.Score:
				return -1
			case a.Score < b.Score:
				return 1
			}
			return 0
		})
		var got []string
		for _, a := range all {
			got = append(got, a.Entry)
		}
		if !slices.Equal(got, c.want) || lifts["m"]-c.lift > 1e-9 || c.lift-lifts["m"] > 1e-9 {
			t.Errorf("%s: got %v and %v, want %v and %v", name, all, lifts, c.want, c.lift)
		}
	}
}
