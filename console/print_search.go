package console

import (
	"fmt"
	"io"
	"strings"
)

// PrintPassages writes the results of a search, best first: of each its rank
// and meeting, where it was said and by whom, and the text.
func PrintPassages(w io.Writer, all []Passage, s Style) error {
	p := newPage(w, s)
	if len(all) == 0 {
		p.line("Nothing found.")
	}
	for i, one := range all {
		if i > 0 {
			p.line("")
		}
		p.passage(one)
	}
	return p.Flush()
}

func (p *page) passage(one Passage) {
	lead := fmt.Sprintf("%2d. ", one.Rank)
	title := clip(glyphsOf(oneLine(Titled(one.Title)), nil), p.inner(len(lead)))
	p.line("%s%s", lead, p.heading(plain(title)))
	indent := strings.Repeat(" ", len(lead))
	p.text(indent, p.source(one))
	for _, l := range p.excerpt(wrap(p.marked(one.Text, one.Marks), p.inner(len(indent)+2))) {
		p.line("%s", strings.TrimRight(indent+"| "+p.render(l), " "))
	}
}

// source is the line below the title: when, where, who.
func (p *page) source(one Passage) string {
	kind := one.Kind
	if one.Distilled != nil {
		kind = *one.Distilled
	}
	parts := []string{p.minutes(one.StartedAt), words(kind)}
	if one.Start != nil {
		parts = append(parts, "at "+*one.Start)
	}
	if len(one.Speakers) > 0 {
		parts = append(parts, strings.Join(one.Speakers, ", "))
	}
	if len(one.Companies) > 0 {
		parts = append(parts, strings.Join(one.Companies, ", "))
	} else if one.State != "" {
		parts = append(parts, one.State)
	}
	return strings.Join(parts, "; ") + "; " + one.EntryID
}

// marked is the text with what matched: to be shown bold, or between asterisks
// that count as columns.
func (p *page) marked(text string, marks [][2]int) []glyph {
	all := glyphsOf(text, marks)
	if p.Bold {
		return all
	}
	var starred []glyph
	inside := false
	star := glyph{text: "*", width: 1, marked: true}
	for _, g := range all {
		if g.marked != inside {
			starred, inside = append(starred, star), g.marked
		}
		starred = append(starred, g)
	}
	if inside {
		starred = append(starred, star)
	}
	return starred
}

func (p *page) render(line []glyph) string {
	if !p.Bold {
		return plain(line)
	}
	var b strings.Builder
	inside := false
	for _, g := range line {
		if g.marked != inside {
			b.WriteString(map[bool]string{true: boldOn, false: boldOff}[g.marked])
			inside = g.marked
		}
		b.WriteString(g.text)
	}
	if inside {
		b.WriteString(boldOff)
	}
	return b.String()
}

// excerpt keeps the lines among which most is marked, the first of equals, and
// shows where it left some out.
func (p *page) excerpt(lines [][]glyph) [][]glyph {
	if p.Lines <= 0 || len(lines) <= p.Lines {
		return lines
	}
	best, most := 0, -1
	for from := 0; from+p.Lines <= len(lines); from++ {
		marked := 0
		for _, l := range lines[from : from+p.Lines] {
			for _, g := range l {
				if g.marked {
					marked++
				}
			}
		}
		if marked > most {
			best, most = from, marked
		}
	}
	more := []glyph{{text: "\u2026", width: 1}}
	var kept [][]glyph
	if best > 0 {
		kept = append(kept, more)
	}
	kept = append(kept, lines[best:best+p.Lines]...)
	if best+p.Lines < len(lines) {
		kept = append(kept, more)
	}
	return kept
}
