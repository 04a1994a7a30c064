package match

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"leadline/schemas"
	"leadline/schemas/address"
)

// change keeps the indexes of an organisation up to date, and marks whose
// meetings hang on what it changed.
type change struct {
	writer
	org    string
	marked bool
}

// companyFacts and endUserFacts are all that matching reads of an entry. An
// entry that changes in anything else touches no meeting.
type companyFacts struct {
	Domains []string `json:"d"` // plain, sorted, each once
}

type endUserFacts struct {
	Company   string   `json:"c"`
	Addresses []string `json:"a"` // in their one form, sorted, each once
}

func (c *change) entry(sort, id string, e *schemas.DirectoryEntry) error {
	switch sort {
	case schemas.SortCompany:
		return c.company(id, e)
	case schemas.SortEndUser:
		return c.endUser(id, e)
	case schemas.SortDecision:
		return c.decision(id, e)
	case schemas.SortSide:
		return c.side(id, e)
	case schemas.SortSameCall:
		return c.word(id, e)
	}
	return nil // settings are for those who read
}

// replace puts the facts under a key; nil removes them. changed is false where
// they were the same.
func replace[T any](c *change, at string, now *T) (before *T, raw []byte, changed bool, err error) {
	old, found, err := c.Get(at)
	if err != nil {
		return nil, nil, false, err
	}
	if found {
		before = new(T)
		if err := json.Unmarshal(old, before); err != nil {
			return nil, nil, false, fmt.Errorf("decoding an entry as it was: %w", err)
		}
	}
	if now == nil {
		c.Delete(at)
		return before, nil, found, nil
	}
	if raw, err = json.Marshal(now); err != nil {
		return nil, nil, false, fmt.Errorf("encoding an entry: %w", err)
	}
	if found && bytes.Equal(old, raw) {
		return before, raw, false, nil
	}
	c.Set(at, raw)
	return before, raw, true, nil
}

func (c *change) company(id string, e *schemas.DirectoryEntry) error {
	var now *companyFacts
	if e != nil {
		domains := make(map[string]bool)
		for _, typed := range e.Company.Domains {
			// What is refused stands in entries that came past the API; it matches nothing.
			if d, err := address.CompanyDomain(typed); err == nil {
				domains[d] = true
			}
		}
		now = &companyFacts{Domains: sorted(domains)}
	}
	before, raw, changed, err := replace(c, key(c.org, sortCompany, id), now)
	if err != nil || !changed {
		return err
	}
	for _, d := range cmp.Or(before, &companyFacts{}).Domains {
		c.Delete(pair(c.org, sortDomain, d, id))
		if err := c.touch(sortVisited, d); err != nil {
			return err
		}
	}
	for _, d := range cmp.Or(now, &companyFacts{}).Domains {
		c.Set(pair(c.org, sortDomain, d, id), []byte(versionOf(schemas.SortCompany, id, raw)))
		if err := c.touch(sortVisited, d); err != nil {
			return err
		}
	}
	if (before == nil) == (now == nil) {
		return nil
	}
	// It has come or gone, and with it the company of its people's links and of
	// those made by hand.
	if err := c.touch(sortEmployee, id); err != nil {
		return err
	}
	return c.touch(sortDecided, entryName(schemas.SortCompany, id))
}

func (c *change) endUser(id string, e *schemas.DirectoryEntry) error {
	var now *endUserFacts
	if e != nil {
		addresses := make(map[string]bool)
		for _, typed := range e.EndUser.Emails {
			if m, ok := address.Parse(typed); ok {
				addresses[m.String()] = true
			}
		}
		now = &endUserFacts{Company: text(e.EndUser.CompanyID), Addresses: sorted(addresses)}
	}
	before, raw, changed, err := replace(c, key(c.org, sortEndUser, id), now)
	if err != nil || !changed {
		return err
	}
	old, is := *cmp.Or(before, &endUserFacts{}), *cmp.Or(now, &endUserFacts{})
	for _, a := range old.Addresses {
		c.Delete(pair(c.org, sortEmail, a, id))
		if err := c.touch(sortAttendee, a); err != nil {
			return err
		}
	}
	for _, a := range is.Addresses {
		c.Set(pair(c.org, sortEmail, a, id), versioned(versionOf(schemas.SortEndUser, id, raw), is.Company))
		if err := c.touch(sortAttendee, a); err != nil {
			return err
		}
	}
	if old.Company != "" {
		c.Delete(pair(c.org, sortEmployee, old.Company, id))
	}
	if is.Company != "" {
		c.Set(pair(c.org, sortEmployee, is.Company, id), nil)
	}
	return c.touch(sortDecided, entryName(schemas.SortEndUser, id))
}

func (c *change) decision(id string, e *schemas.DirectoryEntry) error {
	meeting, customer, _ := cutDecision(c.org, id)
	at := pair(c.org, sortDecision, meeting, customer)
	if e == nil {
		c.Delete(at)
		c.Delete(pair(c.org, sortDecided, customer, meeting))
		return c.touch(sortMeeting, meeting)
	}
	is := handUnlinked
	if e.Decision.Linked {
		is = handLinked
	}
	c.Set(at, versioned(versionOf(schemas.SortDecision, id, []byte(is)), is))
	c.Set(pair(c.org, sortDecided, customer, meeting), nil)
	return c.touch(sortMeeting, meeting)
}

func (c *change) side(name string, e *schemas.DirectoryEntry) error {
	at := key(c.org, sortSide, name)
	if e == nil {
		c.Delete(at)
	} else {
		c.Set(at, []byte(e.Side.Is))
	}
	return c.touchName(name)
}

// versionBytes of a hash are enough to tell the versions of one entry apart.
const versionBytes = 6

// versionOf names what an entry says, so that equal directories give equal
// links whatever way they took.
func versionOf(sort, id string, facts []byte) string {
	h := sha256.New()
	h.Write([]byte(sort + "/" + id + "\x00"))
	h.Write(facts)
	return hex.EncodeToString(h.Sum(nil)[:versionBytes])
}

func versioned(version, value string) []byte { return []byte(version + value) }

func cutVersion(raw []byte) (version, value string) {
	n := min(len(raw), hex.EncodedLen(versionBytes))
	return string(raw[:n]), string(raw[n:])
}

func sorted(set map[string]bool) []string {
	return append([]string{}, slices.Sorted(maps.Keys(set))...)
}
