package match

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"leadline/processors/stage"
	"leadline/schemas"
)

// onDirectory takes in a company or an end user and judges the meetings that
// the change can touch again.
func onDirectory(_ context.Context, r stage.Record[schemas.DirectoryEntry], tx *stage.Tx) error {
	org, sort, id, err := checkEntry(r)
	if err != nil {
		return schemas.Reject(schemas.ReasonInvalid, err)
	}
	own := sortCompany
	if sort == schemas.SortEndUser {
		own = sortEndUser
	}
	at := key(org, own, id)
	raw, found, err := tx.Get(at)
	if err != nil {
		return err
	}
	if found == (r.Value != nil) && bytes.Equal(raw, r.Record.Value) {
		return nil
	}
	var before *schemas.DirectoryEntry
	if found {
		if before, err = schemas.Decode(tx.Codec(), schemas.Directory, raw); err != nil {
			return fmt.Errorf("decoding the entry as it was: %w", err)
		}
	}
	if r.Value == nil {
		tx.Delete(at)
	} else {
		tx.Set(at, r.Record.Value)
	}
	c := change{tx: tx, org: org, id: id, meetings: make(map[string]bool)}
	if own == sortCompany {
		err = c.company(companyOf(before), companyOf(r.Value))
	} else {
		err = c.endUser(endUserOf(before), endUserOf(r.Value))
	}
	if err != nil {
		return err
	}
	for _, m := range slices.Sorted(maps.Keys(c.meetings)) {
		if err := rejudge(tx, org, m); err != nil {
			return err
		}
	}
	return nil
}

// checkEntry compares the key with the value: an entry under another's key
// could never be taken back.
func checkEntry(r stage.Record[schemas.DirectoryEntry]) (org, sort, id string, err error) {
	org, rest, _ := strings.Cut(r.Key, "/")
	sort, id, _ = strings.Cut(rest, "/")
	if org == "" || id == "" || sort != schemas.SortCompany && sort != schemas.SortEndUser {
		return "", "", "", fmt.Errorf("key %.140q: want organisation/company/ID or organisation/end_user/ID", r.Key)
	}
	if r.Value == nil {
		return org, sort, id, nil
	}
	company, endUser := r.Value.Company, r.Value.EndUser
	switch {
	case r.Value.Org != org:
		err = fmt.Errorf("entry %.140q is of the organisation %.70q", r.Key, r.Value.Org)
	case sort == schemas.SortCompany && (company == nil || endUser != nil || company.ID != id):
		err = fmt.Errorf("entry %.140q holds something else than that company", r.Key)
	case sort == schemas.SortEndUser && (endUser == nil || company != nil || endUser.ID != id):
		err = fmt.Errorf("entry %.140q holds something else than that end user", r.Key)
	}
	return org, sort, id, err
}

func companyOf(e *schemas.DirectoryEntry) *schemas.Company {
	if e == nil {
		return nil
	}
	return e.Company
}

func endUserOf(e *schemas.DirectoryEntry) *schemas.EndUser {
	if e == nil {
		return nil
	}
	return e.EndUser
}

// change keeps the indexes of the directory and gathers the meetings that hang
// on what it changed.
type change struct {
	tx       *stage.Tx
	org, id  string
	meetings map[string]bool
}

func (c change) company(before, after *schemas.Company) error {
	old, now := claimed(before), claimed(after)
	for d := range old {
		if !now[d] {
			c.tx.Delete(pair(c.org, sortDomain, d, c.id))
			if err := c.touch(sortVisited, d); err != nil {
				return err
			}
		}
	}
	for d := range now {
		if !old[d] {
			c.tx.Set(pair(c.org, sortDomain, d, c.id), nil)
			if err := c.touch(sortVisited, d); err != nil {
				return err
			}
		}
	}
	if (before == nil) == (after == nil) {
		return nil
	}
	return c.employees()
}

// employees touches the meetings of everybody who names the company: it has
// come or gone, and with it the company of their links.
func (c change) employees() error {
	var ids []string
	if err := seconds(c.tx, c.org, sortEmployee, c.id, func(id string, _ []byte) { ids = append(ids, id) }); err != nil {
		return err
	}
	for _, id := range ids {
		raw, _, err := c.tx.Get(key(c.org, sortEndUser, id))
		if err != nil {
			return err
		}
		e, err := schemas.Decode(c.tx.Codec(), schemas.Directory, raw)
		if err != nil {
			return fmt.Errorf("decoding an end user of the company: %w", err)
		}
		for a := range addresses(e.EndUser) {
			if err := c.touch(sortAttendee, a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c change) endUser(before, after *schemas.EndUser) error {
	old, now := addresses(before), addresses(after)
	for a := range old {
		if _, stays := now[a]; !stays {
			c.tx.Delete(pair(c.org, sortEmail, a, c.id))
			if err := c.touch(sortAttendee, a); err != nil {
				return err
			}
		}
	}
	for a, company := range now {
		if was, had := old[a]; !had || was != company {
			c.tx.Set(pair(c.org, sortEmail, a, c.id), []byte(company))
			if err := c.touch(sortAttendee, a); err != nil {
				return err
			}
		}
	}
	was, is := employer(before), employer(after)
	if was != "" && was != is {
		c.tx.Delete(pair(c.org, sortEmployee, was, c.id))
	}
	if is != "" {
		c.tx.Set(pair(c.org, sortEmployee, is, c.id), nil)
	}
	return nil
}

// touch gathers the meetings that hang on an address or a domain.
func (c change) touch(sort, name string) error {
	return seconds(c.tx, c.org, sort, name, func(m string, _ []byte) { c.meetings[m] = true })
}

// claimed is the set of domains that a company has; what is none is passed over.
func claimed(c *schemas.Company) map[string]bool {
	domains := make(map[string]bool)
	if c != nil {
		for _, typed := range c.Domains {
			if d, ok := companyDomain(typed); ok {
				domains[d] = true
			}
		}
	}
	return domains
}

// addresses are those of an end user, each with the company that they name.
func addresses(u *schemas.EndUser) map[string]string {
	all := make(map[string]string)
	if u != nil {
		for _, typed := range u.Emails {
			if m, ok := address(typed); ok {
				all[m.String()] = employer(u)
			}
		}
	}
	return all
}

func employer(u *schemas.EndUser) string {
	if u == nil {
		return ""
	}
	return text(u.CompanyID)
}
