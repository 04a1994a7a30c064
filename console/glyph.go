package console

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// glyph is what a terminal shows in one place: a rune with what is put on top
// of it, and how many columns it takes.
type glyph struct {
	text   string
	width  int
	space  bool
	line   bool // the end of a line
	marked bool
}

// maxStacked is how many marks may sit on one letter. Vietnamese has two and
// pointed Hebrew three; a hundred would climb over the lines above.
const maxStacked = 8

// glyphsOf makes a text from outside safe to print: what would move the cursor,
// change colours, set the window's title or turn the order of the letters is
// shown as <U+001B>. The marks are byte ranges of s, rising and apart.
func glyphsOf(s string, marks [][2]int) []glyph {
	var all []glyph
	stacked := 0
	for at, r := range s {
		for len(marks) > 0 && marks[0][1] <= at {
			marks = marks[1:]
		}
		g := glyph{width: 1, marked: len(marks) > 0 && marks[0][0] <= at}
		last := len(all) - 1
		switch {
		case r == '\n' || r == '\u2028' || r == '\u2029':
			g.text, g.space, g.line = " ", true, true
		case unicode.IsSpace(r):
			g.text, g.space = " ", true
		case r == '\u00ad': // says where a word may be parted, which wrap does not do
			continue
		case disguised(r):
			g.text = fmt.Sprintf("<U+%04X>", r)
			g.width = len(g.text)
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
			if last < 0 {
				all, last = append(all, glyph{text: " ", width: 1, space: true}), 0
			}
			if stacked++; stacked <= maxStacked {
				all[last].text += string(r)
			}
			continue
		default:
			g.text = string(r) // what is no UTF-8 comes as U+FFFD
			if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
				g.width = 2
			}
			// Emoji that a joiner ties together are one picture.
			if g.width == 2 && last >= 0 && strings.HasSuffix(all[last].text, "\u200d") {
				all[last].text += g.text
				continue
			}
		}
		all, stacked = append(all, g), 0
	}
	return all
}

// disguised says whether the rune does something to a terminal or to the
// reader's eye instead of being seen. Of the format characters, joiners and the
// marks of direction stay, which Persian, emoji and Hebrew need; embeddings,
// overrides and isolates do not, nor do invisible ones that can hide a text.
func disguised(r rune) bool {
	switch {
	case unicode.IsControl(r):
		return !unicode.IsSpace(r)
	case unicode.Is(unicode.Cf, r):
		return !unicode.Is(unicode.Join_Control, r) && r != '\u200e' && r != '\u200f' && r != '\u061c' &&
			!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
	}
	return false
}

func sumColumns(line []glyph) int {
	n := 0
	for _, g := range line {
		n += g.width
	}
	return n
}

// wrap cuts a text into lines of at most so many columns: at spaces, beside
// wide letters, and within a word only when it is longer than a line. Zero
// columns means as wide as it is.
func wrap(text []glyph, columns int) [][]glyph {
	var lines [][]glyph
	start, cut, used := 0, 0, 0 // cut is where the next line may begin
	for i, g := range text {
		if g.line {
			lines = append(lines, trimmed(text[start:i]))
			start, cut, used = i+1, i+1, 0
			continue
		}
		if g.width == 2 {
			cut = i
		}
		// What a first cut leaves of a long word may still be too much.
		for columns > 0 && used+g.width > columns && i > start && !g.space {
			if cut <= start {
				cut = i
			}
			lines = append(lines, trimmed(text[start:cut]))
			start, used = cut, 0
			for _, moved := range text[start:i] {
				used += moved.width
			}
		}
		used += g.width
		if g.space || g.width == 2 {
			cut = i + 1
		}
	}
	return append(lines, trimmed(text[start:]))
}

func trimmed(line []glyph) []glyph {
	for len(line) > 0 && line[len(line)-1].space {
		line = line[:len(line)-1]
	}
	return line
}

// clip cuts a line down to so many columns and says so with an ellipsis; zero
// columns cut nothing.
func clip(line []glyph, most int) []glyph {
	if most <= 0 || sumColumns(line) <= most {
		return line
	}
	used := 0
	for i, g := range line {
		if used+g.width > most-1 {
			return append(slices.Clip(trimmed(line[:i])), glyph{text: "\u2026", width: 1})
		}
		used += g.width
	}
	return line
}

// plain joins glyphs without their marks.
func plain(line []glyph) string {
	var b strings.Builder
	for _, g := range line {
		b.WriteString(g.text)
	}
	return b.String()
}

// safe is a text from outside on one line.
func safe(s string) string { return plain(trimmed(glyphsOf(s, nil))) }
