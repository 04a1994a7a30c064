package command

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"leadline/schemas"
	"leadline/sinks/embedding"
	"leadline/sinks/sink"
)

// leakVectors is a store whose searches use vectors too.
type leakVectors interface {
	embedding.Store
	Embed(q embedding.Asker)
}

var leakSpace = embedding.Space{Model: "leak", QueryModel: "leak", Dimension: 8}

// anywhere points into the same octant whatever is asked, so that everything of
// everybody is near to every question.
type anywhere struct{ asked atomic.Int64 }

func (a *anywhere) Vector(_ context.Context, _ embedding.Space, text string) []float32 {
	a.asked.Add(1)
	return pointing(text)
}

func pointing(text string) []float32 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	random := rand.New(rand.NewPCG(h.Sum64(), 1))
	v := make([]float32, leakSpace.Dimension)
	for i := range v {
		v[i] = 0.2 + 0.8*random.Float32()
	}
	return v
}

// embed gives every entry a vector.
func (r *leakRig) embed(t *testing.T, s leakVectors, entries sink.Batch[schemas.Entry]) *anywhere {
	t.Helper()
	if _, err := s.BeginVectors(t.Context(), leakSpace); err != nil {
		t.Fatal(err)
	}
	var all []embedding.Vector
	for _, e := range entries {
		all = append(all, embedding.Vector{
			Key: e.Key, Version: e.Version, Entry: e.Value, Digest: embedding.Digest(e.Value.Text), Values: pointing(e.Value.Text),
		})
	}
	if err := s.PutVectors(t.Context(), leakSpace, all); err != nil {
		t.Fatal(err)
	}
	if err := s.ServeVectors(t.Context(), leakSpace); err != nil {
		t.Fatal(err)
	}
	asker := new(anywhere)
	s.Embed(asker)
	return asker
}
