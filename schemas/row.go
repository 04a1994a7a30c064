package schemas

import (
	"strings"
	"time"
)

// MeetingRow is what a table of meetings holds. Its key is the MeetingID; a nil
// value deletes; the version stands in the record's headers.
type MeetingRow struct {
	ID          string       `avro:"id"`
	Org         string       `avro:"org"`
	Provider    string       `avro:"provider"`
	RecordingID string       `avro:"recording_id"`
	State       string       `avro:"state"`
	Reason      string       `avro:"reason"`
	Title       string       `avro:"title"`
	URL         string       `avro:"url"`
	ShareURL    string       `avro:"share_url"`
	Language    string       `avro:"language"`
	CreatedAt   time.Time    `avro:"created_at"`
	StartedAt   time.Time    `avro:"started_at"`
	EndedAt     time.Time    `avro:"ended_at"`
	ReceivedAt  time.Time    `avro:"received_at"`
	Host        Host         `avro:"host"`
	Attendees   []Attendee   `avro:"attendees"`
	Links       []Link       `avro:"links"`
	Matching    *Matching    `avro:"matching"` // why it has these links and no others
	Speakers    []Speaker    `avro:"speakers"`
	ActionItems []Action     `avro:"action_items"`
	Distiller   string       `avro:"distiller"`
	Distillates []Distillate `avro:"distillates"`
	Turns       int32        `avro:"turns"`
	Words       int32        `avro:"words"`
	Entries     int32        `avro:"entries"` // how many knowledge entries this version has
	// Learning, LearningWhy and RulesVersion are those of DistilledMeeting.
	Learning     string `avro:"learning,default="`
	LearningWhy  string `avro:"learning_why,default="`
	RulesVersion int64  `avro:"rules_version,default=0"`
	// Call is nil where no other recording is of the same call.
	Call *Call `avro:"call"`
	// GoneAt is that of the Meeting.
	GoneAt *time.Time `avro:"gone_at"`
}

// Attendee is somebody who was invited or spoke.
type Attendee struct {
	Name     string  `avro:"name"`
	Email    *string `avro:"email"`
	External bool    `avro:"external"`
	Spoke    bool    `avro:"spoke"`
}

// Speaker sums up what one voice said.
type Speaker struct {
	Name  string  `avro:"name"`
	Email *string `avro:"email"`
	Turns int32   `avro:"turns"`
	Words int32   `avro:"words"`
	// Questions is how often the voice ended a sentence with a question mark.
	Questions int32 `avro:"questions,default=0"`
}

// Kinds of entries.
const (
	EntryTranscript  = "transcript"
	EntrySummary     = "summary"
	EntryActionItems = "action_items"
	EntryDistilled   = "distilled"
)

// Entry is a searchable piece of a meeting. Its key is EntryKey.
type Entry struct {
	ID          string    `avro:"id"` // fathom:700001:transcript:3
	MeetingID   string    `avro:"meeting_id"`
	Org         string    `avro:"org"`
	Provider    string    `avro:"provider"`
	RecordingID string    `avro:"recording_id"`
	Kind        string    `avro:"kind"`
	Distilled   *string   `avro:"distilled"` // which kind of distillate
	Title       string    `avro:"title"`     // of the meeting
	Text        string    `avro:"text"`
	Speakers    []string  `avro:"speakers"`
	TurnFirst   *int32    `avro:"turn_first"` // inclusive, into the transcript; nil where it has no place there
	TurnLast    *int32    `avro:"turn_last"`
	StartMS     *int64    `avro:"start_ms"`
	EndMS       *int64    `avro:"end_ms"`
	MeetingAt   time.Time `avro:"meeting_at"`
	Language    string    `avro:"language"`
	URL         string    `avro:"url"` // that second of the recording
	// State, Companies and EndUsers are the scope: who may see the entry.
	State     string   `avro:"state"`
	Companies []string `avro:"companies"`
	EndUsers  []string `avro:"end_users"`
}

// EntryKey is the key of an entry: its meeting's id and its own. Entry ids hold
// no slash.
func EntryKey(meetingID, entryID string) string { return meetingID + "/" + entryID }

// SplitEntryKey takes an EntryKey apart.
func SplitEntryKey(key string) (meetingID, entryID string, ok bool) {
	i := strings.LastIndexByte(key, '/')
	if i < 0 {
		return "", "", false
	}
	return key[:i], key[i+1:], true
}

// Outcomes of a meeting at a stage.
const (
	OutcomeDone      = "done"
	OutcomeDuplicate = "duplicate" // the content was known
	OutcomeStale     = "stale"     // newer or fuller content was known
	OutcomeRejected  = "rejected"  // kept as a dead letter
	OutcomeSkipped   = "skipped"   // a rule keeps it from being learned
	OutcomeWaiting   = "waiting"   // a model is still to be asked, or the recorder again
	OutcomeParked    = "parked"    // no usable answer, or no money left today; the detail says which
	// OutcomeIncomplete is a meeting of which the recorder never had all; the detail says what is missing.
	OutcomeIncomplete = "incomplete"
)

// Progress says what became of a record at a stage. Its key is the meeting's
// id, or the rejected record's key where no meeting could be read.
type Progress struct {
	MeetingID string    `avro:"meeting_id"`
	Org       string    `avro:"org"`
	Stage     string    `avro:"stage"`
	Outcome   string    `avro:"outcome"`
	Detail    string    `avro:"detail"`
	Source    string    `avro:"source"`
	At        time.Time `avro:"at"`
	// Topic, Partition and Offset are the record's place: the identity of this
	// event, so that telling it twice counts it once.
	Topic     string `avro:"topic"`
	Partition int32  `avro:"partition"`
	Offset    int64  `avro:"offset"`
}
