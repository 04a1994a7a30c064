package normalize

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

func FuzzZoom(f *testing.F) {
	inputs, err := filepath.Glob("testdata/" + zoomCase + "*/in.json")
	if err != nil || len(inputs) == 0 {
		f.Fatalf("%d cases, %v", len(inputs), err)
	}
	for _, in := range inputs {
		body, err := os.ReadFile(in)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	codec := schematest.Codec(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := read(schemas.RawRecord(zoomOrigin(schemas.SourcePoll, noon), body))
		if _, rejected := errors.AsType[*schemas.Rejected](err); rejected {
			return
		}
		if err != nil {
			t.Fatalf("neither accepted nor rejected: %v", err)
		}
		raw, err := schemas.Encode(codec, schemas.NormalizedMeetings, &m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := schemas.Decode(codec, schemas.NormalizedMeetings, raw)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(contentHash(*back), m.ContentHash) {
			t.Error("decoded again, the meeting has another hash")
		}
		if _, _, recording, err := schemas.SplitMeetingID(m.ID); err != nil || schemas.CheckSegment("recording", recording) != nil {
			t.Errorf("accepted with the id %q", m.ID)
		}
		if m.EndedAt.Before(m.StartedAt) {
			t.Errorf("ends at %v, before it starts at %v", m.EndedAt, m.StartedAt)
		}
	})
}

const (
	zoomBare  = `{"format":1,"uuid":"a/b","recording":{"start_time":"2026-10-06T09:00:40Z"}}`
	zoomThere = `{"format":1,"uuid":"a/b","recording":{"start_time":"2026-10-06T09:00:40Z"},"participants":[{"name":"Ivo","user_email":"ivo@tidewell.example"}]}`
	zoomNamed = `{"format":1,"uuid":"a/b","recording":{"start_time":"2026-10-06T09:00:40Z","topic":"Tides"},"participants":[{"name":"Ivo","user_email":"ivo@tidewell.example"}]}`
)

// Everything of Zoom's is read from its API, also what a webhook announced, so the
// later reading wins; but not one in which Zoom no longer knows who was there.
func TestTheLaterReadingOfZoomWins(t *testing.T) {
	t.Parallel()
	codec := schematest.Codec(t)
	bench := stagetest.New(New(), codec)
	for i, a := range []struct {
		source schemas.Source
		body   string
		want   string
	}{
		{schemas.SourcePoll, zoomThere, schemas.OutcomeDone},
		{schemas.SourceFetch, zoomThere, schemas.OutcomeDuplicate},
		{schemas.SourceFetch, zoomNamed, schemas.OutcomeDone},
		{schemas.SourceManual, zoomBare, schemas.OutcomeStale},
		{schemas.SourceManual, zoomThere, schemas.OutcomeDone},
	} {
		r := schemas.RawRecord(zoomOrigin(a.source, noon.Add(time.Duration(i)*time.Second)), []byte(a.body))
		emitted, err := bench.Feed(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		progress, err := stagetest.Values(bench, schemas.MeetingProgress, emitted)
		if err != nil || len(progress) != 1 || progress[0].Outcome != a.want || progress[0].MeetingID != "harbourline/zoom/a_b" {
			t.Fatalf("arrival %d: %+v, %v", i, progress, err)
		}
	}
}
