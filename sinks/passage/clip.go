package passage

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"leadline/schemas"
)

// MaxWords is the longest text of a result. Two chunks are shorter; a summary
// is as long as the recorder wrote it, and would push the others off the page.
const MaxWords = 250

// Hit is what is shown of the passage: its parts in one, no longer than
// MaxWords, with a link to the part that answers. Parts are those of Entries
// that are there, at least one.
func (p Passage) Hit(parts []schemas.Hit) schemas.Hit {
	whole := Merge(parts)
	if i := slices.IndexFunc(parts, func(h schemas.Hit) bool { return h.Entry.ID == p.Best }); i > 0 {
		whole.Entry.URL = parts[i].Entry.URL
	}
	whole = clip(whole, MaxWords)
	whole.Score, whole.Cursor = p.Score, p.Cursor()
	return whole
}

// clip keeps the words about most of the marks; of equally good places the
// first.
func clip(h schemas.Hit, most int) schemas.Hit {
	words := wordsOf(h.Entry.Text)
	if sizeOf(words) <= 2*most {
		return h
	}
	begin, end := densest(words, h.Marks, 2*most)
	from, to := words[begin].from, words[end-1].to
	kept := h.Marks[:0:0]
	for _, m := range h.Marks {
		if m[0] >= from && m[1] <= to {
			kept = append(kept, [2]int{m[0] - from, m[1] - from})
		}
	}
	h.Entry.Text, h.Marks = h.Entry.Text[from:to], kept
	return h
}

// word is [from, to) of a text, with its size in half words: two characters of
// a script without spaces say about as much as a word.
type word struct{ from, to, size int }

func wordsOf(text string) []word {
	var words []word
	inside := false
	for i, r := range text {
		if unicode.IsSpace(r) {
			inside = false
			continue
		}
		_, width := utf8.DecodeRuneInString(text[i:])
		dense := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
		switch {
		case dense:
			words = append(words, word{i, i + width, 1})
			inside = false
		case inside:
			words[len(words)-1].to = i + width
		default:
			words = append(words, word{i, i + width, 2})
			inside = true
		}
	}
	return words
}

func sizeOf(words []word) int {
	sum := 0
	for _, w := range words {
		sum += w.size
	}
	return sum
}

// densest finds the words [begin, end) that hold most marks, with about as
// much before the first of these as behind the last.
func densest(words []word, marks [][2]int, limit int) (begin, end int) {
	marked := make([]int, len(words)) // how many marks begin in each word
	for i, m := 0, 0; i < len(words) && m < len(marks); i++ {
		for ; m < len(marks) && marks[m][0] < words[i].to; m++ {
			marked[i]++
		}
	}
	first, last, most := 0, 0, 0
	for b, e, size, n := 0, 0, 0, 0; e < len(words); e++ {
		size, n = size+words[e].size, n+marked[e]
		for ; size > limit; b++ {
			size, n = size-words[b].size, n-marked[b]
		}
		if n > most {
			first, last, most = b, e, n
		}
	}
	for first < last && marked[first] == 0 {
		first++
	}
	begin, end = first, last+1
	size := sizeOf(words[begin:end])
	for grew := true; grew; {
		grew = false
		if begin > 0 && most > 0 && size+words[begin-1].size <= limit {
			begin--
			size, grew = size+words[begin].size, true
		}
		if end < len(words) && size+words[end].size <= limit {
			size, grew = size+words[end].size, true
			end++
		}
	}
	return begin, end
}
