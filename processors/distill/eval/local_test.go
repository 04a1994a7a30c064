package eval_test

import (
	"os"
	"testing"

	"leadline/processors/distill"
	"leadline/processors/distill/eval"
	"leadline/processors/distill/local"
	"leadline/schemas"
)

func passages(t *testing.T, file string) []eval.Passage {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	all, err := eval.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The set is what the README's figures are of, so it must stay one that can show
// something: enough of each kind, and enough that is none.
func TestLabelledSetIsLargeEnough(t *testing.T) {
	t.Parallel()
	of, none := make(map[string]int), 0
	for _, p := range passages(t, "testdata/heldout.jsonl") {
		for _, k := range p.Kinds {
			of[k]++
		}
		if len(p.Kinds) == 0 {
			none++
		}
	}
	for _, k := range schemas.Kinds {
		if of[k] < 60 {
			t.Errorf("%d passages are %s, want 60", of[k], k)
		}
	}
	if none < 120 {
		t.Errorf("%d passages are none, want 120", none)
	}
}

// The floors keep weights and windows from rotting. The first file set the
// encoder's thresholds; the second was used for nothing.
func TestLocalDistillerKeepsItsQuality(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file              string
		precision, recall float64
	}{
		{"testdata/tune.jsonl", 0.85, 0.5},
		{"testdata/heldout.jsonl", 0.75, 0.5},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			r, err := eval.Run(t.Context(), distill.ByWords(local.New()), passages(t, c.file), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, kind := range schemas.Kinds {
				if n := r.Kinds[kind]; n.Precision < c.precision || n.Recall < c.recall {
					t.Errorf("%s: precision %.2f and recall %.2f, want %.2f and %.2f", kind, n.Precision, n.Recall, c.precision, c.recall)
				}
			}
		})
	}
}
