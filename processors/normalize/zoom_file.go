package normalize

import (
	"encoding/json"
	"fmt"
	"time"
)

// zoomFile is one of a recording; times that cannot be read are nil.
type zoomFile struct {
	kind       string
	start, end *time.Time
	playURL    string
}

// files reads each file by itself: what is odd in one must cost neither the
// meeting nor the other files.
func (z *zoomRecording) files() []zoomFile {
	var all []zoomFile
	for i, raw := range z.Recording.Files {
		var parts struct {
			Type    json.RawMessage `json:"file_type"`
			Start   json.RawMessage `json:"recording_start"`
			End     json.RawMessage `json:"recording_end"`
			PlayURL json.RawMessage `json:"play_url"`
		}
		at := fmt.Sprintf("recording.recording_files[%d]", i)
		if err := json.Unmarshal(raw, &parts); err != nil {
			z.say("%s: want an object, got %.40s", at, raw)
			continue
		}
		f := zoomFile{kind: z.text(at+".file_type", parts.Type), playURL: z.text(at+".play_url", parts.PlayURL)}
		f.start = z.time(at+".recording_start", parts.Start, f.kind == "TRANSCRIPT")
		f.end = z.time(at+".recording_end", parts.End, false)
		all = append(all, f)
	}
	return all
}

// say notes what is odd, for the meeting's progress.
func (z *zoomRecording) say(format string, args ...any) {
	z.odd = append(z.odd, fmt.Sprintf(format, args...))
}

func (z *zoomRecording) text(name string, raw json.RawMessage) string {
	var s string
	if len(raw) > 0 && json.Unmarshal(raw, &s) != nil {
		z.say("%s: want a string, got %.40s", name, raw)
	}
	return s
}

// time reads one; that there is none is odd where it is wanted.
func (z *zoomRecording) time(name string, raw json.RawMessage, wanted bool) *time.Time {
	said := len(z.odd)
	s := z.text(name, raw)
	t := parseTime(s)
	if t == nil && len(z.odd) == said {
		switch {
		case s != "":
			z.say("%s: want a date and time, got %.40q", name, s)
		case wanted:
			z.say("%s: want a date and time, got none", name)
		}
	}
	return t
}
