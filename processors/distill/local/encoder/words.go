package encoder

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// vocabulary cuts words into the pieces that the encoder knows, as BERT's
// uncased WordPiece does.
type vocabulary struct {
	ids                 map[string]int
	unknown, start, end int
	ours, theirs        []int // the words that say who speaks
	err                 error
}

// longestWord is in bytes; longer ones are no words.
const longestWord = 100

func newVocabulary(pieces []string) vocabulary {
	v := vocabulary{ids: make(map[string]int, len(pieces))}
	for i, p := range pieces {
		v.ids[p] = i
	}
	if len(v.ids) != len(pieces) {
		v.err = fmt.Errorf("the vocabulary has %d pieces, but %d different ones", len(pieces), len(v.ids))
	}
	for name, id := range map[string]*int{"[UNK]": &v.unknown, "[CLS]": &v.start, "[SEP]": &v.end} {
		at, found := v.ids[name]
		if !found {
			v.err = fmt.Errorf("the vocabulary has no %s", name)
		}
		*id = at
	}
	v.ours, v.theirs = v.cut("vendor :"), v.cut("customer :")
	return v
}

// input is the text, led by who speaks it, and what was said before, each closed
// by an end; split is where the second starts. Of a text that is too long the
// start is kept, of what was said before the end.
func (v vocabulary) input(text, before string, customer bool) (tokens []int, split int) {
	side := v.ours
	if customer {
		side = v.theirs
	}
	tokens = append(tokens, v.start)
	tokens = append(tokens, side...)
	pieces := v.cut(text)
	tokens = append(tokens, pieces[:min(len(pieces), maxText)]...)
	tokens = append(tokens, v.end)
	split = len(tokens)
	if context := v.cut(before); len(context) > 0 {
		tokens = append(tokens, context[max(0, len(context)-maxContext):]...)
		tokens = append(tokens, v.end)
	}
	return tokens, split
}

func (v vocabulary) cut(text string) []int {
	var ids []int
	for _, word := range wordsOf(text) {
		ids = append(ids, v.pieces(word)...)
	}
	return ids
}

// wordsOf lowers the case, takes accents off and sets punctuation apart.
func wordsOf(text string) []string {
	var words []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
			b.Reset()
		}
	}
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, r), r == 0, r == unicode.ReplacementChar:
		case unicode.IsSpace(r):
			flush()
		case unicode.IsControl(r):
		case r == '\u2019':
			flush()
			words = append(words, "'")
		case unicode.IsPunct(r), r < unicode.MaxASCII && unicode.IsSymbol(r):
			flush()
			words = append(words, string(r))
		default:
			b.WriteRune(r)
		}
	}
	flush()
	return words
}

// pieces takes the longest known piece from the front again and again; a word
// that does not come out even is unknown.
func (v vocabulary) pieces(word string) []int {
	if len(word) > longestWord {
		return []int{v.unknown}
	}
	var ids []int
	for start := 0; start < len(word); {
		end := len(word)
		id, found := 0, false
		for ; end > start; end-- {
			piece := word[start:end]
			if start > 0 {
				piece = "##" + piece
			}
			if id, found = v.ids[piece]; found {
				break
			}
		}
		if !found {
			return []int{v.unknown}
		}
		ids = append(ids, id)
		start = end
	}
	return ids
}
