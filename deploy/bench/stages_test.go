package bench

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/distill"
	"leadline/processors/index"
	"leadline/processors/match"
	"leadline/processors/normalize"
	"leadline/processors/stage"
	"leadline/processors/state"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// BenchmarkStages measures what each stage does with a meeting of 125 KB, without
// Kafka and without a state on disk.
func BenchmarkStages(b *testing.B) {
	codec := schematest.Codec(b)
	whom, err := directory(codec, 0, orgs)
	if err != nil {
		b.Fatal(err)
	}
	m, err := newRecorder().meeting(125 << 10)
	if err != nil {
		b.Fatal(err)
	}
	distilling, err := distill.New(distill.None{}, distill.Options{})
	if err != nil {
		b.Fatal(err)
	}
	apply := func(s stage.Stage, to *state.Overlay, r *kgo.Record) stage.Result {
		res, err := s.Apply(b.Context(), codec, to, r)
		if err != nil {
			b.Fatal(err)
		}
		return res
	}
	in := m.raw
	for _, s := range []struct {
		stage.Stage
		to schemas.Spec
	}{
		{normalize.New(), schemas.NormalizedMeetings.Spec},
		{match.New(), schemas.MatchedMeetings.Spec},
		{distilling, schemas.DistilledMeetings.Spec},
		{index.New(), schemas.MeetingRows.Spec},
	} {
		before := state.NewOverlay(state.Empty{})
		if s.Name == "match" {
			for _, r := range whom {
				before.Merge(apply(s.Stage, before, r).State)
			}
		}
		b.Run(s.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				apply(s.Stage, before, in)
			}
		})
		for _, r := range apply(s.Stage, before, in).Emitted {
			if r.Topic == s.to.Name {
				in = r
			}
		}
	}
}
