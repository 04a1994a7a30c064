package directory

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"leadline/schemas"
)

// WriteNDJSON writes entries as Import reads them.
func WriteNDJSON(w io.Writer) func(schemas.DirectoryLine) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return func(l schemas.DirectoryLine) error { return out.Encode(l) }
}

// WriteCSV writes companies, end users and sides, with these traits, as Import
// reads them and as no spreadsheet takes them for formulas. What a table has no
// columns for is left out: decisions, settings, words on calls.
func WriteCSV(w io.Writer, traits []string) func(schemas.DirectoryLine) error {
	out := csv.NewWriter(w)
	head := []string{"type", "id", "name", "domains", "company_id", "emails", "is"}
	for _, t := range traits {
		head = append(head, traitColumn+t)
	}
	begun := false
	return func(l schemas.DirectoryLine) error {
		if !begun {
			begun = true
			if err := out.Write(head); err != nil {
				return err
			}
		}
		switch l.Type {
		case schemas.SortDecision, schemas.SortSetting, schemas.SortSameCall:
			return nil
		}
		company := ""
		if l.CompanyID != nil {
			company = *l.CompanyID
		}
		row := []string{l.Type, l.ID, l.Name, strings.Join(l.Domains, ";"), company, strings.Join(l.Emails, ";"), l.Is}
		for _, t := range traits {
			row = append(row, l.Traits[t])
		}
		for i := range row {
			row[i] = cell(row[i])
		}
		if err := out.Write(row); err != nil {
			return err
		}
		out.Flush()
		return out.Error()
	}
}

// Each yields what a file of any format would change, under the keys. The error
// is of the first line that is refused.
func Each(org, format string, r io.Reader, yield func(key string, e *schemas.DirectoryEntry) error) error {
	if format == "json" {
		entries, err := ReadFile(org, r)
		if err != nil {
			return err
		}
		for i := range entries {
			if err := yield(Key(entries[i]), &entries[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return read(org, format, r, func(c change) error {
		if c.problem != nil {
			return wrong("line "+strconv.Itoa(c.number), "%s", c.problem)
		}
		return yield(c.key, c.entry)
	})
}
