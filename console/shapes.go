package console

import "time"

// The shapes are the contract of the API and of --json alike. Times are RFC
// 3339 in UTC; places in a recording are "HH:MM:SS" from its start; lists are
// empty rather than null.

// Meeting is a meeting in a list.
type Meeting struct {
	ID          string    `json:"id" doc:"organisation/recorder/recording"`
	Provider    string    `json:"provider"`
	RecordingID string    `json:"recording_id"`
	State       string    `json:"state" doc:"matched, internal, unmatched, grouped"`
	Version     uint64    `json:"version"`
	Title       string    `json:"title"`
	StartedAt   time.Time `json:"started_at"`
	Companies   []string  `json:"companies" doc:"ids"`
	EndUsers    []string  `json:"end_users" doc:"ids"`
	Links       []Link    `json:"links"`
	Entries     int       `json:"entries" doc:"their number"`
	Learning    string    `json:"learning" doc:"learned, waiting, off_topic, excluded, grouped, parked; empty from before there were rules, and to a customer"`
	LearningWhy string    `json:"learning_why" doc:"for people; empty when learned"`
}

// Link says which customer a meeting is about, and why.
type Link struct {
	CompanyID *string `json:"company_id" doc:"null for an end user without a company"`
	EndUserID *string `json:"end_user_id"`
	Attendee  string  `json:"attendee" doc:"the e-mail address that led here"`
	Rule      string  `json:"rule" doc:"email, domain"`
	Matched   string  `json:"matched" doc:"the address or domain in the directory"`
}

// MeetingDetail is all about one meeting.
type MeetingDetail struct {
	Meeting
	Reason      string       `json:"reason" doc:"why there is no link; empty when matched"`
	URL         string       `json:"url"`
	Language    string       `json:"language"`
	EndedAt     time.Time    `json:"ended_at"`
	GoneAt      *time.Time   `json:"gone_at" doc:"since when the recorder has the recording no more; null while it has"`
	Host        Host         `json:"host"`
	Call        *Call        `json:"call" doc:"null where no other recording is of the same call, and to a customer"`
	Attendees   []Attendee   `json:"attendees" doc:"those of all recordings of the call"`
	Speakers    []Speaker    `json:"speakers"`
	ActionItems []Action     `json:"action_items"`
	Distiller   string       `json:"distiller"`
	Distillates []Distillate `json:"distillates"`
	TurnCount   int          `json:"turn_count"`
	WordCount   int          `json:"word_count"`
	Stages      []Stage      `json:"stages" doc:"oldest first"`
	EntryList   []Entry      `json:"entry_list"`
}

// Host is the person whose recorder it was.
type Host struct {
	Name  string  `json:"name"`
	Email string  `json:"email"`
	Team  *string `json:"team"`
}

// Attendee is somebody who was invited or spoke.
type Attendee struct {
	Name     string  `json:"name"`
	Email    *string `json:"email"`
	External bool    `json:"external"`
	Spoke    bool    `json:"spoke"`
}

// Speaker sums up what one voice said.
type Speaker struct {
	Name  string  `json:"name"`
	Email *string `json:"email"`
	Turns int     `json:"turns"`
	Words int     `json:"words"`
}

// Action is an action item of the recorder.
type Action struct {
	Description   string  `json:"description"`
	UserGenerated bool    `json:"user_generated"`
	Completed     bool    `json:"completed"`
	Start         *string `json:"start"`
	AssigneeName  *string `json:"assignee_name"`
	AssigneeEmail *string `json:"assignee_email"`
	URL           string  `json:"url"`
}

// Distillate is one thing learned from the meeting. Without a place in the
// transcript, turn and start are null and quote is empty.
type Distillate struct {
	Kind     string  `json:"kind" doc:"customer_feedback, action_item, product_ask, renewal_signal"`
	Sentence string  `json:"sentence"`
	Quote    string  `json:"quote" doc:"verbatim"`
	Turn     *int32  `json:"turn"`
	Speaker  string  `json:"speaker"`
	Email    *string `json:"email"`
	Start    *string `json:"start"`
	Owner    *string `json:"owner" doc:"of an action item"`
	Polarity *string `json:"polarity" doc:"of feedback: positive, negative"`
	Signal   *string `json:"signal" doc:"what a renewal signal is about, in words"`
}

// Stage says what became of the meeting at one stage.
type Stage struct {
	Stage   string    `json:"stage"`
	Outcome string    `json:"outcome" doc:"done, duplicate, stale, rejected, skipped, waiting, parked, incomplete"`
	Detail  string    `json:"detail"`
	Source  string    `json:"source" doc:"webhook, poll, manual"`
	At      time.Time `json:"at"`
}

// Entry is a searchable piece of a meeting.
type Entry struct {
	EntryID     string    `json:"entry_id"`
	RecordingID string    `json:"recording_id"`
	Kind        string    `json:"kind" doc:"transcript, summary, action_items, distilled"`
	Distilled   *string   `json:"distilled" doc:"which kind of distillate"`
	Text        string    `json:"text"`
	Turns       *[2]int32 `json:"turns" doc:"first and last index into the transcript, inclusive"`
	Speakers    []string  `json:"speakers"`
	Start       *string   `json:"start"`
	URL         string    `json:"url" doc:"that second of the recording"`
}

// Passage is an entry that answers a search.
type Passage struct {
	Rank  int     `json:"rank" doc:"from 1"`
	Score float64 `json:"score" doc:"the higher the better, within one answer"`
	Entry
	Companies []string  `json:"companies" doc:"ids"`
	MeetingID string    `json:"meeting_id"`
	Title     string    `json:"title" doc:"of the meeting"`
	State     string    `json:"state" doc:"of the meeting"`
	StartedAt time.Time `json:"started_at"`
	Marks     [][2]int  `json:"marks" doc:"what matched: byte ranges of text in UTF-8, the end exclusive"`
	Cursor    string    `json:"cursor" doc:"to be sent as after, to go on behind this passage"`
}

// Customer sums up a company.
type Customer struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Domains   []string          `json:"domains"`
	Traits    map[string]string `json:"traits"`
	EndUsers  []EndUser         `json:"end_users"`
	Meetings  int               `json:"meetings" doc:"their number"`
	LastMet   *time.Time        `json:"last_met"`
	Distilled map[string]int    `json:"distilled" doc:"kind of distillate -> number"`
	Recent    []Meeting         `json:"recent" doc:"at most ten, newest first"`
}

// EndUser is a person at a customer.
type EndUser struct {
	ID     string            `json:"id"`
	Name   string            `json:"name"`
	Emails []string          `json:"emails"`
	Traits map[string]string `json:"traits"`
}

// Tally counts what there is of an organisation.
type Tally struct {
	Meetings  map[string]int `json:"meetings" doc:"state -> number"`
	ByCompany map[string]int `json:"by_company" doc:"company id -> meetings"`
	Entries   map[string]int `json:"entries" doc:"kind of entry -> number"`
	Progress  map[string]int `json:"progress" doc:"stage/outcome -> number of records"`
}
