package console

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// page is what a printer writes on. The first error is kept by the buffer and
// returned at the end.
type page struct {
	*bufio.Writer
	Style
}

func newPage(w io.Writer, s Style) *page { return &page{bufio.NewWriter(w), s} }

// line writes a line that is safe already.
func (p *page) line(format string, args ...any) {
	fmt.Fprintf(p, format+"\n", args...)
}

// section begins a part with an empty line and a heading.
func (p *page) section(heading string) { p.line("\n%s", p.heading(heading)) }

// text writes a text from outside, wrapped, its first line after the lead and
// all others below it.
func (p *page) text(lead, s string) {
	indent := strings.Repeat(" ", sumColumns(glyphsOf(lead, nil)))
	for i, l := range wrap(glyphsOf(s, nil), p.inner(len(indent))) {
		if i > 0 {
			lead = indent
		}
		p.line("%s", strings.TrimRight(lead+plain(l), " "))
	}
}
