package embedded

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/porter"
	"golang.org/x/text/unicode/norm"

	"leadline/schemas"
	"leadline/sinks/embedded/inverted"
	"leadline/sinks/passage"
)

// analysis makes terms of texts, as FTS5's tokenizer and the column grams
// together have them. It remembers stems, as people use few words often; it is
// for one goroutine.
type analysis struct{ stems map[string]string }

// maxRemembered words are some 20 MB.
const maxRemembered = 200_000

func newAnalysis() *analysis { return &analysis{make(map[string]string)} }

// document is what the entry is found by.
func (a *analysis) document(id int64, kind, language, title, text string, speakers []string) inverted.Document {
	d := inverted.Document{
		ID: id, Groups: groupOf(kind), Label: strings.Join(passage.Voices(text, speakers), "\n"), Terms: make(map[string]inverted.Count),
	}
	tongue := tongueOf(language)
	d.Length = a.each(tongue, text, func(term string, _, _ int) {
		c := d.Terms[term]
		c.Text++
		d.Terms[term] = c
	})
	// Titles are in any language: only what was said is stemmed in its own.
	d.Length += a.each("", title, func(term string, _, _ int) {
		c := d.Terms[term]
		c.Title++
		d.Terms[term] = c
	})
	return d
}

// each calls do for the terms of a text and where they stand, and returns how
// many words it has.
func (a *analysis) each(tongue, text string, do func(term string, start, end int)) (words int) {
	runs := runsOf(text)
	for i, r := range runs {
		if r.unspaced {
			piece := func(gram string, start, end int) { do(strings.ToLower(gram), start, end); words++ }
			eachGram(text, r, 1, piece)
			eachGram(text, r, 2, piece)
			continue
		}
		words++
		word := text[r.start:r.end]
		do(a.base(word), r.start, r.end)
		if tongue != "" {
			if token := stemToken(tongue, word); token != "" {
				do(token, r.start, r.end)
			}
		}
		if i == 0 || !joined(text, runs[i-1], r) {
			if end := chain(text, runs[i:]); end > r.end {
				do(compound(text[r.start:end]), r.start, end)
			}
		}
	}
	return words
}

// base is the word without its accents and its English ending.
func (a *analysis) base(word string) string {
	if known, ok := a.stems[word]; ok {
		return known
	}
	base := unaccented(word)
	// FTS5 leaves short words as they are too. Porter would make "" of the s of
	// what's, and of TS the t of every don't.
	if len(base) > 2 && len(base) <= maxStemmed {
		env := snowballstem.NewEnv(base)
		porter.Stem(env)
		base = env.Current()
	}
	if len(a.stems) >= maxRemembered {
		clear(a.stems)
	}
	a.stems[strings.Clone(word)] = base
	return base
}

// unaccented is the word in lower case and without accents, and no longer than what
// is stemmed: a text without spaces is no word.
func unaccented(word string) string {
	if len(word) > maxStemmed {
		end := maxStemmed
		for !utf8.RuneStart(word[end]) {
			end--
		}
		word = word[:end]
	}
	lower := strings.ToLower(word)
	for i := range len(lower) {
		if lower[i] >= utf8.RuneSelf {
			return strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Mn, r) {
					return -1
				}
				return r
			}, plain.Replace(norm.NFKD.String(lower)))
		}
	}
	return strings.Clone(lower)
}

// plain writes letters that have no accent to lose as people type them who do not
// have them, as Elasticsearch's asciifolding does, and one Greek letter in one way.
var plain = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "ς", "σ")

// compound is what single sign-on or 3.5 stand as beside their parts, so that
// who asks for them does not find all that has a 3 and a 5.
func compound(words string) string { return "+" + unaccented(words) }

// joined says whether one sign alone is between two runs. An apostrophe joins
// nothing: what stands before or behind it is no part of the word.
func joined(text string, a, b run) bool {
	return !a.unspaced && !b.unspaced && b.start == a.end+1 && strings.IndexByte(".-_@+#&", text[a.end]) >= 0
}

// chain is where the runs end that are joined to the first.
func chain(text string, runs []run) int {
	end := 0
	for end+1 < len(runs) && joined(text, runs[end], runs[end+1]) {
		end++
	}
	return runs[end].end
}

// wanted are the terms of a query as the index in memory has them.
func (a *analysis) wanted(terms []term) []inverted.Term {
	var all []inverted.Term
	for _, t := range terms {
		weight := 1.0
		if t.asks {
			weight = weightAsking
		}
		add := func(text string, share float64) { all = append(all, inverted.Term{Text: text, Weight: weight * share}) }
		runs := runsOf(t.text)
		switch {
		case t.gram:
			add(t.text, weightGrams)
		case len(runs) > 1:
			add(compound(t.text), 1)
			for _, r := range runs {
				if part := t.text[r.start:r.end]; utf8.RuneCountInString(part) > 1 && !stopped(part) {
					add(a.base(part), weightPart)
				}
			}
		default:
			add(a.base(t.text), 1)
		}
		for token := range strings.FieldsSeq(t.stems) {
			add(token, weightGrams)
		}
	}
	return all
}

// marks are the ranges of a text that hold the terms, rising and apart.
func (a *analysis) marks(language, text string, wanted []inverted.Term) [][2]int {
	if len(text) > maxMarkedBytes {
		return nil
	}
	terms := make(map[string]bool, len(wanted))
	for _, t := range wanted {
		terms[t.Text] = true
	}
	var ranges [][2]int
	a.each(tongueOf(language), text, func(term string, start, end int) {
		if terms[term] {
			ranges = append(ranges, [2]int{start, end})
		}
	})
	return apart(ranges)
}

func stopped(word string) bool {
	for _, list := range stopLists {
		if list[word] {
			return true
		}
	}
	return false
}

// groups of entries are their kinds.
var kinds = []string{schemas.EntryTranscript, schemas.EntrySummary, schemas.EntryActionItems, schemas.EntryDistilled}

const otherKind = 1 << 7

func groupOf(kind string) uint8 {
	for i, k := range kinds {
		if k == kind {
			return 1 << i
		}
	}
	return otherKind
}

// groupsOf is for any of the kinds; all where there are none.
func groupsOf(some []string) uint8 {
	if len(some) == 0 {
		return 0xFF
	}
	var groups uint8
	for _, k := range some {
		groups |= groupOf(k)
	}
	return groups
}
