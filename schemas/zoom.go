package schemas

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// ZoomMeetingReceived is the event of raw records whose value is a
// ZoomRecording.
const ZoomMeetingReceived = "zoom/meeting.received"

// ZoomRecordingFormat is the number in every ZoomRecording of today's shape.
const ZoomRecordingFormat = 1

// ZoomRecording is everything that Zoom's API says of one meeting, put together
// from several calls: the value of a raw record, as JSON. docs/zoom.md describes
// it.
//
// The parts are Zoom's own answers, less what opens something (tokens, passcodes,
// download links, queries of links). A part that Zoom does not have is absent, and
// Missing says why.
type ZoomRecording struct {
	Format       int               `json:"format"`
	UUID         string            `json:"uuid"`
	Recording    json.RawMessage   `json:"recording"`              // GET /meetings/{uuid}/recordings
	Past         json.RawMessage   `json:"past_meeting,omitempty"` // GET /past_meetings/{uuid}
	Participants []json.RawMessage `json:"participants,omitempty"` // rows of GET /past_meetings/{uuid}/participants
	Report       []json.RawMessage `json:"report,omitempty"`       // rows of GET /report/meetings/{uuid}/participants
	Summary      json.RawMessage   `json:"summary,omitempty"`      // GET /meetings/{uuid}/meeting_summary
	Transcripts  []ZoomTranscript  `json:"transcripts,omitempty"`  // in the order of their starts
	Missing      []ZoomMissing     `json:"missing,omitempty"`
}

// ZoomTranscript is one transcript file. A recording that was stopped and begun
// again has several, each with a clock of its own.
type ZoomTranscript struct {
	FileID string    `json:"file_id,omitempty"`
	Start  time.Time `json:"recording_start,omitzero"`
	VTT    string    `json:"vtt"` // the file
}

// ZoomMissing says which part Zoom did not give, and how it put that.
type ZoomMissing struct {
	Part   string `json:"part"`             // transcript, participants, report, past_meeting, summary
	Status int    `json:"status,omitempty"` // of HTTP
	Code   int    `json:"code,omitempty"`   // Zoom's
	Reason string `json:"reason,omitempty"` // a restriction of the download, as NOT_READY
}

const upperHex = "0123456789ABCDEF"

// ZoomRecordingID makes a recording id of a meeting's UUID. A UUID is base64,
// whose slash would end a key's segment: slash and plus become _ and -, as in
// base64url, and a character that is neither base64 nor can stand in a key
// becomes a dot and two hexadecimal digits. No two UUIDs have the same id.
func ZoomRecordingID(uuid string) (string, error) {
	var b strings.Builder
	for _, c := range []byte(uuid) {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '=':
			b.WriteByte(c)
		case c == '/':
			b.WriteByte('_')
		case c == '+':
			b.WriteByte('-')
		default:
			b.Write([]byte{'.', upperHex[c>>4], upperHex[c&15]})
		}
	}
	if err := CheckSegment("recording", b.String()); err != nil {
		return "", fmt.Errorf("UUID %.70q of a Zoom meeting: %w", uuid, err)
	}
	return b.String(), nil
}

// ZoomUUID is the UUID that a recording id was made of.
func ZoomUUID(recordingID string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(recordingID); i++ {
		switch c := recordingID[i]; c {
		case '_':
			b.WriteByte('/')
		case '-':
			b.WriteByte('+')
		case '.':
			if i+2 >= len(recordingID) {
				return "", fmt.Errorf("recording %.140q: cut off in an escape", recordingID)
			}
			high, low := strings.IndexByte(upperHex, recordingID[i+1]), strings.IndexByte(upperHex, recordingID[i+2])
			if high < 0 || low < 0 {
				return "", fmt.Errorf("recording %.140q: a dot without two hexadecimal digits", recordingID)
			}
			b.WriteByte(byte(high<<4 | low)) //nolint:gosec // two digits below 16
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	if again, err := ZoomRecordingID(b.String()); err != nil || again != recordingID {
		return "", fmt.Errorf("recording %.140q is not made of a Zoom UUID", recordingID)
	}
	return b.String(), nil
}
