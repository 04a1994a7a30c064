package directory

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"leadline/schemas"
	"leadline/schemas/address"
)

// Normalize brings an entry into the form that is kept, or says what is wrong
// with it: every error in what it returns is a *schemas.InvalidQuery that names
// the field.
func Normalize(e *schemas.DirectoryEntry) error {
	return errors.Join(plain(e), Check(*e))
}

// plain replaces domains and addresses, as people type them, by what is kept.
func plain(e *schemas.DirectoryEntry) error {
	switch {
	case e.Company != nil:
		domains, err := forms("domains", e.Company.Domains, address.CompanyDomain)
		e.Company.Domains = domains
		return err
	case e.EndUser != nil:
		emails, err := forms("emails", e.EndUser.Emails, mailbox)
		e.EndUser.Emails = emails
		return err
	case e.Side != nil:
		form := address.CompanyDomain
		if local, _, found := strings.Cut(e.Side.Name, "@"); found && local != "" {
			form = mailbox
		}
		name, err := form(e.Side.Name)
		if err != nil {
			return wrong("name", "%s", err)
		}
		e.Side.Name = name
	case e.Decision != nil && e.Decision.At.IsZero():
		e.Decision.At = time.Now()
	case e.SameCall != nil && e.SameCall.At.IsZero():
		e.SameCall.At = time.Now()
	}
	return nil
}

// forms brings each value into its form, once. One that has none is left out:
// what is wrong with it is told.
func forms(field string, values []string, form func(string) (string, error)) ([]string, error) {
	var refused []error
	for i, typed := range values {
		if strings.TrimSpace(typed) == "" {
			continue // a cell that ends with a semicolon
		}
		one, err := form(typed)
		if err != nil {
			refused = append(refused, wrong(fmt.Sprintf("%s[%d]", field, i), "%s", err))
		}
		values[i] = one
	}
	return union("", values), errors.Join(refused...)
}

func mailbox(typed string) (string, error) {
	for _, r := range typed {
		if invisible(r) {
			return "", fmt.Errorf("holds the invisible character %U", r)
		}
	}
	m, ok := address.Parse(typed)
	if !ok {
		return "", fmt.Errorf("%.80q: not an e-mail address", typed)
	}
	return m.String(), nil
}

func union(first string, more []string) []string {
	out := []string{}
	seen := make(map[string]bool)
	for _, s := range append([]string{first}, more...) {
		if s = strings.TrimSpace(s); s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// Key is the entry's key in the topic; for a malformed entry "".
func Key(e schemas.DirectoryEntry) string {
	sort, id, ok := e.Identity()
	if !ok {
		return ""
	}
	return schemas.DirectoryKey(e.Org, sort, id)
}

// Check says what is wrong with an entry, naming the field. What an address or
// a domain means is matching's to judge; here it must be text that a person can
// see, of a length that exists.
func Check(e schemas.DirectoryEntry) error {
	if err := schemas.CheckOrg(e.Org); err != nil {
		return wrong("org", "%s", err)
	}
	sort, _, _ := e.Identity()
	switch sort {
	case schemas.SortCompany:
		return errors.Join(text("id", e.Company.ID, 1, maxID), text("name", e.Company.Name, 0, 500),
			each("domains", e.Company.Domains, 300), traits(e.Company.Traits))
	case schemas.SortEndUser:
		company := error(nil)
		if e.EndUser.CompanyID != nil {
			company = text("company_id", *e.EndUser.CompanyID, 1, maxID)
		}
		return errors.Join(text("id", e.EndUser.ID, 1, maxID), text("name", e.EndUser.Name, 0, 500), company,
			each("emails", e.EndUser.Emails, 320), traits(e.EndUser.Traits))
	case schemas.SortDecision:
		return decision(e.Org, e.Decision)
	case schemas.SortSide:
		return side(e.Side)
	case schemas.SortSetting:
		return setting(e.Setting)
	case schemas.SortSameCall:
		return sameCall(e.Org, e.SameCall)
	}
	return wrong("type", "want one company, end user, decision, side, setting or same_call")
}

// maxID keeps the ids of a decision, which hold a customer's, within an index.
const maxID = 200

func decision(org string, d *schemas.Decision) error {
	of, provider, recording, err := schemas.SplitMeetingID(d.MeetingID)
	switch {
	case err != nil:
		return wrong("meeting_id", "%s", err)
	case of != org:
		return wrong("meeting_id", "%.140q is not a meeting of %s", d.MeetingID, org)
	case (d.CompanyID == nil) == (d.EndUserID == nil):
		return wrong("company_id", "want a company or an end user, and not both")
	}
	id := d.CompanyID
	if id == nil {
		id = d.EndUserID
	}
	return errors.Join(segment("meeting_id", provider), segment("meeting_id", recording), text("id", *id, 1, maxID), text("by", d.By, 0, 300))
}

func sameCall(org string, c *schemas.SameCall) error {
	for field, id := range map[string]string{"meeting_id": c.MeetingID, "other_id": c.OtherID} {
		of, provider, recording, err := schemas.SplitMeetingID(id)
		if err == nil && of != org {
			err = fmt.Errorf("%.140q is not a meeting of %s", id, org)
		}
		if err != nil {
			return wrong(field, "%s", err)
		}
		if err := errors.Join(segment(field, provider), segment(field, recording)); err != nil {
			return err
		}
	}
	if c.MeetingID == c.OtherID {
		return wrong("other_id", "is the same recording, and two are wanted")
	}
	if c.MeetingID > c.OtherID {
		return wrong("other_id", "want another recording than %s, which is greater", c.MeetingID)
	}
	return text("by", c.By, 0, 300)
}

func segment(field, s string) error {
	if err := schemas.CheckSegment("part", s); err != nil {
		return wrong(field, "%s", err)
	}
	return nil
}

func side(s *schemas.Side) error {
	switch s.Is {
	case schemas.SideOutside, schemas.SideIgnored:
	case schemas.SideOwn:
		if address.IsFreemail(s.Name) {
			return wrong("name", "anybody can get an address at %s, so it cannot be the organisation's own", s.Name)
		}
	default:
		return wrong("is", "%.40q is none of own, outside, ignored", s.Is)
	}
	return text("name", s.Name, 1, 320)
}

func setting(s *schemas.Setting) error {
	switch {
	case s.Name != schemas.SettingUnmatched:
		return wrong("name", "%.40q is no setting", s.Name)
	case s.Value != schemas.UnmatchedHeldBack && s.Value != schemas.UnmatchedGeneral:
		return wrong("value", "%.40q is neither %s nor %s", s.Value, schemas.UnmatchedHeldBack, schemas.UnmatchedGeneral)
	}
	return nil
}

// maxEach bounds lists: a company with more domains than that is a mistake.
const maxEach = 1000

func each(field string, values []string, limit int) error {
	if len(values) > maxEach {
		return wrong(field, "%d of them, at most %d", len(values), maxEach)
	}
	for i, v := range values {
		if err := text(fmt.Sprintf("%s[%d]", field, i), v, 1, limit); err != nil {
			return err
		}
	}
	return nil
}

// maxTraitBytes is for all traits of an entry together.
const maxTraitBytes = 50_000

func traits(t map[string]string) error {
	n := 0
	for k, v := range t {
		n += len(k) + len(v)
		if err := errors.Join(text("traits: key", k, 1, 200), text("traits."+k, v, 0, maxTraitBytes)); err != nil {
			return err
		}
	}
	if n > maxTraitBytes {
		return wrong("traits", "%d bytes, at most %d", n, maxTraitBytes)
	}
	return nil
}

func text(field, s string, shortest, longest int) error {
	switch {
	case !utf8.ValidString(s):
		return wrong(field, "not valid UTF-8")
	case utf8.RuneCountInString(s) < shortest:
		return wrong(field, "missing")
	case len(s) > longest:
		return wrong(field, "%d bytes, at most %d", len(s), longest)
	}
	for _, r := range s {
		if invisible(r) {
			return wrong(field, "holds the invisible character %U", r)
		}
	}
	return nil
}

// invisible tells the characters that a person cannot see: Cf holds zero-width
// spaces and direction overrides.
func invisible(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

func wrong(field, problem string, args ...any) error {
	return &schemas.InvalidQuery{Field: field, Problem: fmt.Sprintf(problem, args...)}
}
