package embedded

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// FTS5's tokenizer takes everything between two spaces or signs for one word.
// In Chinese, Japanese and, by its endings, Korean that is a phrase which no
// query will repeat as a whole. So the column grams holds what such a text can
// be found by: each character, each two neighbours, and each word of another
// script that touches them (the "API" of an "API" written without a space).

// unspaced says whether the character belongs to a script that runs words
// together. The two signs lengthen a vowel in kana but belong to no script.
func unspaced(r rune) bool {
	return r >= 0x1100 && (r == 'ー' || r == 'ｰ' ||
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul))
}

func inWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Co) }

// run is a part of a text, [start, end) in bytes, whose characters are all
// unspaced, or all those of a word in another script.
type run struct {
	start, end int
	unspaced   bool
	touches    bool // an unspaced run directly before or behind it
}

func runsOf(text string) []run {
	var runs []run
	for i, r := range text {
		if !inWord(r) {
			continue
		}
		// The width is counted here: an invalid byte is read as U+FFFD, which is
		// longer than it, but is in no word.
		end, kind := i+utf8.RuneLen(r), unspaced(r)
		if n := len(runs); n > 0 && runs[n-1].end == i {
			if runs[n-1].unspaced == kind {
				runs[n-1].end = end
				continue
			}
			runs[n-1].touches = true
			runs = append(runs, run{start: i, end: end, unspaced: kind, touches: true})
			continue
		}
		runs = append(runs, run{start: i, end: end, unspaced: kind})
	}
	return runs
}

// eachGram calls do for the pieces of n characters of a run.
func eachGram(text string, r run, n int, do func(gram string, start, end int)) {
	var starts []int
	for i := range text[r.start:r.end] {
		starts = append(starts, r.start+i)
	}
	starts = append(starts, r.end)
	for i := 0; i+n < len(starts); i++ {
		do(text[starts[i]:starts[i+n]], starts[i], starts[i+n])
	}
}

// gramsOf is what the column grams holds: the stems, and of a text in such
// scripts the pieces; nil where there is nothing.
func gramsOf(stems string, texts ...string) any {
	var b strings.Builder
	b.WriteString(stems)
	add := func(gram string, _, _ int) { b.WriteString(gram); b.WriteByte(' ') }
	for _, text := range texts {
		if strings.IndexFunc(text, unspaced) < 0 {
			continue
		}
		for _, r := range runsOf(text) {
			switch {
			case r.unspaced:
				eachGram(text, r, 1, add)
				eachGram(text, r, 2, add)
			case r.touches:
				add(text[r.start:r.end], 0, 0)
			}
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return b.String()
}
