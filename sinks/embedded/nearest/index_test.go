package nearest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func random(r *rand.Rand, width int) []float32 {
	v, sum := make([]float32, width), 0.0
	for i := range v {
		v[i] = float32(r.NormFloat64())
		sum += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

func TestTheNearestAreThoseOfTheWholeNumbers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	x, all := New(384), make(map[Name][]float32)
	for i := range 2_000 {
		n := Name{Meeting: fmt.Sprint(i / 20), Entry: fmt.Sprint(i)}
		all[n] = random(r, 384)
		if err := x.Put(n, 1, Pack(all[n])); err != nil {
			t.Fatal(err)
		}
	}
	right := 0
	for range 50 {
		to := random(r, 384)
		var want []Near
		for n, v := range all {
			cosine := 0.0
			for i := range v {
				cosine += float64(v[i]) * float64(to[i])
			}
			want = append(want, Near{n, cosine})
		}
		slices.SortFunc(want, func(a, b Near) int {
			if a.Cosine > b.Cosine {
				return -1
			}
			return 1
		})
		got, more := x.Best(to, 1, nil, 10)
		if !more || len(got) != 10 {
			t.Fatalf("%d found, more %v", len(got), more)
		}
		for _, g := range got {
			at := slices.IndexFunc(want, func(w Near) bool { return w.Name == g.Name })
			if math.Abs(want[at].Cosine-g.Cosine) > 0.01 {
				t.Errorf("a cosine is %v, want %v", g.Cosine, want[at].Cosine)
			}
			if at < 10 {
				right++
			}
		}
	}
	if right < 470 {
		t.Errorf("%d of the 500 nearest were found", right)
	}
}

func TestWhatIsGoneIsNotNear(t *testing.T) {
	t.Parallel()
	x := New(2)
	one, two := Name{"m", "1"}, Name{"m", "2"}
	for _, n := range []Name{one, two} {
		if err := x.Put(n, 1, Pack([]float32{1, 0})); err != nil {
			t.Fatal(err)
		}
	}
	x.Remove(one)
	x.Remove(Name{"m", "3"})
	if got, _ := x.Best([]float32{1, 0}, 0xFF, nil, 10); len(got) != 1 || got[0].Name != two {
		t.Errorf("got %v", got)
	}
	if got, _ := x.Best([]float32{1, 0}, 0xFF, []Name{one, {"m", "3"}}, 10); len(got) != 0 {
		t.Errorf("by name: %v", got)
	}
	if err := x.Put(one, 2, Pack([]float32{0, 1})); err != nil {
		t.Fatal(err)
	}
	if got, _ := x.Best([]float32{0, 1}, 2, nil, 10); len(got) != 1 || got[0].Name != one || got[0].Cosine < 0.99 {
		t.Errorf("when it is back: %v", got)
	}
	if x.Put(one, 1, Pack([]float32{1, 0, 0})) == nil || x.Put(one, 1, nil) == nil {
		t.Error("a vector of another width was taken")
	}
	if got, _ := x.Best([]float32{1, 0, 0}, 0xFF, nil, 10); got != nil {
		t.Errorf("a question of another width finds %v", got)
	}
}

func BenchmarkBest(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	x := New(384)
	for i := range 100_000 {
		if err := x.Put(Name{"m", fmt.Sprint(i)}, 1, Pack(random(r, 384))); err != nil {
			b.Fatal(err)
		}
	}
	to := random(r, 384)
	for b.Loop() {
		x.Best(to, 1, nil, 400)
	}
}

func TestWhatIsRemovedTakesNoPlace(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	x, live := New(8), make(map[Name][]float32)
	for i := range 2_000 {
		n := Name{Meeting: fmt.Sprint(i % 300)}
		if live[n] != nil {
			x.Remove(n)
			x.Remove(n) // as when it is read again
			delete(live, n)
			continue
		}
		live[n] = random(r, 8)
		if err := x.Put(n, 1, Pack(live[n])); err != nil {
			t.Fatal(err)
		}
	}
	if len(x.names) != len(live) || len(x.places) != len(live) || len(x.bytes) != 8*len(live) {
		t.Errorf("%d live, and there are %d names in %d places", len(live), len(x.names), len(x.places))
	}
	for n, v := range live {
		best, _ := x.Best(v, 1, []Name{n}, 1)
		if len(best) != 1 || best[0].Cosine < 0.99 {
			t.Errorf("%v is as near to its own vector as %v", n, best)
		}
	}
}
