package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// filter is what a caller of GET /meetings wants to see.
type filter struct {
	after, before time.Time // zero: no limit
	domains       []string
	domainsType   string // empty: all
	recordedBy    []string
	teams         []string
	meetingType   string
	includes      includes
}

func (s *Simulator) listMeetings(w http.ResponseWriter, r *http.Request) {
	// The query's own error says where a percent sign went wrong, and is 400 like every malformed value.
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		answerError(w, http.StatusBadRequest, "malformed query")
		return
	}
	at, err := parseCursor(query)
	if err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	f, err := parseFilter(query)
	if err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	who := accountOf(r)
	if who.oauth && (f.includes.transcript || f.includes.summary) {
		answerError(w, http.StatusBadRequest, "include_transcript and include_summary are not for OAuth apps")
		return
	}
	found := s.archive.list(func(m *meeting, ended bool) bool { return ended && who.sees(m) && f.matches(who, m) })
	answerPage(w, at, found, func(m *meeting) []byte { return m.with(f.includes) })
}

func parseFilter(query url.Values) (_ filter, err error) {
	f := filter{
		domains:     query["calendar_invitees_domains[]"],
		recordedBy:  query["recorded_by[]"],
		teams:       query["teams[]"],
		meetingType: query.Get("meeting_type"),
	}
	for name, target := range map[string]*time.Time{"created_after": &f.after, "created_before": &f.before} {
		if !query.Has(name) {
			continue
		}
		if *target, err = time.Parse(time.RFC3339, query.Get(name)); err != nil {
			return filter{}, fmt.Errorf("%s is not an RFC 3339 time", name)
		}
	}
	switch kind := query.Get("calendar_invitees_domains_type"); kind {
	case "only_internal", "one_or_more_external":
		f.domainsType = kind
	case "", "all":
	default:
		return filter{}, errors.New("calendar_invitees_domains_type is none of all, only_internal, one_or_more_external")
	}
	for name, target := range map[string]*bool{
		"include_transcript":   &f.includes.transcript,
		"include_summary":      &f.includes.summary,
		"include_action_items": &f.includes.actionItems,
		"include_highlights":   &f.includes.highlights,
		"include_crm_matches":  &f.includes.crmMatches,
	} {
		if *target, err = parseBool(query, name); err != nil {
			return filter{}, err
		}
	}
	return f, nil
}

func parseBool(query url.Values, name string) (bool, error) {
	value := query.Get(name)
	if query.Has(name) && value != "true" && value != "false" {
		return false, fmt.Errorf("%s is neither true nor false", name)
	}
	return value == "true", nil
}

func (f filter) matches(who account, m *meeting) bool {
	switch {
	case !f.after.IsZero() && !m.CreatedAt.After(f.after):
		return false
	case !f.before.IsZero() && !m.CreatedAt.Before(f.before):
		return false
	case f.domainsType != "" && f.domainsType != m.DomainsType:
		return false
	case len(f.domains) > 0 && !containsFold(f.domains, m.company()):
		return false
	case len(f.recordedBy) > 0 && !containsFold(f.recordedBy, m.RecordedBy.Email):
		return false
	case len(f.teams) > 0 && !slices.Contains(f.teams, m.RecordedBy.Team):
		return false
	// Fathom leaves out what strangers recorded, unless the caller names people or teams.
	case len(f.recordedBy) == 0 && len(f.teams) == 0 && who.outside(m):
		return false
	}
	return f.meetingType == "" || f.meetingType == m.MeetingType
}

func containsFold(list []string, value string) bool {
	return value != "" && slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, value) })
}
