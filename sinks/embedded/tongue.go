package embedded

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/turkish"
)

// FTS5's tokenizer knows one language for all rows, and that is English. An
// entry in one of these others has, in the column grams, the stem of each of
// its words too. Arabic's stemmer also takes vowel marks and the article away.
var stemmers = map[string]func(*snowballstem.Env) bool{
	"ar": arabic.Stem, "da": danish.Stem, "de": german.Stem, "es": spanish.Stem, "fi": finnish.Stem, "fr": french.Stem,
	"hu": hungarian.Stem, "it": italian.Stem, "nl": dutch.Stem, "no": norwegian.Stem, "pt": portuguese.Stem, "ro": romanian.Stem,
	"ru": russian.Stem, "sv": swedish.Stem, "tr": turkish.Stem,
}

// tongueOf is the stemmer's name for a BCP 47 tag: pt-BR is pt, nb is no; empty
// where there is none.
func tongueOf(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "-")
	if base == "nb" || base == "nn" {
		base = "no"
	}
	if stemmers[base] == nil {
		return ""
	}
	return base
}

// maxStemmed is the longest word that is stemmed, in bytes: a text without
// spaces is no word, and stemmers copy it at every step.
const maxStemmed = 100

// stemToken is how a word of the language stands in the column grams: one token,
// that is no word of any language, because stems of two are not the same word.
// It ends with a letter behind which the tokenizer takes no ending away.
// It is empty for what is not stemmed.
func stemToken(tongue, word string) string {
	if len(word) > maxStemmed {
		return ""
	}
	env := snowballstem.NewEnv(strings.ToLower(word))
	stemmers[tongue](env)
	letters := strings.Map(func(r rune) rune {
		if !unicode.In(r, unicode.L, unicode.N) {
			return -1
		}
		return r
	}, env.Current())
	if letters == "" {
		return ""
	}
	return "zz" + tongue + letters + "q"
}

// eachStem calls do for the words of a text in the language.
func eachStem(tongue, text string, do func(token string, start, end int)) {
	for _, r := range runsOf(text) {
		if r.unspaced {
			continue
		}
		if token := stemToken(tongue, text[r.start:r.end]); token != "" {
			do(token, r.start, r.end)
		}
	}
}

// stemsOf is what the column grams holds beside the grams.
func stemsOf(language, text string) string {
	tongue := tongueOf(language)
	if tongue == "" {
		return ""
	}
	var b strings.Builder
	eachStem(tongue, text, func(token string, _, _ int) { b.WriteString(token); b.WriteByte(' ') })
	return b.String()
}

// spoken are the languages, of those above, that the organisation's entries
// have. It goes from one value of the index to the next, and reads no others.
func spoken(ctx context.Context, tx *sql.Tx, org string) ([]string, error) {
	tags, err := collect(ctx, tx, func(r *sql.Rows) (string, error) {
		var tag string
		return tag, r.Scan(&tag)
	}, `WITH RECURSIVE tags (tag) AS (
			SELECT min(language) FROM entries WHERE org = ?1 AND live = 1
			UNION ALL
			SELECT (SELECT min(language) FROM entries WHERE org = ?1 AND live = 1 AND language > tag) FROM tags WHERE tag IS NOT NULL
		) SELECT tag FROM tags WHERE tag IS NOT NULL LIMIT 1000`, org)
	if err != nil {
		return nil, err
	}
	var tongues []string
	for _, tag := range tags {
		if t := tongueOf(tag); t != "" && !slices.Contains(tongues, t) {
			tongues = append(tongues, t)
		}
	}
	return tongues, nil
}

// stemmed looks for the terms by their stems too, in each of the languages: a
// query does not say which it is in.
func stemmed(terms []term, tongues []string) []term {
	for i, t := range terms {
		if runs := runsOf(t.text); t.gram || len(runs) != 1 || runs[0].end-runs[0].start != len(t.text) {
			continue // two words, or none
		}
		var tokens []string
		for _, tongue := range tongues {
			if token := stemToken(tongue, t.text); token != "" {
				tokens = append(tokens, token)
			}
		}
		terms[i].stems = strings.Join(tokens, " ")
	}
	return terms
}
