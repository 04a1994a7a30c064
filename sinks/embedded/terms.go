package embedded

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"leadline/sinks/passage"
)

// term is one thing that a query looks for.
type term struct {
	text  string // in lower case
	gram  bool   // a piece of a script without spaces: looked for in grams only
	stop  bool   // dropped where others remain
	asks  bool   // counts half where others remain
	stems string // tokens of stemToken by which it is found too
}

// maxTerms bounds the lists that FTS5 merges for one query.
const maxTerms = 48

// expression is the term in FTS5's query language. Every character of the user
// stands between quotes, where only the quote itself has a meaning.
func (t term) expression() string {
	quoted := `"` + strings.ReplaceAll(t.text, `"`, `""`) + `"`
	if t.gram {
		return "grams : " + quoted
	}
	if t.stems == "" {
		return quoted
	}
	return "(" + quoted + ` OR grams : "` + strings.ReplaceAll(t.stems, " ", `" OR grams : "`) + `")`
}

// anyOf is the expression for at least one of the terms. bm25() knows no weights
// of terms, but counts one twice that stands there twice.
func anyOf(terms []term) string {
	asked := slices.ContainsFunc(terms, func(t term) bool { return t.asks })
	var parts []string
	for _, t := range terms {
		parts = append(parts, t.expression())
		if asked && !t.asks {
			parts = append(parts, t.expression())
		}
	}
	return strings.Join(parts, " OR ")
}

// termsOf takes a query apart: into words, of which those with signs inside
// (3.5, e-mail) are phrases, and into pairs of characters of scripts without
// spaces. Words that carry no meaning are left out where others remain.
func termsOf(query string) []term {
	var all []term
	seen := make(map[term]bool)
	add := func(t term) {
		if !seen[t] {
			seen[t] = true
			all = append(all, t)
		}
	}
	fields := strings.FieldsFunc(strings.ToLower(query), separates)
	stops := stopWords(fields)
	for _, field := range fields {
		if strings.IndexFunc(field, unspaced) < 0 {
			if word := strings.TrimFunc(field, func(r rune) bool { return !inWord(r) }); word != "" {
				word = stem(word)
				add(term{text: word, stop: stops[word], asks: passage.Asks(word)})
			}
			continue
		}
		for _, r := range runsOf(field) {
			if !r.unspaced {
				add(term{text: field[r.start:r.end]})
				continue
			}
			size := min(2, utf8.RuneCountInString(field[r.start:r.end]))
			eachGram(field, r, size, func(gram string, _, _ int) {
				add(term{text: gram, gram: true, stop: onlyHiragana(gram)})
			})
		}
	}
	meaningful := make([]term, 0, len(all))
	for _, t := range all {
		if !t.stop {
			meaningful = append(meaningful, t)
		}
	}
	if len(meaningful) == 0 {
		meaningful = all
	}
	return meaningful[:min(len(meaningful), maxTerms)]
}

// separates says where one field of a query ends: at everything but what words
// and the signs inside of them are made of.
func separates(r rune) bool { return !inWord(r) && !strings.ContainsRune(".-_'’@+#&", r) }

// onlyHiragana are mostly particles and endings: Japanese has no lists of stop
// words that could be told without a dictionary.
func onlyHiragana(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.Is(unicode.Hiragana, r) }) < 0
}
