// Package directory takes in an organisation's customers, companies and end
// users, and writes them to the directory topic.
package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"leadline/schemas"
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
	if err := decodeWhole(raw, &f); err != nil {
		return nil, fmt.Errorf("decoding the directory file: %w", err)
	}
	var (
		entries []schemas.DirectoryEntry
		refused []error
		seen    = make(map[string]bool)
	)
	add := func(e schemas.DirectoryEntry, where string) {
		err := Normalize(&e)
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

// decodeWhole refuses members that it does not know, as lines do: a mistyped
// "domains" would take a company's meetings away, because an entry replaces the
// one before.
func decodeWhole(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("it holds more than one value")
	}
	return nil
}
