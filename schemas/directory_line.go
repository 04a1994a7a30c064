package schemas

import (
	"fmt"
	"strings"
	"time"
)

// DirectoryLine is an entry of the directory as the API and files say it: type
// says which members count.
type DirectoryLine struct {
	Type    string `json:"type,omitempty" doc:"company, end_user, decision, side, setting, same_call"`
	Deleted bool   `json:"deleted,omitempty" doc:"in a file: the entry is to go"`

	ID        string            `json:"id,omitempty" doc:"of a company, an end user"`
	Name      string            `json:"name,omitempty" doc:"of a company, an end user; the domain or address of a side; which setting"`
	Domain    string            `json:"domain,omitempty" doc:"one more of domains"`
	Domains   []string          `json:"domains,omitempty" doc:"of a company: with all below"`
	CompanyID *string           `json:"company_id,omitempty" doc:"of an end user, a decision"`
	Email     string            `json:"email,omitempty" doc:"one more of emails"`
	Emails    []string          `json:"emails,omitempty" doc:"of an end user"`
	Traits    map[string]string `json:"traits,omitempty" doc:"of a company, an end user"`

	MeetingID string     `json:"meeting_id,omitempty" doc:"of a decision, a same_call"`
	EndUserID *string    `json:"end_user_id,omitempty" doc:"of a decision; it has this or company_id"`
	Linked    bool       `json:"linked,omitempty" doc:"of a decision: the meeting is theirs; else it is not, whatever the rules say"`
	OtherID   string     `json:"other_id,omitempty" doc:"of a same_call: the second recording"`
	Same      bool       `json:"same,omitempty" doc:"of a same_call: both are of one call; else of two, whatever the rule says"`
	By        string     `json:"by,omitempty" doc:"who decided"`
	At        *time.Time `json:"at,omitempty" doc:"when"`

	Is    string `json:"is,omitempty" doc:"of a side: own, outside, ignored"`
	Value string `json:"value,omitempty" doc:"of a setting; unmatched: held_back, general"`
}

// Entry is what the line says of the organisation's directory.
func (l *DirectoryLine) Entry(org string) (*DirectoryEntry, error) {
	e := &DirectoryEntry{Org: org}
	company := l.CompanyID
	if company != nil && *company == "" {
		company = nil
	}
	switch l.Type {
	case SortCompany:
		e.Company = &Company{ID: l.ID, Name: l.Name, Domains: with(l.Domains, l.Domain), Traits: l.Traits}
	case SortEndUser:
		e.EndUser = &EndUser{ID: l.ID, CompanyID: company, Name: l.Name, Emails: with(l.Emails, l.Email), Traits: l.Traits}
	case SortDecision:
		e.Decision = &Decision{MeetingID: l.MeetingID, CompanyID: company, EndUserID: l.EndUserID, Linked: l.Linked, By: l.By}
		if l.At != nil {
			e.Decision.At = *l.At
		}
	case SortSameCall:
		// The order in which somebody names them says nothing.
		e.SameCall = &SameCall{MeetingID: min(l.MeetingID, l.OtherID), OtherID: max(l.MeetingID, l.OtherID), Same: l.Same, By: l.By}
		if l.At != nil {
			e.SameCall.At = *l.At
		}
	case SortSide:
		e.Side = &Side{Name: l.Name, Is: l.Is}
	case SortSetting:
		e.Setting = &Setting{Name: l.Name, Value: l.Value}
	default:
		return nil, &InvalidQuery{Field: "type", Problem: fmt.Sprintf("%.40q is none of %s", l.Type, strings.Join(DirectorySorts, ", "))}
	}
	return e, nil
}

// LineOf is the entry as a line.
func LineOf(e *DirectoryEntry) DirectoryLine {
	sort, _, _ := e.Identity()
	l := DirectoryLine{Type: sort}
	switch sort {
	case SortCompany:
		l.ID, l.Name, l.Domains, l.Traits = e.Company.ID, e.Company.Name, e.Company.Domains, e.Company.Traits
	case SortEndUser:
		u := e.EndUser
		l.ID, l.Name, l.CompanyID, l.Emails, l.Traits = u.ID, u.Name, u.CompanyID, u.Emails, u.Traits
	case SortDecision:
		d := e.Decision
		at := d.At.UTC()
		l.MeetingID, l.CompanyID, l.EndUserID, l.Linked, l.By, l.At = d.MeetingID, d.CompanyID, d.EndUserID, d.Linked, d.By, &at
	case SortSameCall:
		c := e.SameCall
		at := c.At.UTC()
		l.MeetingID, l.OtherID, l.Same, l.By, l.At = c.MeetingID, c.OtherID, c.Same, c.By, &at
	case SortSide:
		l.Name, l.Is = e.Side.Name, e.Side.Is
	case SortSetting:
		l.Name, l.Value = e.Setting.Name, e.Setting.Value
	}
	return l
}

// Identity is that of the entry.
func (l *DirectoryLine) Identity() (id string, ok bool) {
	e, err := l.Entry("")
	if err != nil {
		return "", false
	}
	_, id, ok = e.Identity()
	return id, ok
}

// with is a list of its own, with one more where there is one.
func with(all []string, one string) []string {
	if all = append([]string{}, all...); one != "" {
		all = append(all, one)
	}
	return all
}
