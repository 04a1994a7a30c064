package index

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"pgregory.net/rapid"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

const meeting = "harbourline/fathom/7"

// editions draws what a meeting may become: more or fewer of each family, or
// nothing at all.
func editions() *rapid.Generator[*schemas.DistilledMeeting] {
	return rapid.Custom(func(t *rapid.T) *schemas.DistilledMeeting {
		if rapid.IntRange(0, 4).Draw(t, "gone") == 0 {
			return nil
		}
		d := &schemas.DistilledMeeting{Distiller: "local/1"}
		d.Matched.State = string(rapid.SampledFrom([]schemas.State{schemas.StateMatched, schemas.StateUnmatched}).Draw(t, "state"))
		m := &d.Matched.Meeting
		m.ID, m.Title = meeting, rapid.SampledFrom([]string{"One", "Two"}).Draw(t, "title")
		m.ReceivedAt = time.Unix(rapid.Int64Range(0, 2).Draw(t, "received"), 0).UTC()
		for range rapid.IntRange(0, 4).Draw(t, "turns") {
			m.Turns = append(m.Turns, schemas.Turn{Speaker: "Nora", Text: strings.Repeat("word ", 150)})
		}
		if rapid.Bool().Draw(t, "summary") {
			text := "Short."
			m.Summary = &schemas.Summary{Markdown: &text}
		}
		for range rapid.IntRange(0, 2).Draw(t, "action items") {
			m.ActionItems = append(m.ActionItems, schemas.Action{Description: "Call."})
		}
		for _, kind := range schemas.Kinds {
			for range rapid.IntRange(0, 2).Draw(t, kind) {
				d.Distillates = append(d.Distillates, schemas.Distillate{Kind: kind, Sentence: "Something.", Turn: -1})
			}
		}
		return d
	})
}

// store is a sink that obeys the one rule: the highest version of a key wins.
type store map[string]*kgo.Record

func (s store) write(t fataler, r *kgo.Record) {
	version := func(r *kgo.Record) uint64 {
		v, err := schemas.VersionOf(r)
		if err != nil {
			t.Fatalf("%s: %v", r.Key, err)
		}
		return v
	}
	key := r.Topic + " " + string(r.Key)
	if old, there := s[key]; !there || version(r) > version(old) {
		s[key] = r
	}
}

// shown is what a reader sees: no tombstones.
func (s store) shown() map[string]string {
	out := make(map[string]string)
	for key, r := range s {
		if r.Value != nil {
			out[key] = string(r.Value)
		}
	}
	return out
}

func TestVersionsRiseAndTheHighestIsWhole(t *testing.T) {
	t.Parallel()
	codec := schematest.Codec(t)
	rapid.Check(t, func(rt *rapid.T) {
		bench := stagetest.New(New(), codec)
		var all []*kgo.Record
		var version uint64
		last := make(map[string]string) // what the last emission said
		for _, d := range rapid.SliceOfN(editions(), 1, 6).Draw(rt, "editions") {
			emitted, err := stagetest.Put(t.Context(), bench, schemas.DistilledMeetings, meeting, d)
			if err != nil {
				rt.Fatal(err)
			}
			again, err := stagetest.Put(t.Context(), bench, schemas.DistilledMeetings, meeting, d)
			if err != nil {
				rt.Fatal(err)
			}
			if len(again) != 1 || again[0].Topic != schemas.MeetingProgress.Name {
				rt.Fatalf("the same again led to %d records", len(again))
			}
			if len(emitted) == 1 { // the report of a duplicate
				continue
			}
			version++
			clear(last)
			for _, r := range emitted {
				if r.Topic == schemas.MeetingProgress.Name {
					continue
				}
				if v, err := schemas.VersionOf(r); err != nil || v != version {
					rt.Fatalf("%s has version %d (%v), want %d", r.Key, v, err, version)
				}
				all = append(all, r)
				if r.Value != nil {
					last[r.Topic+" "+string(r.Key)] = string(r.Value)
				}
			}
		}
		stored := make(store)
		for _, r := range rapid.Permutation(all).Draw(rt, "order") {
			stored.write(rt, r)
		}
		if got := stored.shown(); !reflect.DeepEqual(got, last) {
			rt.Fatalf("a store shows %v,\nthe last emission was %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(last)))
		}
	})
}

func TestLedgerIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := ledger{
			version: rapid.Uint64().Draw(t, "version"),
			counts:  rapid.MapOf(rapid.StringN(0, 20, 40), rapid.IntRange(0, 1000)).Draw(t, "counts"),
		}
		copy(want.digest[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"))
		raw := want.append(nil)
		got, err := parseLedger(raw)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v (%v), want %v", got, err, want)
		}
		for cut := range raw {
			if part, err := parseLedger(raw[:cut]); err == nil && !bytes.Equal(part.append(nil), raw[:cut]) {
				t.Fatalf("cut at byte %d of %d, it was read as %v", cut, len(raw), part)
			}
		}
	})
}

func FuzzLedger(f *testing.F) {
	f.Add(ledger{version: 3, counts: counts{"transcript": 12, "distilled:product_ask": 2}}.append(nil))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := parseLedger(raw)
		if err != nil {
			return
		}
		if again, err := parseLedger(l.append(nil)); err != nil || !reflect.DeepEqual(l, again) {
			t.Errorf("%v is read back as %v (%v)", l, again, err)
		}
	})
}

func TestKeysThatNameNoMeetingAreRejected(t *testing.T) {
	t.Parallel()
	codec := schematest.Codec(t)
	for _, key := range []string{"", "harbourline", "harbourline/fathom", "harbourline/fathom/7/8", "harbourline/fathom/7:8", "harbourline/fathom/8"} {
		d := &schemas.DistilledMeeting{}
		d.Matched.Meeting.ID = meeting
		_, err := stagetest.Put(t.Context(), stagetest.New(New(), codec), schemas.DistilledMeetings, key, d)
		var rejected *schemas.Rejected
		if !errors.As(err, &rejected) || rejected.Reason != schemas.ReasonInvalid {
			t.Errorf("%q: got %v", key, err)
		}
	}
}

func TestPlaybackURL(t *testing.T) {
	t.Parallel()
	at := int64(61_999)
	for urls, want := range map[[2]string]string{
		{"https://fathom.video/calls/1", "https://fathom.video/share/s"}: "https://fathom.video/calls/1?timestamp=61",
		{"", "https://fathom.video/share/s"}:                             "https://fathom.video/share/s?timestamp=61",
		{"https://example.com/r?a=b#top", ""}:                            "https://example.com/r?a=b&timestamp=61#top",
		{"javascript:alert(1)", "data:text/html,x"}:                      "",
		{"/calls/1", "https:///x"}:                                       "",
		{"%zz", ""}:                                                      "",
	} {
		if got := playbackURL(&schemas.Meeting{URL: urls[0], ShareURL: urls[1]}, &at); got != want {
			t.Errorf("%v: got %q, want %q", urls, got, want)
		}
	}
}

func TestTurnEnds(t *testing.T) {
	t.Parallel()
	end := int64(1500)
	start := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	m := &schemas.Meeting{StartedAt: start, EndedAt: start.Add(10 * time.Second), Turns: []schemas.Turn{
		{StartMS: 1000, EndMS: &end}, {StartMS: 2000}, {StartMS: 5000}, {StartMS: 4000}, {StartMS: 9000},
	}}
	for turn, want := range []int64{1500, 5000, 5000, 9000, 10000} {
		if got := turnEnd(m, turn); got != want {
			t.Errorf("turn %d ends at %d, want %d", turn, got, want)
		}
	}
	m.EndedAt = start
	if got := turnEnd(m, 4); got != 9000 {
		t.Errorf("the last turn of a meeting that ends before it ends at %d", got)
	}
}

func BenchmarkApply(b *testing.B) {
	d := &schemas.DistilledMeeting{}
	d.Matched.Meeting.ID = meeting
	for i := range 600 {
		text, err := json.Marshal(i) // no two turns are alike
		if err != nil {
			b.Fatal(err)
		}
		d.Matched.Meeting.Turns = append(d.Matched.Meeting.Turns, schemas.Turn{Speaker: "Nora Vale", Text: speech(16, ".") + string(text)})
	}
	codec := schematest.Codec(b)
	for b.Loop() {
		if _, err := stagetest.Put(b.Context(), stagetest.New(New(), codec), schemas.DistilledMeetings, meeting, d); err != nil {
			b.Fatal(err)
		}
	}
}
