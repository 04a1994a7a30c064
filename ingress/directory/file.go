// Package directory takes in an organisation's customers, companies and end
// users, and writes them to the directory topic.
package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"leadline/schemas"
	"leadline/schemas/address"
)

// maxFileBytes is for a file that is read at once: 256 MiB hold about a million
// end users.
const maxFileBytes = 256 << 20

// file is the form of a directory file. A company has domain, domains or both;
// an end user email, emails or both.
type file struct {
	Companies []struct {
		ID      string            `json:"id"`
		Name    string            `json:"name"`
		Domain  string            `json:"domain"`
		Domains []string          `json:"domains"`
		Traits  map[string]string `json:"traits"`
	} `json:"companies"`
	EndUsers []struct {
		ID        string            `json:"id"`
		CompanyID *string           `json:"company_id"`
		Name      string            `json:"name"`
		Email     string            `json:"email"`
		Emails    []string          `json:"emails"`
		Traits    map[string]string `json:"traits"`
	} `json:"end_users"`
}

// ReadFile reads a directory file for an organisation. The error lists every
// entry that is refused, and why; then nothing is returned.
func ReadFile(org string, r io.Reader) ([]schemas.DirectoryEntry, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the directory file: %w", err)
	}
	if len(raw) > maxFileBytes {
		return nil, fmt.Errorf("the directory file is larger than %d MiB", maxFileBytes>>20)
	}
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("decoding the directory file: %w", err)
	}
	var (
		entries []schemas.DirectoryEntry
		refused []error
		seen    = make(map[string]bool)
	)
	add := func(e schemas.DirectoryEntry, where string) {
		err := errors.Join(plain(&e), Check(e))
		if key := Key(e); err == nil && seen[key] {
			err = errors.New("id: occurs twice")
		} else {
			seen[key] = true
		}
		if err != nil {
			refused = append(refused, fmt.Errorf("%s: %w", where, err))
			return
		}
		entries = append(entries, e)
	}
	for i, c := range f.Companies {
		add(schemas.DirectoryEntry{Org: org, Company: &schemas.Company{
			ID: c.ID, Name: c.Name, Domains: union(c.Domain, c.Domains), Traits: c.Traits,
		}}, fmt.Sprintf("companies[%d]", i))
	}
	for i, u := range f.EndUsers {
		if u.CompanyID != nil && *u.CompanyID == "" {
			u.CompanyID = nil
		}
		add(schemas.DirectoryEntry{Org: org, EndUser: &schemas.EndUser{
			ID: u.ID, CompanyID: u.CompanyID, Name: u.Name, Emails: union(u.Email, u.Emails), Traits: u.Traits,
		}}, fmt.Sprintf("end_users[%d]", i))
	}
	if len(refused) > 0 {
		return nil, errors.Join(refused...)
	}
	return entries, nil
}

// plain replaces a company's domains, as people type them, by what is kept. The
// error says of each that is refused why.
func plain(e *schemas.DirectoryEntry) error {
	if e.Company == nil {
		return nil
	}
	var refused []error
	for i, typed := range e.Company.Domains {
		d, err := address.CompanyDomain(typed)
		if err != nil {
			refused = append(refused, fmt.Errorf("domains[%d]: %w", i, err))
			continue
		}
		e.Company.Domains[i] = d
	}
	e.Company.Domains = union("", e.Company.Domains)
	return errors.Join(refused...)
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
	switch {
	case e.Company != nil && e.EndUser == nil:
		return schemas.DirectoryKey(e.Org, schemas.SortCompany, e.Company.ID)
	case e.EndUser != nil && e.Company == nil:
		return schemas.DirectoryKey(e.Org, schemas.SortEndUser, e.EndUser.ID)
	}
	return ""
}

// Check says what is wrong with an entry, naming the field. What an address or
// a domain means is matching's to judge; here it must be text that a person can
// see, of a length that exists.
func Check(e schemas.DirectoryEntry) error {
	if err := schemas.CheckOrg(e.Org); err != nil {
		return err
	}
	switch {
	case e.Company != nil && e.EndUser == nil:
		return errors.Join(text("id", e.Company.ID, 1, 200), text("name", e.Company.Name, 0, 500),
			each("domains", e.Company.Domains, 300), traits(e.Company.Traits))
	case e.EndUser != nil && e.Company == nil:
		company := error(nil)
		if e.EndUser.CompanyID != nil {
			company = text("company_id", *e.EndUser.CompanyID, 1, 200)
		}
		return errors.Join(text("id", e.EndUser.ID, 1, 200), text("name", e.EndUser.Name, 0, 500), company,
			each("emails", e.EndUser.Emails, 320), traits(e.EndUser.Traits))
	}
	return errors.New("want either a company or an end user")
}

// maxEach bounds lists: a company with more domains than that is a mistake.
const maxEach = 1000

func each(field string, values []string, limit int) error {
	if len(values) > maxEach {
		return fmt.Errorf("%s: %d of them, at most %d", field, len(values), maxEach)
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
		return fmt.Errorf("traits: %d bytes, at most %d", n, maxTraitBytes)
	}
	return nil
}

func text(field, s string, shortest, longest int) error {
	switch {
	case !utf8.ValidString(s):
		return fmt.Errorf("%s: not valid UTF-8", field)
	case utf8.RuneCountInString(s) < shortest:
		return fmt.Errorf("%s: missing", field)
	case len(s) > longest:
		return fmt.Errorf("%s: %d bytes, at most %d", field, len(s), longest)
	}
	for _, r := range s {
		// Cf holds the invisible ones: zero-width spaces, direction overrides.
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return fmt.Errorf("%s: holds the invisible character %U", field, r)
		}
	}
	return nil
}
