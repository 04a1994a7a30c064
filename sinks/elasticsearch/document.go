package elasticsearch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"leadline/schemas"
	"leadline/sinks/passage"
)

// document is an entry as it stands in the index, or the tombstone of one: only
// its identity, and when it went.
type document struct {
	ID          string            `json:"id"`
	MeetingID   string            `json:"meeting_id"`
	Org         string            `json:"org"`
	Provider    string            `json:"provider,omitempty"`
	RecordingID string            `json:"recording_id,omitempty"`
	Kind        string            `json:"kind,omitempty"`
	Distilled   *string           `json:"distilled,omitempty"`
	Title       string            `json:"title,omitempty"`
	Text        map[string]string `json:"text,omitempty"`     // by the field of its tongue; one
	Verbatim    string            `json:"verbatim,omitempty"` // the text, where the indexed one differs
	Speakers    []string          `json:"speakers,omitzero"`
	Voices      []string          `json:"voices,omitempty"` // of those who say much of it
	TurnFirst   *int32            `json:"turn_first,omitempty"`
	TurnLast    *int32            `json:"turn_last,omitempty"`
	StartMS     *int64            `json:"start_ms,omitempty"`
	EndMS       *int64            `json:"end_ms,omitempty"`
	MeetingAt   time.Time         `json:"meeting_at,omitzero"`
	Language    string            `json:"language,omitempty"`
	URL         string            `json:"url,omitempty"`
	State       string            `json:"state,omitempty"`
	Companies   []string          `json:"companies,omitzero"`
	EndUsers    []string          `json:"end_users,omitzero"`
	Deleted     bool              `json:"deleted"`
	DeletedAt   time.Time         `json:"deleted_at,omitzero"`
}

func documentOf(e *schemas.Entry) document {
	d := document{
		ID: e.ID, MeetingID: e.MeetingID, Org: e.Org, Provider: e.Provider, RecordingID: e.RecordingID,
		Kind: e.Kind, Distilled: e.Distilled, Title: e.Title, Speakers: e.Speakers,
		TurnFirst: e.TurnFirst, TurnLast: e.TurnLast, StartMS: e.StartMS, EndMS: e.EndMS,
		MeetingAt: e.MeetingAt, Language: e.Language, URL: e.URL,
		State: e.State, Companies: e.Companies, EndUsers: e.EndUsers,
	}
	indexed := indexable(e.Text)
	if indexed != e.Text {
		d.Verbatim = e.Text
	}
	d.Voices = passage.Voices(e.Text, e.Speakers)
	d.Text = map[string]string{fieldOf(e.Language): indexed}
	return d
}

// tombstone takes the place of an entry that is gone.
func tombstone(key string, at time.Time) document {
	meeting, entry, _ := schemas.SplitEntryKey(key)
	org, _, _ := strings.Cut(meeting, "/")
	return document{ID: entry, MeetingID: meeting, Org: org, Deleted: true, DeletedAt: at.UTC()}
}

// indexable is the text as the highlighter takes it for one: it cuts at a NUL.
// It is as long, so that ranges fit both.
func indexable(s string) string { return strings.ReplaceAll(s, "\x00", " ") }

func (d document) key() string { return schemas.EntryKey(d.MeetingID, d.ID) }

func (d document) indexedText() string {
	for _, text := range d.Text {
		return text
	}
	return ""
}

func (d document) entry() schemas.Entry {
	e := schemas.Entry{
		ID: d.ID, MeetingID: d.MeetingID, Org: d.Org, Provider: d.Provider, RecordingID: d.RecordingID,
		Kind: d.Kind, Distilled: d.Distilled, Title: d.Title, Text: d.indexedText(), Speakers: d.Speakers,
		TurnFirst: d.TurnFirst, TurnLast: d.TurnLast, StartMS: d.StartMS, EndMS: d.EndMS,
		MeetingAt: d.MeetingAt, Language: d.Language, URL: d.URL,
		State: d.State, Companies: d.Companies, EndUsers: d.EndUsers,
	}
	if d.Verbatim != "" {
		e.Text = d.Verbatim
	}
	return e
}

// maxIDBytes is Elasticsearch's limit for an _id.
const maxIDBytes = 512

// documentID is the entry's key, or a hash of one that is too long. A key has
// a slash, so that none is taken for a hash.
func documentID(key string) string {
	if len(key) <= maxIDBytes {
		return key
	}
	return fmt.Sprint("sha256:", hashed(key))
}

func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
