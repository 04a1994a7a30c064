package index

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is measured in half words, because scripts that are written without
// spaces count as one word per two characters.

// longestRun is how many characters without a space are one word. Few words of
// any language are longer; without the limit a body of one 8 MiB word would be
// one chunk.
const longestRun = 24

// nextWord returns the end of the first word of s, spaces before it included,
// and its half words.
func nextWord(s string) (end, halves int) {
	if end, known := nextASCII(s); known {
		return end, 2
	}
	start := len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
	if start == len(s) {
		return len(s), 0
	}
	first, size := utf8.DecodeRuneInString(s[start:])
	end = start + size
	alone := unspaced(first)
	for n := 1; end < len(s) && n < longestRun; n++ {
		r, size := utf8.DecodeRuneInString(s[end:])
		if unicode.IsSpace(r) || !unicode.IsMark(r) && (alone || unspaced(r)) {
			break
		}
		end += size
	}
	if alone {
		return end, 1
	}
	return end, 2
}

// nextASCII is nextWord where the first word and what ends it are ASCII, as most
// are: decoding characters takes four times as long. false: they are not.
func nextASCII(s string) (end int, known bool) {
	start := 0
	for start < len(s) && (s[start] == ' ' || s[start] >= '\t' && s[start] <= '\r') {
		start++
	}
	end = start
	for end < len(s) && end-start < longestRun && s[end] < utf8.RuneSelf && s[end] != ' ' && (s[end] < '\t' || s[end] > '\r') {
		end++
	}
	return end, end > start && (end == len(s) || end-start == longestRun || s[end] < utf8.RuneSelf)
}

// plainWords counts the words of a text that is ASCII without long words, as
// most are, eight characters at a time: character by character, counting was half
// of what this stage costs. false: the text is not like that.
func plainWords(s string) (words int, plain bool) {
	const each, high = 0x0101010101010101, 0x8080808080808080
	before, whole := uint64(0), 0 // whether the last character is of a word; blocks in a row without a space
	for ; len(s) >= 8; s = s[8:] {
		b := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		if b&high != 0 {
			return 0, false
		}
		// The high bit of each sum below says something of its character: that it
		// is no space, that it is at least a tab, that it is more than a return.
		in := (b ^ ' '*each) + (0x80-1)*each
		in &= ^(b + (0x80-'\t')*each) | (b + (0x80-'\r'-1)*each)
		in &= high
		words += bits.OnesCount64(in &^ (in<<8 | before))
		before = in >> 56
		if in != high {
			whole = 0
		} else if whole++; whole == 2 { // the longest run has at least two such blocks
			return 0, false
		}
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return 0, false
		}
		in := uint64(0)
		if s[i] != ' ' && (s[i] < '\t' || s[i] > '\r') {
			in = 0x80
		}
		words += int((in &^ before) >> 7)
		before = in
	}
	return words, true
}

// unspaced says whether the script puts no spaces between words. Its
// punctuation stands in blocks of its own, and belongs to no script.
func unspaced(r rune) bool {
	return r >= 0x0e00 && (r >= 0x3000 && r <= 0x30ff || r >= 0xff00 && r <= 0xffef ||
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar))
}

func halfWords(s string) int {
	if words, plain := plainWords(s); plain {
		return 2 * words
	}
	total := 0
	for s != "" {
		end, halves := nextWord(s)
		total += halves
		s = s[end:]
	}
	return total
}

// countQuestions counts marks of question; several in a row are one.
func countQuestions(s string) int {
	if strings.IndexByte(s, '?') < 0 && strings.IndexByte(s, "\uff1f"[0]) < 0 && strings.IndexByte(s, "\u061f"[0]) < 0 {
		return 0 // looked at character by character, a transcript takes long
	}
	n, before := 0, false
	for _, r := range s {
		is := r == '?' || r == '\uff1f' || r == '\u061f' // full width, Arabic
		if is && !before {
			n++
		}
		before = is
	}
	return n
}

// countWords counts words, a started one as whole.
func countWords(s string) int { return (halfWords(s) + 1) / 2 }

// cutWords returns the end of the longest beginning of s that has at most limit
// half words, but of at least one word.
func cutWords(s string, limit int) int {
	end, total := 0, 0
	for end < len(s) {
		next, halves := nextWord(s[end:])
		if total += halves; total > limit && end > 0 {
			break
		}
		end += next
	}
	return end
}

const (
	closers = `"'”’)]»」』）`
	// wideEnds end a sentence by themselves, ends do before a space.
	wideEnds = "。！？｡"
	ends     = ".!?…؟۔।"
)

// cutSentence returns the end of the first sentence of s.
func cutSentence(s string) int {
	ended, wide := false, false
	for i, r := range s {
		switch {
		case strings.ContainsRune(wideEnds, r):
			ended, wide = true, true
		case strings.ContainsRune(ends, r):
			ended = true
		case ended && strings.ContainsRune(closers, r):
		case ended && (wide || unicode.IsSpace(r)):
			return i
		default:
			ended = false
		}
	}
	return len(s)
}

// oneLine makes a text one line, with single spaces: a line break in what
// somebody said could pass for another speaker's line.
func oneLine(s string) string {
	if s = strings.Trim(s, " "); tidy(s) {
		return s
	}
	return strings.Join(strings.Fields(readable(s)), " ")
}

// tidy says that a text is one line of ASCII with single spaces, as most are.
func tidy(s string) bool {
	before := byte(0)
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return true
}

// readable drops control characters but line breaks and tabs.
func readable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
}
