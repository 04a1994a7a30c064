package schemas

import "time"

// Meeting is a recorded meeting in one form, whoever recorded it. Every field
// of the recorder's own form has a place here; unknown enumeration values stay
// as the recorder wrote them. What a recorder did not send is nil or empty.
type Meeting struct {
	ID          string `avro:"id"` // MeetingID
	Org         string `avro:"org"`
	Provider    string `avro:"provider"`
	RecordingID string `avro:"recording_id"`
	Connection  string `avro:"connection"`
	Source      string `avro:"source"` // of the content that won
	// ContentHash is over everything the recorder said and nothing that we
	// added: equal content has equal hashes, whichever way it came.
	ContentHash []byte    `avro:"content_hash"`
	ReceivedAt  time.Time `avro:"received_at"`

	Title          string     `avro:"title"`
	CalendarTitle  *string    `avro:"calendar_title"`
	MeetingType    *string    `avro:"meeting_type"`
	URL            string     `avro:"url"`
	ShareURL       string     `avro:"share_url"`
	JoinURL        *string    `avro:"join_url"`
	Language       string     `avro:"language"`
	InviteeDomains string     `avro:"invitee_domains"` // the recorder's judgement: only_internal, one_or_more_external
	SharedWith     *string    `avro:"shared_with"`
	CreatedAt      time.Time  `avro:"created_at"`
	StartedAt      time.Time  `avro:"started_at"`
	EndedAt        time.Time  `avro:"ended_at"`
	ScheduledStart *time.Time `avro:"scheduled_start"`
	ScheduledEnd   *time.Time `avro:"scheduled_end"`
	Host           Host       `avro:"host"`
	Invitees       []Invitee  `avro:"invitees"`
	Turns          []Turn     `avro:"turns"`
	HasTranscript  bool       `avro:"has_transcript"` // an empty transcript differs from none yet
	Summary        *Summary   `avro:"summary"`
	ActionItems    []Action   `avro:"action_items"`
	Highlights     []Mark     `avro:"highlights"`
	CRM            *CRM       `avro:"crm"`
	// GoneAt is when the recorder was seen not to have the recording any more,
	// after it had said so; nil while it has it. In NormalizedMeetings a meeting
	// without an ID says this alone of the one that its key names.
	GoneAt *time.Time `avro:"gone_at"`
}

// Host is the person whose recorder it was: our own side, unless
// Matching.HostOutside says otherwise.
type Host struct {
	Name        string  `avro:"name"`
	Email       string  `avro:"email"`
	EmailDomain *string `avro:"email_domain"`
	Team        *string `avro:"team"`
}

// Invitee is somebody on the calendar event.
type Invitee struct {
	Name        *string `avro:"name"`
	Email       *string `avro:"email"`
	EmailDomain *string `avro:"email_domain"`
	External    bool    `avro:"external"`     // the recorder's judgement
	SpeakerName *string `avro:"speaker_name"` // as whom the recorder heard them
}

// Turn is one uninterrupted piece of speech.
type Turn struct {
	Speaker string  `avro:"speaker"`
	Email   *string `avro:"email"` // where the recorder could tell
	Text    string  `avro:"text"`
	StartMS int64   `avro:"start_ms"` // from the start of the recording
	EndMS   *int64  `avro:"end_ms"`   // nil where the recorder gives none
}

// Summary is the recorder's own.
type Summary struct {
	Template *string `avro:"template"`
	Markdown *string `avro:"markdown"`
}

// Action is an action item that the recorder found or a person typed.
type Action struct {
	Description   string  `avro:"description"`
	UserGenerated bool    `avro:"user_generated"`
	Completed     bool    `avro:"completed"`
	AtMS          *int64  `avro:"at_ms"`
	PlaybackURL   string  `avro:"playback_url"`
	AssigneeName  *string `avro:"assignee_name"`
	AssigneeEmail *string `avro:"assignee_email"`
	AssigneeTeam  *string `avro:"assignee_team"`
}

// Mark is a highlight or bookmark.
type Mark struct {
	Type    string  `avro:"type"`
	Summary *string `avro:"summary"`
	Text    *string `avro:"text"`
	StartMS int64   `avro:"start_ms"`
	EndMS   int64   `avro:"end_ms"`
}

// CRM is what the recorder found in the host's CRM.
type CRM struct {
	Contacts  []CRMContact `avro:"contacts"`
	Companies []CRMCompany `avro:"companies"`
	Deals     []CRMDeal    `avro:"deals"`
	Error     *string      `avro:"error"`
}

// CRMContact is a person in the CRM.
type CRMContact struct {
	Name      string `avro:"name"`
	Email     string `avro:"email"`
	RecordURL string `avro:"record_url"`
}

// CRMCompany is a company in the CRM.
type CRMCompany struct {
	Name      string `avro:"name"`
	RecordURL string `avro:"record_url"`
}

// CRMDeal is a deal in the CRM; the amount is in dollars.
type CRMDeal struct {
	Name      string   `avro:"name"`
	Amount    *float64 `avro:"amount"`
	RecordURL string   `avro:"record_url"`
}
