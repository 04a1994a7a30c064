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
	if len(files) == 0 || len(talk) == 0 {
		t.Fatal("no corpus")
	}
	files = append(files, talk...)
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
	for _, n := range []int{16, width, inner} {
		a, b, rows := make([]int16, n), make([]int16, n), make([]int8, 4*n)
		for i := range n {
			a[i], b[i] = int16(r.IntN(2*mostActivation+1)-mostActivation), -mostActivation
		}
		for i := range rows {
			rows[i] = int8(r.IntN(255) - 127)
		}
		var here, inGo [8]int32
		products(a, b, rows, &here)
		productsInGo(a, b, rows, &inGo)
		if here != inGo {
			t.Errorf("%d numbers: %v here, %v in Go", n, here, inGo)
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
