package fathom

import (
	"encoding/json"
	"strconv"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

// document looks into a meeting without judging it: what it cannot read is not there, and normalize says why. An empty
// transcript is one, of a meeting in which nobody spoke. Of the turns it keeps nothing, since it is called for every delivery.
func document(raw []byte) recorder.Document {
	var m struct {
		Recording  json.RawMessage `json:"recording_id"`
		CreatedAt  json.RawMessage `json:"created_at"`
		EndedAt    json.RawMessage `json:"recording_end_time"`
		Transcript list            `json:"transcript"`
		Summary    *struct {
			Markdown *string `json:"markdown_formatted"`
		} `json:"default_summary"`
	}
	d := recorder.Document{Event: schemas.FathomMeetingReceived, Body: raw}
	// A field of another type is an error of the whole, and leaves the others as they are.
	_ = json.Unmarshal(raw, &m)
	var recording int64
	if err := json.Unmarshal(m.Recording, &recording); err == nil && recording != 0 {
		d.Recording = strconv.FormatInt(recording, 10)
	}
	_ = json.Unmarshal(m.CreatedAt, &d.CreatedAt)
	_ = json.Unmarshal(m.EndedAt, &d.EndedAt)
	d.Transcript, d.Summary = bool(m.Transcript), m.Summary != nil && m.Summary.Markdown != nil && *m.Summary.Markdown != ""
	return d
}

// list says that a value is one.
type list bool

// UnmarshalJSON looks at the first byte: the decoder has found the value to be well formed, and left no space before it.
func (l *list) UnmarshalJSON(value []byte) error {
	*l = value[0] == '['
	return nil
}
