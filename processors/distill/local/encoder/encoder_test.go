package encoder

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func load(t testing.TB) *Encoder {
	t.Helper()
	e, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// expected is what the training program, in floating point, made of some lines.
type expected struct {
	Text, Before string
	Ours         bool
	P            [kinds]float32
	Tokens       []string
}

func expectations(t *testing.T) (all []expected) {
	t.Helper()
	raw, err := os.ReadFile("testdata/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("nothing is expected")
	}
	return all
}

// Eight bits move what is undecided a little, and the rest hardly at all.
func TestReadsAsTheTrainingProgramDoes(t *testing.T) {
	t.Parallel()
	e := load(t)
	all := expectations(t)
	var sum float64
	for _, want := range all {
		got := e.Read(want.Text, want.Before, !want.Ours)
		for k := range want.P {
			d := math.Abs(float64(got.Sure[k] - want.P[k]))
			if sum += d; d > 0.2 {
				t.Errorf("%q, kind %d: %.3f, trained as %.3f", want.Text, k, got.Sure[k], want.P[k])
			}
		}
	}
	if mean := sum / float64(len(all)*kinds); mean > 0.01 {
		t.Errorf("differs by %.4f on average", mean)
	}
}

func TestCutsWordsAsTheTrainingProgramDoes(t *testing.T) {
	t.Parallel()
	e := load(t)
	pieces := make(map[int]string, len(e.words.ids))
	for p, id := range e.words.ids {
		pieces[id] = p
	}
	for _, want := range expectations(t) {
		tokens, _ := e.words.input(want.Text, want.Before, !want.Ours)
		var got []string
		for _, id := range tokens {
			got = append(got, pieces[id])
		}
		if !slices.Equal(got, want.Tokens) {
			t.Errorf("%q is cut into %q, trained as %q", want.Text, got, want.Tokens)
		}
	}
}

// Who changes the corpus trains again, or the weights are of something else.
func TestWeightsAreOfThisCorpus(t *testing.T) {
	t.Parallel()
	h := sha256.New()
	files, _ := filepath.Glob("../train/corpus/*.txt")
	talk, _ := filepath.Glob("../train/talk/*.txt")
	calls, _ := filepath.Glob("../train/calls/*.txt")
	if len(files) == 0 || len(talk) == 0 || len(calls) == 0 {
		t.Fatal("no corpus")
	}
	files = append(append(files, talk...), calls...)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		h.Write(raw)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != load(t).corpus {
		t.Errorf("the corpus is %s, the weights were trained on %s: run ../train/train.py", got, load(t).corpus)
	}
}

func TestProductsAreTheSameOnEveryMachine(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{group, width, inner} {
		raw, scales, bias := make([]byte, n*strip), make([]float32, strip), make([]float32, strip)
		for i := range raw {
			raw[i] = byte(int8(r.IntN(255) - 127))
		}
		for o := range strip {
			scales[o], bias[o] = r.Float32(), r.Float32()-0.5
		}
		m := newMatrix(n, strip, raw, scales, bias)
		x := make([]float32, 5*n) // the second tile is not full
		for i := range x {
			x[i] = r.Float32() - 0.5
		}
		in := integers{values: make([]uint8, 2*tile*n), scales: make([]float32, 2*tile)}
		in.quantise(x, n)
		got := make([]float32, 2*tile*strip)
		m.times(in, got)
		for tt := range 5 {
			for o := range strip {
				var sum int32
				for i := range n {
					sum += (int32(in.values[tt*n+i]) - middle) * int32(int8(raw[o*n+i]))
				}
				if want := float32(float32(sum)*float32(scales[o]*in.scales[tt])) + bias[o]; got[tt*strip+o] != want {
					t.Fatalf("%d numbers: row %d, output %d is %v here, %v by hand", n, tt, o, got[tt*strip+o], want)
				}
			}
		}
		for name, multiply := range variants {
			y := make([]float32, tile*strip)
			multiply(in.values[:tile*n], in.scales[:tile], m.packed, m.zero, m.scales, m.bias, y, strip)
			if !slices.Equal(y, got[:tile*strip]) {
				t.Errorf("%d numbers: %s gives %v, not %v", n, name, y, got[:tile*strip])
			}
		}
	}
}

func TestVectorsAreTheSameOnEveryMachine(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	numbers := func(n int) []float32 {
		all := make([]float32, n)
		for i := range all {
			all[i] = float32(r.NormFloat64())
		}
		return all
	}
	for n := 1; n < 9; n++ {
		query, keys, weights := numbers(headWidth), numbers(n*width), numbers(n)
		here, inGo := make([]float32, n), make([]float32, n)
		dots(query, keys, here)
		dotsInGo(query, keys, inGo)
		if !slices.Equal(here, inGo) {
			t.Errorf("dots: %v here, %v in Go", here, inGo)
		}
		here, inGo = make([]float32, headWidth), numbers(headWidth)
		mix(weights, keys, here)
		mixInGo(weights, keys, inGo)
		if !slices.Equal(here, inGo) {
			t.Errorf("mix: %v here, %v in Go", here, inGo)
		}
		row := keys[:width]
		far := farthest(row)
		if want := farthestInGo(row); far != want {
			t.Errorf("farthest: %v here, %v in Go", far, want)
		}
		bytes, bytesInGo := make([]uint8, width), make([]uint8, width)
		round(bytes, row, most/far)
		roundInGo(bytesInGo, row, most/far)
		if !slices.Equal(bytes, bytesInGo) {
			t.Errorf("round: %v here, %v in Go", bytes, bytesInGo)
		}
	}
}

func TestBrokenWeightsAreRefused(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string][]byte{
		"nothing":   nil,
		"no magic":  []byte("hello, this is no file of weights"),
		"cut":       weights[:len(weights)/2],
		"too long":  append(slices.Clone(weights), 0),
		"no layers": append(append([]byte(magic), strings.Repeat("0", 64)...), 0, 0, 0, 0),
	} {
		if _, err := read(raw); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("It's gone down twice \u2014 since Tuesday!", "How is it?", true)
	f.Add(strings.Repeat("word ", 500), strings.Repeat("before ", 500), false)
	f.Add("\xff\x00\u0301\u0301", "", true)
	e := load(f)
	f.Fuzz(func(t *testing.T, text, before string, customer bool) {
		r := e.Read(text, before, customer)
		for _, p := range r.Sure {
			if !(p >= 0 && p <= 1) {
				t.Fatalf("%q: %v", text, r.Sure)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	e := load(b)
	for b.Loop() {
		e.Read("We had to go back to paper for the whole Saturday because nothing would load, and I'm not the only one.", "How was the weekend?", true)
	}
}
