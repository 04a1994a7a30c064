package console

import (
	"io"
	"os"
	"strconv"
	"time"
)

// Style is how people's output is laid out. The zero Style is for a program or
// a file: nothing is cut or wrapped, and times are UTC.
type Style struct {
	Width int            // columns; 0 for as many as it takes
	Bold  bool           // headings, and what matched; else matches stand between asterisks
	Lines int            // of a passage, those around its best matches; 0 for all
	Zone  *time.Location // nil is UTC
}

// terminalLines lets ten results fit on three screens; the whole passage is in
// the recording, one click away.
const terminalLines = 6

// minWidth keeps columns readable where a terminal says that it has hardly any.
const minWidth = 40

// StyleFor fits what w is. On a terminal, lines are as wide as it is, and bold
// is used unless NO_COLOR (no-color.org) or TERM=dumb say not to. COLUMNS sets
// the width of either.
func StyleFor(w io.Writer) Style {
	s := Style{Zone: time.Local}
	if f, ok := w.(*os.File); ok {
		if wide, terminal := terminalWidth(f); terminal {
			s.Width, s.Lines = wide, terminalLines
			s.Bold = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		}
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		s.Width = n
	}
	if s.Width > 0 {
		s.Width = max(s.Width, minWidth)
	}
	return s
}

const (
	boldOn  = "\x1b[1m"
	boldOff = "\x1b[0m"
)

func (s Style) heading(text string) string {
	if s.Bold {
		return boldOn + text + boldOff
	}
	return text
}

// minutes is a time as a person reads it in a table.
func (s Style) minutes(t time.Time) string { return s.in(t).Format("2006-01-02 15:04") }

func (s Style) day(t time.Time) string { return s.in(t).Format(time.DateOnly) }

// seconds is a time that is compared with a log's.
func (s Style) seconds(t time.Time) string { return s.in(t).Format("2006-01-02 15:04:05 MST") }

func (s Style) in(t time.Time) time.Time {
	if s.Zone == nil {
		return t.UTC()
	}
	return t.In(s.Zone)
}

// inner is the width that an indentation leaves.
func (s Style) inner(indent int) int {
	if s.Width == 0 {
		return 0
	}
	return max(s.Width-indent, minWidth/2)
}
