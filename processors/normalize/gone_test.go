package normalize

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// goneCase marks the folders of testdata that hold arrivals of one meeting of
// Zoom, in their order, with what each leads to.
const goneCase = "gone-"

// arrival is a reading of the meeting, or word that it is gone or erased.
type arrival struct {
	Kind   string // read, gone, erased
	Second int    // at which it was seen so
	Topic  string `json:",omitempty"` // of a reading
}

// sent is what an arrival led to.
type sent struct {
	Outcome, Detail string
	Whole           bool       `json:",omitempty"` // the content was sent on
	Erased          bool       `json:",omitempty"`
	Mark            bool       `json:",omitempty"` // GoneAt alone was sent on
	GoneAt          *time.Time `json:",omitempty"`
}

func feedArrival(ctx context.Context, t rapid.TB, bench *stagetest.Bench, a arrival) sent {
	t.Helper()
	o := zoomOrigin(schemas.SourceFetch, noon.Add(time.Duration(a.Second)*time.Second))
	body, err := json.Marshal(map[string]any{"format": 1, "uuid": "a/b", "recording": map[string]any{"start_time": "2026-10-06T09:00:40Z", "topic": a.Topic}})
	if err != nil {
		t.Fatal(err)
	}
	r := schemas.RawRecord(o, body)
	o.Recording = "a_b"
	switch a.Kind {
	case "gone":
		r = schemas.GoneRecord(o)
	case "erased":
		r = schemas.ErasedRecord(o)
	}
	emitted, err := bench.Feed(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	progress, err := stagetest.Values(bench, schemas.MeetingProgress, emitted)
	if err != nil || len(progress) != 1 || progress[0].MeetingID != "harbourline/zoom/a_b" {
		t.Fatalf("progress %+v, %v", progress, err)
	}
	out := sent{Outcome: progress[0].Outcome, Detail: progress[0].Detail}
	meetings, err := stagetest.Values(bench, schemas.NormalizedMeetings, emitted)
	if err != nil || len(meetings) > 1 {
		t.Fatalf("%d meetings, %v", len(meetings), err)
	}
	for _, m := range meetings {
		if out.Erased = m == nil; out.Erased {
			continue
		}
		out.Mark, out.GoneAt = m.ID == "", m.GoneAt
		out.Whole = !out.Mark
		if m.Org != "harbourline" || m.Provider != schemas.Zoom || m.RecordingID != "a_b" || out.Mark != (len(m.ContentHash) == 0) {
			t.Fatalf("sent on: %+v", m)
		}
	}
	return out
}

func TestGoldenOfWhatIsGone(t *testing.T) {
	t.Parallel()
	inputs, err := filepath.Glob("testdata/" + goneCase + "*/in.json")
	if err != nil || len(inputs) < 4 {
		t.Fatalf("%d cases, %v", len(inputs), err)
	}
	codec := schematest.Codec(t)
	for _, in := range inputs {
		dir := filepath.Dir(in)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(in)
			if err != nil {
				t.Fatal(err)
			}
			var arrivals []arrival
			if err := json.Unmarshal(raw, &arrivals); err != nil {
				t.Fatal(err)
			}
			bench := stagetest.New(New(), codec)
			var all []sent
			for _, a := range arrivals {
				all = append(all, feedArrival(t.Context(), t, bench, a))
			}
			stagetest.Golden(t, filepath.Join(dir, "out.json"), *update, all)
		})
	}
}

// Whether a meeting is marked at the end depends on what was seen and when, not
// on the order in which it came, nor on how often.
func TestAnyOrderOfArrivalEndsInTheSameMark(t *testing.T) {
	t.Parallel()
	codec := schematest.Codec(t)
	rapid.Check(t, func(rt *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) arrival {
			return arrival{
				Kind: rapid.SampledFrom([]string{"read", "gone"}).Draw(t, "kind"), Second: rapid.IntRange(0, 4).Draw(t, "second"),
				Topic: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "topic"),
			}
		}), 1, 8).Draw(rt, "arrivals")
		there, gone := -1, -1
		for _, a := range all {
			if a.Kind == "gone" {
				gone = max(gone, a.Second)
			} else {
				there = max(there, a.Second)
			}
		}
		for range 4 {
			order := rapid.Permutation(all).Draw(rt, "order")
			order = append(order, rapid.SampledFrom(order).Draw(rt, "again"))
			bench := stagetest.New(New(), codec)
			var at *time.Time
			whole := false
			for _, a := range order {
				s := feedArrival(t.Context(), rt, bench, a)
				if s.Mark && !whole {
					rt.Fatal("a mark of a meeting that was never sent on")
				}
				if s.Mark || s.Whole {
					at, whole = s.GoneAt, true
				}
			}
			if whole != (there >= 0) || whole && (at != nil) != (gone > there) {
				rt.Fatalf("there at %d, gone at %d, marked %v (sent on %v)", there, gone, at, whole)
			}
		}
	})
}
