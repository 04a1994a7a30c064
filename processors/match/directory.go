package match

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"leadline/processors/stage"
	"leadline/schemas"
	"leadline/schemas/address"
)

// onDirectory takes in an entry and marks the meetings that the change touches.
// They are judged again by onSettle: an entry may touch more of them than fit a
// transaction.
func onDirectory(_ context.Context, r stage.Record[schemas.DirectoryEntry], tx *stage.Tx) error {
	org, sort, id, err := checkEntry(r.Key, r.Value)
	if err != nil {
		return schemas.Reject(schemas.ReasonInvalid, err)
	}
	c := &change{writer: tx, org: org}
	if err := c.entry(sort, id, r.Value); err != nil {
		return err
	}
	return wake(tx, c)
}

// checkEntry compares the key with the value: an entry under another's key
// could never be taken back.
func checkEntry(key string, e *schemas.DirectoryEntry) (org, sort, id string, err error) {
	org, rest, _ := strings.Cut(key, "/")
	sort, id, _ = strings.Cut(rest, "/")
	if org == "" || id == "" || !slices.Contains(schemas.DirectorySorts, sort) {
		return "", "", "", fmt.Errorf("key %.140q: want organisation/%s/ID", key, strings.Join(schemas.DirectorySorts, "|"))
	}
	if sort == schemas.SortDecision {
		if _, _, ok := cutDecision(org, id); !ok {
			return "", "", "", fmt.Errorf("key %.140q: want organisation/decision/recorder/recording/company|end_user/ID", key)
		}
	}
	if sort == schemas.SortSameCall {
		if err := checkSameCall(org, id, nil); err != nil {
			return "", "", "", err
		}
	}
	if e == nil {
		return org, sort, id, nil
	}
	held, name, one := e.Identity()
	switch {
	case e.Org != org:
		err = fmt.Errorf("entry %.140q is of the organisation %.70q", key, e.Org)
	case !one || held != sort || name != id:
		err = fmt.Errorf("entry %.140q holds something else than what its key says", key)
	case e.Decision != nil:
		err = checkDecision(org, id, e.Decision)
	case e.Side != nil:
		err = checkSide(e.Side)
	case e.SameCall != nil:
		err = checkSameCall(org, id, e.SameCall)
	}
	return org, sort, id, err
}

func checkDecision(org, id string, d *schemas.Decision) error {
	meeting, customer, _ := cutDecision(org, id)
	_, name := cutEntry(customer)
	switch {
	case d.MeetingID != meeting:
		return fmt.Errorf("decision %.140q is on the meeting %.140q", id, d.MeetingID)
	case d.CompanyID != nil && d.EndUserID != nil:
		return fmt.Errorf("decision %.140q names a company and an end user, want one of both", id)
	case text(d.CompanyID)+text(d.EndUserID) != name:
		return fmt.Errorf("decision %.140q is on another customer", id)
	}
	return nil
}

// cutDecision takes a DecisionID apart into the meeting and the customer.
func cutDecision(org, id string) (meeting, customer string, ok bool) {
	parts := strings.SplitN(id, "/", 4)
	if len(parts) < 4 || slices.Contains(parts, "") || parts[2] != schemas.SortCompany && parts[2] != schemas.SortEndUser {
		return "", "", false
	}
	return schemas.MeetingID(org, parts[0], parts[1]), entryName(parts[2], parts[3]), true
}

// checkSide wants the name in its one form: nobody would ever ask for another.
func checkSide(s *schemas.Side) error {
	if m, ok := address.Parse(s.Name); ok && m.String() == s.Name {
		if s.Is == schemas.SideOwn || s.Is == schemas.SideOutside || s.Is == schemas.SideIgnored {
			return nil
		}
	}
	if d, err := address.CompanyDomain(s.Name); err != nil || d != s.Name {
		return fmt.Errorf("side of %.140q: want an e-mail address or a domain in its plain form", s.Name)
	}
	switch s.Is {
	case schemas.SideOutside, schemas.SideIgnored:
	case schemas.SideOwn:
		if address.IsFreemail(s.Name) {
			return fmt.Errorf("side of %s: anybody can get an address there, so it cannot be the organisation's own", s.Name)
		}
	default:
		return fmt.Errorf("side of %s: %.40q is none", s.Name, s.Is)
	}
	return nil
}
