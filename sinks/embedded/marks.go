package embedded

import (
	"cmp"
	"slices"
	"strings"
)

// unmark takes the marks of highlight() out of a text and returns the ranges
// between them; none when what is left is not the text.
func (s *Store) unmark(marked, text string) [][2]int {
	var ranges [][2]int
	at := 0
	for {
		before, rest, more := strings.Cut(marked, s.opening)
		if !strings.HasPrefix(text[at:], before) {
			return nil
		}
		at += len(before)
		if !more {
			break
		}
		inside, rest, closed := strings.Cut(rest, s.closing)
		if !closed || !strings.HasPrefix(text[at:], inside) {
			return nil
		}
		ranges = append(ranges, [2]int{at, at + len(inside)})
		at += len(inside)
		marked = rest
	}
	if at != len(text) {
		return nil
	}
	return ranges
}

// gramMarks returns the ranges of what was found by the column grams.
func gramMarks(text string, terms []term) [][2]int {
	if strings.IndexFunc(text, unspaced) < 0 {
		return nil
	}
	wanted := make(map[string]bool)
	for _, t := range terms {
		wanted[t.text] = true
	}
	var ranges [][2]int
	mark := func(piece string, start, end int) {
		if wanted[strings.ToLower(piece)] {
			ranges = append(ranges, [2]int{start, end})
		}
	}
	for _, r := range runsOf(text) {
		switch {
		case r.unspaced:
			eachGram(text, r, 1, mark)
			eachGram(text, r, 2, mark)
		case r.touches:
			mark(text[r.start:r.end], r.start, r.end)
		}
	}
	return ranges
}

// apart sorts ranges and joins those that touch.
func apart(ranges [][2]int) [][2]int {
	slices.SortFunc(ranges, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	var out [][2]int
	for _, r := range ranges {
		if n := len(out); n > 0 && r[0] <= out[n-1][1] {
			out[n-1][1] = max(out[n-1][1], r[1])
			continue
		}
		out = append(out, r)
	}
	return out
}
