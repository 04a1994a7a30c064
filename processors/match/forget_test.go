package match

import (
	"math/rand/v2"
	"testing"

	"leadline/processors/stage/stagetest"
	"leadline/schemas/schematest"
)

// What stays behind would grow the state for ever, and would be read as true.
func TestStateIsEmptyOnceEverythingIsGone(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	all := histories(r)
	steps := interleave(r, all)
	for _, i := range r.Perm(len(all)) {
		steps = append(steps, gone(all[i][0]))
	}
	bench := stagetest.New(New(), schematest.Codec(t))
	for _, s := range steps {
		feed(t, bench, s)
	}
	err := bench.State().Scan("", func(k string, _ []byte) error {
		t.Errorf("%q is still there", k)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
