package passage

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leadline/schemas"
)

func found(scores ...float64) []Chunk {
	var all []Chunk
	for n, s := range scores {
		if s > 0 {
			all = append(all, Chunk{Meeting: "m", Entry: fmt.Sprint("fathom:1:transcript:", n), Score: s})
		}
	}
	return all
}

func TestPassagesAreTheBetterPairs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		scores []float64
		want   string // numbers of the entries
	}{
		"the better neighbour goes along":    {[]float64{1, 8, 4, 0}, "1+2 0"},
		"alone, the one before goes along":   {[]float64{0, 0, 5}, "1+2"},
		"what is left over is shown alone":   {[]float64{0, 9, 9, 1, 8, 8, 0}, "1+2 4+5 3"},
		"a place among good ones is better":  {[]float64{0, 5, 0, 0, 0, 5, 0, 4}, "5+6 0+1 7+8"},
		"the first chunk has nothing before": {[]float64{5}, "0+1"},
		"another place goes before the next": {[]float64{9, 9, 6, 0, 0, 0, 0, 5.6}, "0+1 6+7 2+3"},
		"unless that is much better":         {[]float64{9, 9, 8, 0, 0, 0, 0, 5.6}, "0+1 2+3 6+7"},
	} {
		var got []string
		for _, p := range Rank(found(tt.scores...), nil) {
			got = append(got, strings.ReplaceAll(strings.Join(p.Entries, "+"), "fathom:1:transcript:", ""))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %v, want %s", name, got, tt.want)
		}
	}
}

// Of two chunks with scores of 2 each, those that have a word each are better than
// those that both have half of both.
func TestDifferentWordsAreMoreThanTheSameTwice(t *testing.T) {
	t.Parallel()
	chunk := func(meeting string, n int, parts ...float64) Chunk {
		return Chunk{Meeting: meeting, Entry: fmt.Sprint("fathom:1:transcript:", n), Score: 2, Parts: parts}
	}
	got := Rank([]Chunk{chunk("a", 0, 1, 1), chunk("a", 1, 1, 1), chunk("b", 0, 2), chunk("b", 1, 0, 2)}, nil)
	if len(got) != 2 || got[0].Meeting != "b" || got[0].Score != 3.5 || got[1].Score != 2.5 {
		t.Errorf("got %+v", got)
	}
}

func TestAMeetingLiftsAllThatIsOfIt(t *testing.T) {
	t.Parallel()
	chunks := []Chunk{
		{Meeting: "a", Entry: "fathom:1:summary", Score: 3}, {Meeting: "b", Entry: "distilled:fathom:2:product_ask:0", Score: 2},
		{Meeting: "b", Entry: "fathom:2:transcript:x", Score: 1}, {Meeting: "b", Entry: "fathom:2:summary", Score: 5},
	}
	got := Rank(chunks, map[string]float64{"b": 5})
	want := []Passage{
		{"b", []string{"distilled:fathom:2:product_ask:0"}, 7, "distilled:fathom:2:product_ask:0"}, {"b", []string{"fathom:2:transcript:x"}, 6, "fathom:2:transcript:x"},
		{"b", []string{"fathom:2:summary"}, 5, "fathom:2:summary"}, {"a", []string{"fathom:1:summary"}, 3, "fathom:1:summary"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEveryChunkIsShownOnceInAnyOrderOfArrival(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var chunks []Chunk
		for _, n := range rapid.SliceOfDistinct(rapid.IntRange(0, 30), func(n int) int { return n }).Draw(t, "numbers") {
			meeting := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "meeting")
			chunks = append(chunks, Chunk{Meeting: meeting, Entry: fmt.Sprint("fathom:1:transcript:", n), Score: float64(rapid.IntRange(1, 4).Draw(t, "score"))})
		}
		passages := Rank(chunks, nil)
		shown := make(map[[2]string]int)
		for i, p := range passages {
			for _, e := range p.Entries {
				shown[[2]string{p.Meeting, e}]++
			}
			if i > 0 && p.Score > passages[i-1].Score {
				t.Fatalf("scores rise: %v", passages)
			}
		}
		for _, c := range chunks {
			if n := shown[[2]string{c.Meeting, c.Entry}]; n != 1 {
				t.Fatalf("%v is shown %d times in %v", c, n, passages)
			}
		}
		again := Rank(rapid.Permutation(slices.Clone(chunks)).Draw(t, "order"), nil)
		if !reflect.DeepEqual(passages, again) {
			t.Fatalf("%v\nin another order %v", passages, again)
		}
	})
}

func TestMergedMarksPointAtTheSameWords(t *testing.T) {
	t.Parallel()
	turn := int32(4)
	part := func(text string, words ...string) schemas.Hit {
		h := schemas.Hit{Entry: schemas.Entry{Text: text, TurnFirst: &turn, TurnLast: &turn, Speakers: []string{"Ines"}}}
		for _, w := range words {
			at := strings.Index(text, w)
			h.Marks = append(h.Marks, [2]int{at, at + len(w)})
		}
		return h
	}
	got := Merge([]schemas.Hit{part("Ines: the quay and", "quay"), part("Ines: the mole", "Ines", "mole")})
	if want := "Ines: the quay and the mole"; got.Entry.Text != want {
		t.Fatalf("got %q, want %q", got.Entry.Text, want)
	}
	var marked []string
	for _, m := range got.Marks {
		marked = append(marked, got.Entry.Text[m[0]:m[1]])
	}
	if !slices.Equal(marked, []string{"quay", "mole"}) || len(got.Entry.Speakers) != 1 {
		t.Errorf("marked %q of %q, speakers %v", marked, got.Entry.Text, got.Entry.Speakers)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for question, want := range map[string][2]string{
		"Summarize the discussion of prices.": {"the of prices.", "Summarize discussion"},
		"Summarize the discussion":            {"the", "Summarize discussion"},
		"opinions?":                           {"opinions?", ""},
		"Zusammenfassung der Preise":          {"der Preise", "Zusammenfassung"},
		"請求書について":                             {"請求書について", ""},
		"":                                    {"", ""},
	} {
		if about, asks := Split(question); about != want[0] || asks != want[1] {
			t.Errorf("%q: got %q and %q, want %q", question, about, asks, want)
		}
	}
}
