package inverted

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func document(id int64, words ...string) Document {
	d := Document{ID: id, Groups: 1, Length: len(words), Terms: make(map[string]Count)}
	for _, w := range words {
		c := d.Terms[w]
		c.Text++
		d.Terms[w] = c
	}
	return d
}

func ids(found []Scored) []int64 {
	all := make([]int64, len(found))
	for i, f := range found {
		all[i] = f.ID
	}
	return all
}

// What is best is what a direct reading of BM25's formula says, whatever was
// put, replaced and removed before.
func TestScoresAreThoseOfTheFormula(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	x, truth := New(), make(map[int64]Document)
	for range 3_000 {
		id := random.Int64N(400)
		if random.IntN(4) == 0 {
			x.Remove([]int64{id})
			delete(truth, id)
			continue
		}
		var words []string
		for range 1 + random.IntN(30) {
			words = append(words, fmt.Sprint("w", int(random.ExpFloat64()*8)))
		}
		truth[id] = document(id, words...)
		x.Put([]Document{truth[id]})
	}
	x.mu.Lock()
	x.compact() // otherwise what is gone counts where rarity is counted
	x.mu.Unlock()
	sum, holding := 0, make(map[string]int)
	for _, d := range truth {
		sum += d.Length
		for w := range d.Terms {
			holding[w]++
		}
	}
	terms := []Term{{"w3", 1}, {"w12", 0.5}, {"w25", 2}, {"never", 1}}
	found, more := x.Best(terms, 1, nil, 1000)
	if more || len(found) < 50 {
		t.Fatalf("%d found, more %v", len(found), more)
	}
	for _, f := range found {
		want, d := 0.0, truth[f.ID]
		for _, term := range terms {
			n, tf := float64(holding[term.Text]), float64(d.Terms[term.Text].Text)
			idf := math.Log(1 + (float64(len(truth))-n+0.5)/(n+0.5))
			want += term.Weight * idf * tf * 2.2 / (tf + 1.2*(0.25+0.75*float64(d.Length)*float64(len(truth))/float64(sum)))
		}
		if math.Abs(want-f.Score) > 1e-4 {
			t.Fatalf("document %d has %v, want %v", f.ID, f.Score, want)
		}
	}
	if !slices.IsSortedFunc(found, compare) {
		t.Error("the best is not first")
	}
	for i, parts := range x.Parts(terms, ids(found)) {
		sum := 0.0
		for _, part := range parts {
			sum += part
		}
		if len(parts) != len(terms) || math.Abs(sum-found[i].Score) > 1e-4 {
			t.Fatalf("document %d has %v of %v", found[i].ID, parts, found[i].Score)
		}
	}
	some, more := x.Best(terms, 1, nil, 10)
	if !more || !slices.Equal(some, found[:10]) {
		t.Errorf("the best ten are %v, want %v", some, found[:10])
	}
}

func TestASearchIsNarrowed(t *testing.T) {
	t.Parallel()
	x := New()
	title := document(3, "other")
	title.Terms["pier"] = Count{Title: 1}
	summary := document(4, "pier")
	summary.Groups = 2
	title.Label = "Ines"
	x.Put([]Document{document(1, "pier"), document(2, "pier", "pier"), title, summary})
	if got := x.Labels([]int64{3, 1, 9}); !slices.Equal(got, []string{"Ines", "", ""}) {
		t.Errorf("labels %q", got)
	}
	for name, c := range map[string]struct {
		groups uint8
		is     func(int64) bool
		limit  int
		want   []int64
	}{
		"all":       {0xFF, nil, 10, []int64{2, 1, 4, 3}},
		"a group":   {2, nil, 10, []int64{4}},
		"no group":  {4, nil, 10, nil},
		"some":      {0xFF, func(id int64) bool { return id != 2 }, 10, []int64{1, 4, 3}},
		"the best":  {1, nil, 1, []int64{2}},
		"no result": {0xFF, nil, 0, nil},
	} {
		found, _ := x.Best([]Term{{"pier", 1}}, c.groups, c.is, c.limit)
		if got := ids(found); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func BenchmarkBest(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.1, 4, 20_000)
	x := New()
	for id := range int64(100_000) {
		words := make([]string, 110)
		for i := range words {
			words[i] = fmt.Sprint(zipf.Uint64())
		}
		x.Put([]Document{document(id, words...)})
	}
	for b.Loop() {
		x.Best([]Term{{"1", 1}, {"10", 1}, {"40", 1}, {"300", 1}, {"2500", 1}, {"9000", 1}}, 1, nil, 400)
	}
}

// A meeting whose customers change has all of its entries put again, and nothing is removed.
func TestWhatIsReplacedOverAndOverIsForgotten(t *testing.T) {
	t.Parallel()
	x, truth := New(), New()
	var all []Document
	for id := range int64(10) {
		all = append(all, document(id, "price", fmt.Sprint("w", id)))
	}
	truth.Put(all)
	for range 1_000 {
		x.Put(all)
	}
	if n := len(x.docs); n > 200 {
		t.Errorf("%d places for %d documents", n, len(all))
	}
	terms := []Term{{"price", 1}, {"w3", 1}}
	found, _ := x.Best(terms, 1, nil, 100)
	want, _ := truth.Best(terms, 1, nil, 100)
	if len(found) != len(want) || found[0].ID != 3 || found[0].Score < want[0].Score/4 {
		t.Errorf("found %v, want about %v", found, want)
	}
}
