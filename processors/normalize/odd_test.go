package normalize

import (
	"os"
	"testing"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// What is left out of a meeting is named where people look for what became of it.
func TestWhatCannotBeReadIsNamedAndTheRestIsUsed(t *testing.T) {
	t.Parallel()
	codec := schematest.Codec(t)
	for of, want := range map[string]string{
		"zoom-odd-files": "recording.recording_files[0].play_url: want a string, got {}; " +
			"recording.recording_files[0].recording_start: want a string, got 12; " +
			"recording.recording_files[1].recording_start: want a date and time, got \"yesterday\"; " +
			"recording.recording_files[1].recording_end: want a string, got []; " +
			"recording.recording_files[2].recording_start: want a date and time, got none; " +
			"recording.recording_files[4]: want an object, got \"no file\"; " +
			"transcripts[1].recording_start: want a date and time, got \"\"; it is put behind the others",
		"ended-before-it-began": "recording_end_time: \"2026-10-05T08:30:00Z\" is before the start, 2026-10-05T09:00:00Z; the last word stands in for it",
		"zoom-full":             "",
		"full":                  "",
	} {
		body, err := os.ReadFile("testdata/" + of + "/in.json")
		if err != nil {
			t.Fatal(err)
		}
		from := origin(schemas.SourcePoll, noon)
		if of[:4] == "zoom" {
			from = zoomOrigin(schemas.SourcePoll, noon)
		}
		bench := stagetest.New(New(), codec)
		emitted, err := bench.Feed(t.Context(), schemas.RawRecord(from, body))
		if err != nil {
			t.Fatalf("%s: %v", of, err)
		}
		progress, err := stagetest.Values(bench, schemas.MeetingProgress, emitted)
		if err != nil || len(progress) != 1 || progress[0].Outcome != schemas.OutcomeDone || progress[0].Detail != want {
			t.Errorf("%s: %+v, %v\nwant %s", of, progress[0], err, want)
		}
		meetings, err := stagetest.Values(bench, schemas.NormalizedMeetings, emitted)
		if err != nil || len(meetings) != 1 {
			t.Fatalf("%s: %d meetings, %v", of, len(meetings), err)
		}
		m := meetings[0]
		for i, turn := range m.Turns {
			if i > 0 && turn.StartMS < m.Turns[i-1].StartMS {
				t.Errorf("%s: turn %d is at %d ms, the one before at %d ms", of, i, turn.StartMS, m.Turns[i-1].StartMS)
			}
		}
		for _, h := range m.Highlights {
			if h.EndMS < h.StartMS {
				t.Errorf("%s: highlight from %d to %d ms", of, h.StartMS, h.EndMS)
			}
		}
		if m.EndedAt.Before(m.StartedAt) {
			t.Errorf("%s: it ended %v before it began", of, m.StartedAt.Sub(m.EndedAt))
		}
	}
}
