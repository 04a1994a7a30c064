package normalize

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"leadline/processors/normalize/webvtt"
	"leadline/schemas"
)

// zoomRecording is a schemas.ZoomRecording with those fields of Zoom's answers
// that a meeting is made of.
type zoomRecording struct {
	Format       int64            `json:"format"`
	UUID         string           `json:"uuid"`
	Recording    *zoomMeeting     `json:"recording"`
	Past         zoomPast         `json:"past_meeting"`
	Participants []zoomPerson     `json:"participants"`
	Report       []zoomPerson     `json:"report"`
	Summary      *zoomSummary     `json:"summary"`
	Transcripts  []zoomTranscript `json:"transcripts"`

	odd []string // what could not be read and is left out
}

type zoomMeeting struct {
	UUID      string          `json:"uuid"`
	Number    json.RawMessage `json:"id"` // a number; text in some answers
	HostID    string          `json:"host_id"`
	HostEmail string          `json:"host_email"`
	Topic     string          `json:"topic"`
	Type      json.RawMessage `json:"type"` // text in lists, a number elsewhere
	StartTime string          `json:"start_time"`
	Duration  float64         `json:"duration"` // minutes
	ShareURL  string          `json:"share_url"`
	// Files are read one by one; see zoomFile.
	Files []json.RawMessage `json:"recording_files"`
}

var zoomNumber = regexp.MustCompile(`^[0-9]{9,12}$`)

type zoomPast struct {
	HostName  string `json:"user_name"`
	HostEmail string `json:"user_email"`
	StartTime string `json:"start_time"`
	EndTime   string `json:"end_time"`
}

type zoomTranscript struct {
	Start string `json:"recording_start"`
	VTT   string `json:"vtt"`
}

// zoomTypes are Zoom's kinds of meetings; others stay numbers.
var zoomTypes = map[string]string{
	"1": "instant", "2": "scheduled", "3": "recurring", "4": "personal room", "5": "webinar", "6": "recurring webinar",
	"7": "personal audio", "8": "recurring", "9": "recurring webinar", "99": "uploaded",
}

// decodeZoom reads a ZoomRecording. Like decodeFathom it refuses one only where
// keeping it would be wrong: the body is no JSON object or exceeds the limits; it
// has another format; its UUID cannot be part of a key; a value has another JSON
// type than Zoom gives it; a transcript is no WebVTT; or there is no date at all.
//
// The meeting is the occurrence: those of a recurring meeting have one number and
// each a UUID.
//
// A file of the recording of which something cannot be read is used for the rest.
func decodeZoom(body []byte) (m schemas.Meeting, odd []string, err error) {
	var z zoomRecording
	if err := decodeObject(body, &z); err != nil {
		return schemas.Meeting{}, nil, err
	}
	if m, err = z.meeting(); err != nil {
		return schemas.Meeting{}, nil, schemas.Reject(schemas.ReasonInvalid, err)
	}
	return m, z.odd, nil
}

func (z *zoomRecording) meeting() (schemas.Meeting, error) {
	var m schemas.Meeting
	if z.Format != schemas.ZoomRecordingFormat {
		return m, fmt.Errorf("format: want %d, got %d", schemas.ZoomRecordingFormat, z.Format)
	}
	var err error
	if m.RecordingID, err = schemas.ZoomRecordingID(z.UUID); err != nil {
		return m, fmt.Errorf("uuid: %w", err)
	}
	if z.Recording == nil {
		return m, errors.New("recording: want an object, got none")
	}
	files := z.files()
	m.Title, m.ShareURL, m.URL = z.Recording.Topic, z.Recording.ShareURL, playURL(files)
	// Zoom's recordings have no link to join by. This one leads to the same room
	// as those that other recorders know, whatever passcode they have in theirs.
	if n := strings.Trim(string(z.Recording.Number), `"`); zoomNumber.MatchString(n) {
		m.JoinURL = new("https://zoom.us/j/" + n)
	}
	if kind := strings.Trim(string(z.Recording.Type), `"`); kind != "" && kind != "null" && len(kind) < 20 {
		if known, ok := zoomTypes[kind]; ok {
			kind = known
		}
		m.MeetingType = &kind
	}
	people := z.people()
	m.Host = z.host(people)
	if err := z.turns(&m, people); err != nil {
		return m, err
	}
	if err := z.dates(&m, files); err != nil {
		return m, err
	}
	m.Invitees = invitees(people, m)
	if z.Summary != nil {
		var steps []string
		m.Summary, steps = z.Summary.read()
		for _, s := range steps {
			m.ActionItems = append(m.ActionItems, schemas.Action{Description: s})
		}
	}
	return m, nil
}

// playURL is that of the film, else of anything that plays.
func playURL(files []zoomFile) string {
	best := ""
	for _, f := range files {
		if f.playURL != "" && (best == "" || f.kind == "MP4") {
			if best = f.playURL; f.kind == "MP4" {
				break
			}
		}
	}
	return best
}

// turns puts the transcripts after each other. Each has a clock that begins with
// its file; the meeting's begins with the first.
func (z *zoomRecording) turns(m *schemas.Meeting, people []zoomPerson) error {
	m.HasTranscript = len(z.Transcripts) > 0
	var names []string
	for _, p := range people {
		names = append(names, p.Name)
	}
	emails := emailsByName(people)
	var begin *time.Time
	var spoken time.Duration
	for i, t := range z.Transcripts {
		cues, err := webvtt.Cues(t.VTT)
		if err != nil {
			return fmt.Errorf("transcripts[%d].vtt: %w", i, err)
		}
		var offset time.Duration
		start := parseTime(t.Start)
		switch {
		case start == nil && i > 0: // nobody knows when; it cannot have been at the same time as another
			offset = spoken
			z.say("transcripts[%d].recording_start: want a date and time, got %.40q; it is put behind the others", i, t.Start)
		case begin == nil:
			begin = start
		case start != nil:
			offset = max(start.Sub(*begin), 0)
		}
		for _, turn := range webvtt.Turns(cues, names) {
			spoken = max(spoken, turn.End+offset)
			endMS := (turn.End + offset).Milliseconds()
			m.Turns = append(m.Turns, schemas.Turn{
				Speaker: turn.Speaker, Email: emails[strings.ToLower(turn.Speaker)], Text: turn.Text,
				StartMS: min((turn.Start + offset).Milliseconds(), maxClockMS), EndMS: new(min(endMS, maxClockMS)),
			})
		}
		if len(m.Turns) > maxTurns {
			return fmt.Errorf("transcripts: want at most %d turns", maxTurns)
		}
	}
	if begin != nil {
		m.StartedAt = *begin
	}
	return nil
}

// dates reads the times. The start is the recording's, because turns are counted
// from it; that of the meeting stands in for it, and for a meeting without any
// there is no place.
func (z *zoomRecording) dates(m *schemas.Meeting, files []zoomFile) error {
	var start, end *time.Time
	for _, f := range files {
		if t := f.start; t != nil && (start == nil || t.Before(*start)) {
			start = t
		}
		if t := f.end; t != nil && (end == nil || t.After(*end)) {
			end = t
		}
	}
	meeting := first(parseTime(z.Recording.StartTime), parseTime(z.Past.StartTime))
	known := first(start, meeting, parseTime(z.Past.EndTime), end)
	if known == nil && m.StartedAt.IsZero() {
		return fmt.Errorf("recording.start_time: want a date and time, got %.40q, and no other time can be read", z.Recording.StartTime)
	}
	if m.StartedAt.IsZero() {
		m.StartedAt = *known
	}
	m.EndedAt = m.StartedAt
	switch past := parseTime(z.Past.EndTime); {
	case end != nil:
		m.EndedAt = *end
	case past != nil:
		m.EndedAt = *past
	case meeting != nil && z.Recording.Duration > 0 && z.Recording.Duration < maxClockMS/60_000:
		m.EndedAt = meeting.Add(time.Duration(z.Recording.Duration * float64(time.Minute))).Truncate(time.Millisecond)
	case len(m.Turns) > 0:
		m.EndedAt = m.StartedAt.Add(time.Duration(*m.Turns[len(m.Turns)-1].EndMS) * time.Millisecond)
	}
	if m.EndedAt.Before(m.StartedAt) {
		m.EndedAt = m.StartedAt
	}
	m.CreatedAt = *first(meeting, &m.StartedAt)
	return nil
}
