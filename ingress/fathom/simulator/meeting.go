package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// meeting is one file: its exact bytes, and the few fields that the API filters by. It never changes once made.
type meeting struct {
	raw []byte

	RecordingID int64     `json:"recording_id"`
	Title       string    `json:"title"`
	CreatedAt   time.Time `json:"created_at"`
	MeetingType string    `json:"meeting_type"`
	SharedWith  string    `json:"shared_with"`
	DomainsType string    `json:"calendar_invitees_domains_type"`
	Invitees    []struct {
		EmailDomain string `json:"email_domain"`
		IsExternal  bool   `json:"is_external"`
	} `json:"calendar_invitees"`
	RecordedBy struct {
		Name        string `json:"name"`
		Email       string `json:"email"`
		EmailDomain string `json:"email_domain"`
		Team        string `json:"team"`
	} `json:"recorded_by"`
	Transcript json.RawMessage `json:"transcript"`
	Summary    json.RawMessage `json:"default_summary"`
}

func parseMeeting(raw []byte) (*meeting, error) {
	m := &meeting{raw: raw}
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, fmt.Errorf("decoding meeting: %w", err)
	}
	if m.RecordingID <= 0 {
		return nil, errors.New("decoding meeting: no recording_id")
	}
	if m.CreatedAt.IsZero() {
		return nil, errors.New("decoding meeting: no created_at")
	}
	return m, nil
}

// company is the meeting's associated company, by which calendar_invitees_domains[] filters.
func (m *meeting) company() string {
	for _, invitee := range m.Invitees {
		if invitee.IsExternal && invitee.EmailDomain != "" {
			return invitee.EmailDomain
		}
	}
	return ""
}

func (m *meeting) sharedWithTeam() bool {
	return m.SharedWith != "" && m.SharedWith != "no_teams"
}

// includes says which parts of a meeting an answer or a delivery carries.
type includes struct {
	transcript, summary, actionItems, highlights, crmMatches bool
}

// with returns the meeting as JSON with only the wanted parts. Everything else stays byte for byte what the file
// says, unknown fields and their order too; with all parts wanted that is the file itself.
func (m *meeting) with(in includes) []byte {
	dropped := map[string]bool{
		"transcript":      !in.transcript,
		"default_summary": !in.summary,
		"action_items":    !in.actionItems,
		"highlights":      !in.highlights,
		"crm_matches":     !in.crmMatches,
	}
	return rewriteObject(m.raw, func(key string, value []byte) ([]byte, bool) {
		// Fathom knows who spoke under which name only from the transcript.
		if key == "calendar_invitees" && !in.transcript {
			return withoutSpeakers(value), true
		}
		return value, !dropped[key]
	})
}

func withoutSpeakers(invitees []byte) []byte {
	var list []json.RawMessage
	if json.Unmarshal(invitees, &list) != nil {
		return invitees
	}
	changed := false
	for i, invitee := range list {
		list[i] = rewriteObject(invitee, func(key string, value []byte) ([]byte, bool) {
			return value, key != "matched_speaker_display_name"
		})
		changed = changed || len(list[i]) != len(invitee)
	}
	if !changed {
		return invitees
	}
	return joinArray(list)
}
