package match

import (
	"fmt"
	"slices"
	"strings"

	"leadline/processors/state"
	"leadline/schemas"
)

// Directory is an organisation's directory in memory, for asking what the rules
// make of it. It is for one goroutine at a time.
type Directory struct {
	org  string
	held *state.Overlay
}

// NewDirectory takes in entries, the later of two with one key, whatever their
// order otherwise. The error names the first entry that could not stand in the
// topic.
func NewDirectory(org string, entries []schemas.DirectoryEntry) (*Directory, error) {
	d := &Directory{org: org, held: state.NewOverlay(state.Empty{})}
	for i := range entries {
		if err := d.Put(keyOf(&entries[i]), &entries[i]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Put takes in one entry under its key in the topic; nil removes it.
func (d *Directory) Put(key string, e *schemas.DirectoryEntry) error {
	org, sort, id, err := checkEntry(key, e)
	if err != nil {
		return err
	}
	if org != d.org {
		return fmt.Errorf("entry %.140q is not of the organisation %s", key, d.org)
	}
	c := &change{writer: d.held, org: org}
	return c.entry(sort, id, e)
}

// Recorded makes the meeting's host one of the organisation's. The own domains
// are those of all hosts, so every meeting should be told of before the first
// is explained.
func (d *Directory) Recorded(m *schemas.Meeting) error {
	c := &change{writer: d.held, org: d.org}
	return c.hosts(m.ID, nil, m)
}

// Explain applies the rules and the decisions to a meeting: the same function
// that the stage applies. Verdict.Matching says of everybody why they led to a
// customer or did not.
func Explain(m *schemas.Meeting, d *Directory) (Verdict, error) {
	return judge(m, newView(d.held, d.org), nil)
}

// MeetingOf makes, of what a store keeps of a meeting, as much of it as the
// rules read.
func MeetingOf(row *schemas.MeetingRow) *schemas.Meeting {
	m := &schemas.Meeting{ID: row.ID, Org: row.Org, Provider: row.Provider, RecordingID: row.RecordingID, Host: row.Host}
	for _, a := range row.Attendees {
		m.Invitees = append(m.Invitees, schemas.Invitee{Name: &a.Name, Email: a.Email, External: a.External})
	}
	return m
}

// Conflict is a domain that several companies claim, to be repaired.
type Conflict struct {
	Domain    string
	Companies []string // ids, in rising order
}

// Conflicts lists them in rising order of domains.
func (d *Directory) Conflicts() ([]Conflict, error) {
	var all []Conflict
	prefix := escape.Replace(d.org) + "/" + sortDomain + "/"
	err := d.held.Scan(prefix, func(k string, _ []byte) error {
		domain, company, _ := strings.Cut(k[len(prefix):], "/")
		company = unescape.Replace(company)
		if n := len(all); n > 0 && all[n-1].Domain == domain {
			all[n-1].Companies = append(all[n-1].Companies, company)
		} else {
			all = append(all, Conflict{domain, []string{company}})
		}
		return nil
	})
	return slices.DeleteFunc(all, func(c Conflict) bool { return len(c.Companies) < 2 }), err
}

func keyOf(e *schemas.DirectoryEntry) string {
	sort, id, _ := e.Identity()
	return schemas.DirectoryKey(e.Org, sort, id)
}
