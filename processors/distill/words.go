package distill

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is a run of letters, digits and symbols in a text.
type word struct {
	text       string // without apostrophes: don't is dont
	start, end int    // bytes of the text
}

// split leaves out what a quote may differ in: white space and punctuation.
func split(text string) []word {
	var words []word
	var b strings.Builder
	start, end := -1, 0
	flush := func() {
		if start >= 0 && b.Len() > 0 {
			words = append(words, word{text: b.String(), start: start, end: end})
		}
		b.Reset()
		start = -1
	}
	var n int
	for i := 0; i < len(text); i += n {
		var r rune
		r, n = utf8.DecodeRuneInString(text[i:]) // not range: what is no UTF-8 is one byte wide, not three
		switch {
		case r == '\'' || r == '\u2019':
			continue
		case unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsControl(r):
			flush()
			continue
		}
		if start < 0 {
			start = i
		}
		b.WriteString(text[i : i+n])
		end = i + n
	}
	flush()
	return words
}

// find returns where the words stand in a row, or -1.
func find(words, in []word) int {
	for i := 0; i+len(words) <= len(in); i++ {
		n := 0
		for n < len(words) && words[n].text == in[i+n].text {
			n++
		}
		if n == len(words) {
			return i
		}
	}
	return -1
}

// stop are words that say nothing about what a sentence is about.
var stop = func() map[string]bool {
	s := make(map[string]bool)
	for _, w := range strings.Fields(`a about after all also am an and any are as at be been before but by can could did do does
		for from get go had has have he her him his how i if ill im in into is it its ive just let lets me more my need of
		on or our out over she should so some than thank thanks that thats the their them then there these they this
		to too up us was we well were what when which who will with would you your youll
		auf das dem den der die ein eine einen es fur für ich ihr im ist mit sie und uns von wir zu
		con de el en es la las le les los me nos para por que se su un una y`) {
		s[w] = true
	}
	return s
}()

// topics are the words that carry a sentence's meaning, cut to their stems, so
// that "sending the quotes" and "send the quote" have the same.
func topics(text string) map[string]bool {
	t := make(map[string]bool)
	for _, w := range split(strings.ToLower(text)) {
		if !stop[w.text] {
			t[stem(w.text)] = true
		}
	}
	return t
}

func stem(w string) string {
	for _, end := range []string{"ing", "ed", "es", "s"} {
		if cut, found := strings.CutSuffix(w, end); found && len(cut) >= 3 {
			return cut
		}
	}
	return strings.TrimSuffix(w, "e")
}

// shared is the part of a's topics that b has, from 0 to 1, and their number.
func shared(a, b map[string]bool) (part float64, n int) {
	if len(a) == 0 {
		return 0, 0
	}
	for w := range a {
		if b[w] {
			n++
		}
	}
	return float64(n) / float64(len(a)), n
}
