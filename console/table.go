package console

import "strings"

// column is one of a table's. The last takes the width that is left, wrapped or
// else clipped.
type column struct {
	name    string
	right   bool // numbers
	shrinks bool // may be clipped to narrow, where the last has less than that
	wraps   bool // the last one only
}

// narrow is the width at which a name can still be told from others.
const narrow = 12

// table writes rows of texts from outside in columns, below their names if any
// has one.
func (p *page) table(indent int, columns []column, rows [][]string) {
	lines := make([][][]glyph, 0, len(rows)+1)
	var names [][]glyph
	for _, c := range columns {
		names = append(names, glyphsOf(c.name, nil))
	}
	if columns[0].name != "" {
		lines = append(lines, names)
	}
	for _, r := range rows {
		cells := make([][]glyph, len(r))
		for i, text := range r {
			cells[i] = trimmed(glyphsOf(oneLine(text), nil))
		}
		lines = append(lines, cells)
	}
	widths := p.widths(indent, columns, lines)
	for n, cells := range lines {
		for _, l := range layRow(indent, columns, widths, cells) {
			if n == 0 && columns[0].name != "" {
				l = p.heading(l)
			}
			p.line("%s", l)
		}
	}
}

// widths are as wide as the widest cell, and less where the page is too narrow.
func (p *page) widths(indent int, columns []column, lines [][][]glyph) []int {
	widths := make([]int, len(columns))
	for _, cells := range lines {
		for i, c := range cells {
			widths[i] = max(widths[i], sumColumns(c))
		}
	}
	if p.Width == 0 {
		return widths
	}
	last := len(columns) - 1
	left := p.Width - indent
	for _, w := range widths[:last] {
		left -= w + len(gap)
	}
	for left < min(widths[last], p.Width/3) {
		widest := -1
		for i, c := range columns[:last] {
			if c.shrinks && widths[i] > narrow && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
		left++
	}
	widths[last] = min(widths[last], max(left, narrow))
	return widths
}

// gap is between two columns.
const gap = "  "

// layRow returns the lines of a row: one, unless the last cell is wrapped.
func layRow(indent int, columns []column, widths []int, cells [][]glyph) []string {
	last := len(cells) - 1
	b := strings.Repeat(" ", indent)
	for i, c := range cells[:last] {
		c = clip(c, widths[i])
		fill := strings.Repeat(" ", widths[i]-sumColumns(c))
		if columns[i].right {
			b += fill + plain(c) + gap
		} else {
			b += plain(c) + fill + gap
		}
	}
	if !columns[last].wraps {
		return []string{strings.TrimRight(b+plain(clip(cells[last], widths[last])), " ")}
	}
	below := indent
	for _, w := range widths[:last] {
		below += w + len(gap)
	}
	var lines []string
	for _, l := range wrap(cells[last], widths[last]) {
		lines = append(lines, strings.TrimRight(b+plain(l), " "))
		b = strings.Repeat(" ", below)
	}
	return lines
}
