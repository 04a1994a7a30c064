package match

import (
	"math/rand/v2"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/state"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// What stays behind would grow the state for ever, and would be read as true.
func TestStateIsEmptyOnceEverythingIsGone(t *testing.T) {
	t.Parallel()
	codec := schematest.Codec(t)
	r := rand.New(rand.NewPCG(7, 7))
	all := histories(r)
	steps := interleave(r, all)
	for _, i := range r.Perm(len(all)) {
		steps = append(steps, gone(all[i][0]))
	}
	held := state.NewOverlay(state.Empty{})
	for _, s := range steps {
		rec := &kgo.Record{Topic: schemas.NormalizedMeetings.Name, Key: []byte(s.key)}
		var err error
		if s.isEntry {
			rec.Topic = schemas.Directory.Name
		}
		switch {
		case s.entry != nil:
			rec.Value, err = schemas.Encode(codec, schemas.Directory, s.entry)
		case s.meeting != nil:
			rec.Value, err = schemas.Encode(codec, schemas.NormalizedMeetings, s.meeting)
		}
		if err != nil {
			t.Fatal(err)
		}
		res, err := New().Apply(t.Context(), codec, held, rec)
		if err != nil {
			t.Fatal(err)
		}
		held.Merge(res.State)
	}
	for k, v := range held.Writes() {
		if v != nil {
			t.Errorf("%q is still there", k)
		}
	}
}
