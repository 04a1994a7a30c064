package distill

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Speech recognition often leaves out full stops. A sentence longer than this
// many words is cut at the next comma, or a whole speech would be one quote.
const longSentence = 40

// abbreviations end with a full stop that ends no sentence.
var abbreviations = func() map[string]bool {
	s := make(map[string]bool)
	for _, a := range strings.Fields("mr mrs ms dr prof st vs etc e.g i.e eg ie approx inc ltd z.b bzw ca sr sra") {
		s[a] = true
	}
	return s
}()

// Sentences cuts a text into its sentences, verbatim and without the space
// between them.
func Sentences(text string) []string {
	var all []string
	start, words := 0, 0
	cut := func(end int) {
		if s := strings.TrimSpace(text[start:end]); s != "" {
			all = append(all, s)
		}
		start, words = end, 0
	}
	var n int
	for i := 0; i < len(text); i += n {
		var r rune
		r, n = utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\n':
			cut(i + 1)
			continue
		case unicode.IsSpace(r):
			words++
			continue
		case i < start:
			continue // a closing quote that went with the sentence before it
		}
		end, ends := wordEnd(text, i+n)
		switch {
		case !ends:
		case strings.ContainsRune("?!\u2026\u3002\uff1f\uff01", r), r == '.' && !abbreviated(text[start:i]):
			cut(end)
		case r == ',' && words >= longSentence:
			cut(end)
		}
	}
	cut(len(text))
	return all
}

// wordEnd says whether a word ends at the place, and where the quotes that close
// there end.
func wordEnd(text string, at int) (end int, ends bool) {
	for at < len(text) {
		r, n := utf8.DecodeRuneInString(text[at:])
		switch {
		case unicode.IsSpace(r):
			return at, true
		case !strings.ContainsRune("\"')\u201d\u2019", r):
			return at, false
		}
		at += n
	}
	return at, true
}

// abbreviated says whether the text ends with an abbreviation or an initial.
func abbreviated(text string) bool {
	last := text[strings.LastIndexFunc(text, unicode.IsSpace)+1:]
	return abbreviations[strings.ToLower(last)] || len(last) == 1 && last >= "A" && last <= "Z" && last != "I"
}
