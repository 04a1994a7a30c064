package directory

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"leadline/schemas"
)

// maxLine is the longest line: an entry with all its traits.
const maxLine = 256 << 10

// change is one line of a file: an entry, or the key of one that is to go. err
// says why the line cannot be read; the next may.
type change struct {
	number  int
	key     string
	entry   *schemas.DirectoryEntry
	problem error
}

// Change is what the line does to the organisation's directory: the entry that it
// puts under the key, in the form that is kept, or nil where it removes it. Every
// error in what it returns is a *schemas.InvalidQuery.
func Change(org string, l *schemas.DirectoryLine) (key string, e *schemas.DirectoryEntry, err error) {
	if l.Deleted && l.Type == schemas.SortSide && l.Is == "" {
		l.Is = schemas.SideOutside // whatever it was
	}
	if e, err = l.Entry(org); err != nil {
		return "", nil, err
	}
	if err := Normalize(e); err != nil {
		return "", nil, err
	}
	if key = Key(*e); l.Deleted {
		return key, nil, nil
	}
	return key, e, nil
}

// Formats of files.
const (
	NDJSON = "ndjson"
	CSV    = "csv"
)

// read yields the changes of a file in its order, and holds one at a time. The
// error is of what cannot be read on.
func read(org, format string, r io.Reader, yield func(change) error) error {
	switch format {
	case NDJSON:
		return readNDJSON(org, r, yield)
	case CSV:
		return readCSV(org, r, yield)
	}
	return wrong("format", "%.40q is neither %s nor %s", format, NDJSON, CSV)
}

func readNDJSON(org string, r io.Reader, yield func(change) error) error {
	lines := bufio.NewReaderSize(r, maxLine)
	for n := 1; ; n++ {
		raw, err := lines.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = lines.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading line %d: %w", n, err)
		}
		last := err != nil
		if raw = bytes.TrimSpace(raw); n == 1 {
			raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
		}
		if len(raw) > 0 {
			c := change{number: n}
			if long {
				c.problem = wrong("", "longer than %d bytes", maxLine)
			} else {
				c.key, c.entry, c.problem = decode(org, raw)
			}
			if err := yield(c); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

func decode(org string, raw []byte) (string, *schemas.DirectoryEntry, error) {
	var l schemas.DirectoryLine
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		field := ""
		if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
			field = kind.Field
		}
		return "", nil, wrong(field, "%s", schemas.Excerpt(err.Error()))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", nil, wrong("", "holds more than one value")
	}
	return Change(org, &l)
}

// traitColumn begins the names of columns that are traits.
const traitColumn = "traits."

// csvColumns are the others, and where their values go.
var csvColumns = map[string]func(*schemas.DirectoryLine, string){
	"type":       func(l *schemas.DirectoryLine, v string) { l.Type = v },
	"deleted":    func(l *schemas.DirectoryLine, v string) { l.Deleted = strings.EqualFold(v, "true") },
	"id":         func(l *schemas.DirectoryLine, v string) { l.ID = v },
	"name":       func(l *schemas.DirectoryLine, v string) { l.Name = v },
	"domains":    func(l *schemas.DirectoryLine, v string) { l.Domains = several(v) },
	"company_id": func(l *schemas.DirectoryLine, v string) { l.CompanyID = &v },
	"emails":     func(l *schemas.DirectoryLine, v string) { l.Emails = several(v) },
	"is":         func(l *schemas.DirectoryLine, v string) { l.Is = v },
}

// several are values in one cell, with semicolons between them.
func several(cell string) []string { return strings.Split(cell, ";") }

// maxRow is a longest line and what the reader reads ahead.
const maxRow = maxLine + 4<<10

// rowLimit bounds what is read for one row: a quote that nothing ends would take in the rest of a gigabyte.
type rowLimit struct {
	from io.Reader
	left int // of the row
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, wrong("", "a row is longer than %d bytes; is a quote missing?", maxLine)
	}
	n, err := l.from.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

func readCSV(org string, r io.Reader, yield func(change) error) error {
	row := &rowLimit{from: r, left: maxRow}
	rows := csv.NewReader(row)
	rows.ReuseRecord, rows.TrimLeadingSpace = true, true
	head, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return wrong("", "the first line of a CSV file names its columns: %s", schemas.Excerpt(err.Error()))
	}
	names := slices.Clone(head)
	names[0] = strings.TrimPrefix(names[0], "\ufeff")
	for i, name := range names {
		if csvColumns[name] == nil && (!strings.HasPrefix(name, traitColumn) || name == traitColumn) {
			return wrong(fmt.Sprintf("%.40s", name), "is no column: want type, id, name, domains, company_id, emails, is, deleted or %sNAME", traitColumn)
		}
		if slices.Contains(names[:i], name) {
			return wrong(fmt.Sprintf("%.40s", name), "is a column twice")
		}
	}
	for {
		row.left = maxRow
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		c := change{}
		if unreadable := (*csv.ParseError)(nil); errors.As(err, &unreadable) {
			c.number, c.problem = unreadable.StartLine, wrong("", "%s", unreadable.Err)
		} else if err != nil {
			return fmt.Errorf("reading a CSV file: %w", err)
		} else {
			c.number, _ = rows.FieldPos(0)
			c.key, c.entry, c.problem = Change(org, lineOf(names, cells))
		}
		if err := yield(c); err != nil {
			return err
		}
	}
}

func lineOf(names, cells []string) *schemas.DirectoryLine {
	l := new(schemas.DirectoryLine)
	for i, v := range cells {
		if v = uncell(strings.TrimSpace(v)); v == "" {
			continue
		}
		if put := csvColumns[names[i]]; put != nil {
			put(l, strings.Clone(v))
			continue
		}
		if l.Traits == nil {
			l.Traits = make(map[string]string)
		}
		l.Traits[strings.TrimPrefix(names[i], traitColumn)] = strings.Clone(v)
	}
	return l
}
