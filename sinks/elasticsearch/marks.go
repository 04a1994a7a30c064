package elasticsearch

import "strings"

// unmark takes the marks of the highlighter out of a text and returns the
// ranges between them, rising and apart; none when what is left is not how the
// text begins. The highlighter may leave out the end of a long text.
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
			return ranges
		}
		inside, rest, closed := strings.Cut(rest, s.closing)
		if !closed || inside == "" || !strings.HasPrefix(text[at:], inside) {
			return nil
		}
		end := at + len(inside)
		if n := len(ranges); n > 0 && ranges[n-1][1] == at { // of a script without spaces
			ranges[n-1][1] = end
		} else {
			ranges = append(ranges, [2]int{at, end})
		}
		at, marked = end, rest
	}
}
