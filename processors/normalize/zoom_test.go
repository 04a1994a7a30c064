package normalize

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
		m, _, err := read(schemas.RawRecord(zoomOrigin(schemas.SourcePoll, noon), body))
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

// The fixtures of the reference, put together as the poller does it.
func TestReferenceFixturesOfZoomAreOneMeeting(t *testing.T) {
	t.Parallel()
	fixture := func(name string) []byte {
		raw, err := os.ReadFile(shared(t, "reference", "fixtures", "zoom", name)[0])
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	rows := func(name string) []json.RawMessage {
		var page struct {
			Participants []json.RawMessage `json:"participants"`
		}
		if err := json.Unmarshal(fixture(name), &page); err != nil {
			t.Fatal(err)
		}
		return page.Participants
	}
	for file, turns := range map[string]int{"transcript.vtt": 9, "transcript.edge-cases.vtt": 6} {
		body, err := json.Marshal(schemas.ZoomRecording{
			Format: schemas.ZoomRecordingFormat, UUID: "/ajXp112QmuoKj4854875==", Recording: fixture("meeting-recordings.json"),
			Past: fixture("past-meeting.json"), Summary: fixture("meeting-summary.json"),
			Participants: rows("past-meeting-participants.json"), Report: rows("report-participants.json"),
			Transcripts: []schemas.ZoomTranscript{{VTT: string(fixture(file))}},
		})
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := decodeZoom(body)
		if err != nil {
			t.Fatal(err)
		}
		// One guest rejoins, one has no address.
		if len(m.Invitees) != 3 || len(m.Turns) != turns || m.Host.Email != "maya.lindqvist@brightfjord.example" || len(m.ActionItems) != 1 ||
			!strings.HasPrefix(*m.Summary.Markdown, "Edited by hand") || m.RecordingID != "_ajXp112QmuoKj4854875==" {
			t.Errorf("%s: %d invitees, %d turns, host %s, summary %v, %d action items", file, len(m.Invitees), len(m.Turns), m.Host.Email, *m.Summary.Markdown, len(m.ActionItems))
		}
		var speakers []string
		for _, turn := range m.Turns {
			if !slices.Contains(speakers, turn.Speaker) {
				speakers = append(speakers, turn.Speaker)
			}
		}
		t.Logf("%s: %q", file, speakers)
	}
}
