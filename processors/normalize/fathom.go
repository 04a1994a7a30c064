package normalize

import (
	"fmt"
	"strconv"
	"time"

	"leadline/schemas"
)

// fathomMeeting is the Meeting of Fathom's API 1.0.0: an item of GET /meetings
// and the body of a webhook, with the forms that older payloads have.
type fathomMeeting struct {
	RecordingID    *int64  `json:"recording_id"`
	Title          string  `json:"title"`
	MeetingTitle   *string `json:"meeting_title"`
	MeetingType    *string `json:"meeting_type"`
	URL            string  `json:"url"`
	MeetingURL     *string `json:"meeting_url"`
	ShareURL       string  `json:"share_url"`
	CreatedAt      string  `json:"created_at"`
	ScheduledStart string  `json:"scheduled_start_time"`
	ScheduledEnd   string  `json:"scheduled_end_time"`
	RecordingStart string  `json:"recording_start_time"`
	RecordingEnd   string  `json:"recording_end_time"`
	DomainsType    string  `json:"calendar_invitees_domains_type"`
	SharedWith     *string `json:"shared_with"`
	Language       string  `json:"transcript_language"`

	Transcript  []fathomTurn      `json:"transcript"`
	Summary     *fathomSummary    `json:"default_summary"`
	ActionItems []fathomAction    `json:"action_items"`
	Highlights  []fathomHighlight `json:"highlights"`
	Invitees    []fathomInvitee   `json:"calendar_invitees"`
	RecordedBy  fathomUser        `json:"recorded_by"`
	CRM         *fathomCRM        `json:"crm_matches"`

	odd []string // what could not be believed and is left out
}

type fathomTurn struct {
	Speaker struct {
		Name  string  `json:"display_name"`
		Email *string `json:"matched_calendar_invitee_email"`
	} `json:"speaker"`
	Text      string  `json:"text"`
	Timestamp *string `json:"timestamp"`
}

type fathomSummary struct {
	Template *string `json:"template_name"`
	Markdown *string `json:"markdown_formatted"`
}

type fathomAction struct {
	Description   string `json:"description"`
	UserGenerated bool   `json:"user_generated"`
	Completed     bool   `json:"completed"`
	Timestamp     string `json:"recording_timestamp"`
	PlaybackURL   string `json:"recording_playback_url"`
	Assignee      struct {
		Name  *string `json:"name"`
		Email *string `json:"email"`
		Team  *string `json:"team"`
	} `json:"assignee"`
}

type fathomHighlight struct {
	Type    string  `json:"type"`
	Summary *string `json:"summary"`
	Text    *string `json:"text"`
	Start   float64 `json:"start_time"`
	End     float64 `json:"end_time"`
}

type fathomInvitee struct {
	Name        *string `json:"name"`
	Email       *string `json:"email"`
	EmailDomain *string `json:"email_domain"`
	External    bool    `json:"is_external"`
	SpeakerName *string `json:"matched_speaker_display_name"`
}

type fathomUser struct {
	Name        string  `json:"name"`
	Email       string  `json:"email"`
	EmailDomain *string `json:"email_domain"`
	Team        *string `json:"team"`
}

type fathomCRM struct {
	Contacts []struct {
		Name      string `json:"name"`
		Email     string `json:"email"`
		RecordURL string `json:"record_url"`
	} `json:"contacts"`
	Companies []struct {
		Name      string `json:"name"`
		RecordURL string `json:"record_url"`
	} `json:"companies"`
	Deals []struct {
		Name      string   `json:"name"`
		Amount    *float64 `json:"amount"`
		RecordURL string   `json:"record_url"`
	} `json:"deals"`
	Error *string `json:"error"`
}

// decodeFathom reads a Fathom meeting. It refuses one only where keeping it
// would be wrong: the body is no JSON object or exceeds the limits; the
// recording_id is no positive integer; a value has another JSON type than the
// reference gives it; a turn has a time that cannot be read, for quotes are cited
// by it; or there is no date at all. Everything else is kept: null and an absent
// key are the same, unknown enumeration values, addresses and URLs are text as
// it came, and an optional time that cannot be read is none. The raw record
// keeps what is not understood here.
func decodeFathom(body []byte) (m schemas.Meeting, odd []string, err error) {
	var f fathomMeeting
	if err := decodeObject(body, &f); err != nil {
		return schemas.Meeting{}, nil, err
	}
	if m, err = f.meeting(); err != nil {
		return schemas.Meeting{}, nil, schemas.Reject(schemas.ReasonInvalid, err)
	}
	return m, f.odd, nil
}

func (f *fathomMeeting) meeting() (schemas.Meeting, error) {
	m := schemas.Meeting{
		Title: f.Title, CalendarTitle: f.MeetingTitle, MeetingType: f.MeetingType,
		URL: f.URL, ShareURL: f.ShareURL, JoinURL: f.MeetingURL, Language: f.Language,
		InviteeDomains: f.DomainsType, SharedWith: f.SharedWith,
		HasTranscript: f.Transcript != nil,
		Host:          schemas.Host{Name: f.RecordedBy.Name, Email: f.RecordedBy.Email, EmailDomain: f.RecordedBy.EmailDomain, Team: f.RecordedBy.Team},
	}
	switch {
	case f.RecordingID == nil:
		return m, fmt.Errorf("recording_id: want a positive integer, got none")
	case *f.RecordingID <= 0:
		return m, fmt.Errorf("recording_id: want a positive integer, got %d", *f.RecordingID)
	case len(f.Transcript) > maxTurns:
		return m, fmt.Errorf("transcript: want at most %d turns, got %d", maxTurns, len(f.Transcript))
	}
	m.RecordingID = strconv.FormatInt(*f.RecordingID, 10)
	if err := f.turns(&m); err != nil {
		return m, err
	}
	if err := f.dates(&m); err != nil {
		return m, err
	}
	if f.Summary != nil {
		m.Summary = &schemas.Summary{Template: f.Summary.Template, Markdown: f.Summary.Markdown}
	}
	for _, i := range f.Invitees {
		m.Invitees = append(m.Invitees, schemas.Invitee(i))
	}
	for _, a := range f.ActionItems {
		m.ActionItems = append(m.ActionItems, a.action())
	}
	for _, h := range f.Highlights {
		m.Highlights = append(m.Highlights, schemas.Mark{
			Type: h.Type, Summary: h.Summary, Text: h.Text, StartMS: clockMS(h.Start), EndMS: clockMS(max(h.Start, h.End)),
		})
	}
	if f.CRM != nil {
		m.CRM = f.CRM.matches()
	}
	return m, nil
}

// turns reads the transcript. A turn without a time has that of the turn before.
func (f *fathomMeeting) turns(m *schemas.Meeting) error {
	var at int64
	for i, t := range f.Transcript {
		if t.Timestamp != nil {
			ms, ok := parseClock(*t.Timestamp)
			if !ok {
				return fmt.Errorf("transcript[%d].timestamp: want HH:MM:SS, got %.40q", i, *t.Timestamp)
			}
			at = ms
		}
		m.Turns = append(m.Turns, schemas.Turn{Speaker: t.Speaker.Name, Email: t.Speaker.Email, Text: t.Text, StartMS: at})
	}
	return nil
}

// dates reads the five times. Those that every meeting has stand in for each
// other; without any, a meeting could be neither sorted nor found.
func (f *fathomMeeting) dates(m *schemas.Meeting) error {
	created, started, ended := parseTime(f.CreatedAt), parseTime(f.RecordingStart), parseTime(f.RecordingEnd)
	m.ScheduledStart, m.ScheduledEnd = parseTime(f.ScheduledStart), parseTime(f.ScheduledEnd)
	known := first(created, ended, m.ScheduledEnd, started, m.ScheduledStart)
	if known == nil {
		return fmt.Errorf("recording_start_time: want a date and time, got %.40q, and no other time can be read", f.RecordingStart)
	}
	m.CreatedAt = *known
	m.StartedAt = *first(started, m.ScheduledStart, known)
	var spoken time.Duration
	if n := len(m.Turns); n > 0 {
		spoken = time.Duration(m.Turns[n-1].StartMS) * time.Millisecond
	}
	lastWord := m.StartedAt.Add(spoken)
	if ended != nil && ended.Before(m.StartedAt) {
		// A clock that jumped: nothing takes less than no time.
		f.odd = append(f.odd, fmt.Sprintf("recording_end_time: %.40q is before the start, %s; the last word stands in for it",
			f.RecordingEnd, m.StartedAt.Format(time.RFC3339)))
		ended = nil
	}
	m.EndedAt = *first(ended, &lastWord)
	return nil
}

func first(times ...*time.Time) *time.Time {
	for _, t := range times {
		if t != nil {
			return t
		}
	}
	return nil
}

func (a fathomAction) action() schemas.Action {
	out := schemas.Action{
		Description: a.Description, UserGenerated: a.UserGenerated, Completed: a.Completed, PlaybackURL: a.PlaybackURL,
		AssigneeName: a.Assignee.Name, AssigneeEmail: a.Assignee.Email, AssigneeTeam: a.Assignee.Team,
	}
	if ms, ok := parseClock(a.Timestamp); ok {
		out.AtMS = &ms
	} else if ms, ok := playbackMS(a.PlaybackURL); ok {
		out.AtMS = &ms
	}
	return out
}

func (c *fathomCRM) matches() *schemas.CRM {
	out := &schemas.CRM{Error: c.Error}
	for _, x := range c.Contacts {
		out.Contacts = append(out.Contacts, schemas.CRMContact(x))
	}
	for _, x := range c.Companies {
		out.Companies = append(out.Companies, schemas.CRMCompany(x))
	}
	for _, x := range c.Deals {
		out.Deals = append(out.Deals, schemas.CRMDeal(x))
	}
	return out
}
