package normalize

import (
	"crypto/sha256"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// Small domains, so that ties in each component are common.
func observations() *rapid.Generator[observation] {
	return rapid.Custom(func(t *rapid.T) observation {
		return observation{
			fullness: rapid.ByteRange(0, 11).Draw(t, "fullness"),
			listed:   rapid.Bool().Draw(t, "listed"),
			received: rapid.Int64Range(-2, 2).Draw(t, "received"),
			hash:     [sha256.Size]byte{31: rapid.ByteRange(0, 2).Draw(t, "hash")},
		}
	})
}

func TestNewerIsAStrictTotalOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := observations().Draw(t, "a"), observations().Draw(t, "b"), observations().Draw(t, "c")
		if a == b && newer(a, b) {
			t.Fatal("newer than itself")
		}
		if a != b && newer(a, b) == newer(b, a) {
			t.Fatal("two observations without an order")
		}
		if newer(a, b) && newer(b, c) && !newer(a, c) {
			t.Fatal("not transitive")
		}
	})
}

func TestStoredObservationIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := observations().Draw(t, "observation")
		got, err := parseObservation(want.append(nil))
		if err != nil || got != want {
			t.Fatalf("got %v (%v), want %v", got, err, want)
		}
	})
	old := observation{fullness: 10, listed: true, received: 7}.append(nil)
	old[0], old[1] = 1, 5
	if got, err := parseObservation(old); err != nil || got.fullness != 10 {
		t.Errorf("an observation of the first format is %v, %v", got, err)
	}
	for _, raw := range [][]byte{nil, {1}, make([]byte, observationSize), append(observation{}.append(nil), 0)} {
		if _, err := parseObservation(raw); err == nil {
			t.Errorf("%x was read as an observation", raw)
		}
	}
}

// delivery is one way in which one content came in.
type delivery struct {
	Title               string
	Transcript, Summary bool
	Source              schemas.Source
	Second              int
}

func (d delivery) body(t *rapid.T) []byte {
	body := map[string]any{"recording_id": 7, "title": d.Title, "created_at": "2026-10-05T09:00:00Z"}
	if d.Transcript {
		body["transcript"] = []any{map[string]any{"text": "Hello.", "timestamp": "00:00:01"}}
	}
	if d.Summary {
		body["default_summary"] = map[string]any{"markdown_formatted": "Hello."}
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func deliveries() *rapid.Generator[delivery] {
	return rapid.Custom(func(t *rapid.T) delivery {
		return delivery{
			Title: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "title"),
			// Mostly full, so that source and time decide as often.
			Transcript: rapid.IntRange(0, 9).Draw(t, "transcript") > 0,
			Summary:    rapid.IntRange(0, 9).Draw(t, "summary") > 0,
			Source: rapid.SampledFrom([]schemas.Source{
				schemas.SourceWebhook, schemas.SourcePoll, schemas.SourceManual,
			}).Draw(t, "source"),
			Second: rapid.IntRange(0, 3).Draw(t, "second"),
		}
	})
}

// Webhooks that are lost, repeated, late and out of order, between polls: which
// content stands at the end depends on what arrived, not on when.
func TestAnyOrderOfArrivalEndsInTheSameContent(t *testing.T) {
	t.Parallel()
	codec := schematest.Codec(t)
	rapid.Check(t, func(rt *rapid.T) {
		all := rapid.SliceOfN(deliveries(), 1, 8).Draw(rt, "deliveries")
		final := func(order []delivery) []byte {
			bench := stagetest.New(New(), codec)
			var last []byte
			for _, d := range order {
				at := noon.Add(time.Duration(d.Second) * time.Second)
				emitted, err := bench.Feed(t.Context(), schemas.RawRecord(origin(d.Source, at), d.body(rt)))
				if err != nil {
					rt.Fatal(err)
				}
				meetings, err := stagetest.Values(bench, schemas.NormalizedMeetings, emitted)
				if err != nil {
					rt.Fatal(err)
				}
				for _, m := range meetings {
					if reflect.DeepEqual(m.ContentHash, last) {
						rt.Fatal("the same content was sent on twice")
					}
					last = m.ContentHash
				}
			}
			return last
		}
		want := final(all)
		for range 5 {
			if got := final(rapid.Permutation(all).Draw(rt, "order")); !reflect.DeepEqual(got, want) {
				rt.Fatalf("ended in %x, not %x", got, want)
			}
		}
	})
}
