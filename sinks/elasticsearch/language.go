package elasticsearch

import "strings"

// tongue is how the texts of some languages are analysed. A text stands in the
// field of its own tongue only, so that each costs one analysis and words are
// counted among texts of their language.
type tongue struct {
	field     string   // text.<field>
	languages []string // ISO 639-1; none for the tongue of everything else
	stemmer   string   // of Snowball; empty for none
	stops     []string // left out of queries, beside the English ones
}

// Stop words are left out of what is asked and not of what is stored: where
// nothing else is asked, they are looked for.
var tongues = []tongue{
	// Business is full of English words, so what is not known is stemmed as
	// English. Its queries may be in any of the larger languages.
	{field: "und", stemmer: "Porter", stops: []string{"_german_", "_french_", "_spanish_", "_italian_", "_portuguese_", "_dutch_"}},
	{field: "en", languages: []string{"en"}, stemmer: "Porter"},
	{field: "de", languages: []string{"de"}, stemmer: "German", stops: []string{"_german_"}},
	{field: "fr", languages: []string{"fr"}, stemmer: "French", stops: []string{"_french_"}},
	{field: "es", languages: []string{"es"}, stemmer: "Spanish", stops: []string{"_spanish_"}},
	{field: "it", languages: []string{"it"}, stemmer: "Italian", stops: []string{"_italian_"}},
	{field: "pt", languages: []string{"pt"}, stemmer: "Portuguese", stops: []string{"_portuguese_"}},
	{field: "nl", languages: []string{"nl"}, stemmer: "Dutch", stops: []string{"_dutch_"}},
	{field: "sv", languages: []string{"sv"}, stemmer: "Swedish", stops: []string{"_swedish_"}},
	{field: "da", languages: []string{"da"}, stemmer: "Danish", stops: []string{"_danish_"}},
	{field: "no", languages: []string{"no", "nb", "nn"}, stemmer: "Norwegian", stops: []string{"_norwegian_"}},
	{field: "fi", languages: []string{"fi"}, stemmer: "Finnish", stops: []string{"_finnish_"}},
	{field: "ru", languages: []string{"ru"}, stemmer: "Russian", stops: []string{"_russian_"}},
	{field: "ar", languages: []string{"ar"}, stemmer: "Arabic", stops: []string{"_arabic_"}},
	{field: "pl", languages: []string{"pl"}}, // its stemmer is a plugin
	{field: "cjk", languages: []string{"zh", "ja", "ko"}, stemmer: "Porter"},
}

// englishQuestions are the words of a question that the list _english_ lacks.
var englishQuestions = strings.Fields(`about been can could did do does from had has have he her his how i its
	may me might my our shall she should so than us we were what when where which who whom whose why would you your`)

// fieldOf is the tongue's field for a BCP 47 tag: pt-BR is pt.
func fieldOf(language string) string {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(language, "_", "-")), "-")
	for _, t := range tongues {
		for _, l := range t.languages {
			if l == base {
				return t.field
			}
		}
	}
	return tongues[0].field
}

// stored is the analyzer of what is indexed, asked that of queries.
func (t tongue) stored() string { return "leadline_" + t.field }
func (t tongue) asked() string  { return "leadline_" + t.field + "_query" }

// analysis is the part of an index's settings that defines the analyzers. It
// uses only what every distribution of Elasticsearch brings along.
func analysis() object {
	filters := object{
		// l'offre, dell'anno, customer's, we're: what an apostrophe joins to a word.
		"leadline_joined": object{
			"type": "pattern_replace", "replacement": "",
			"pattern": "^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|un|all|dall|dell|nell|sull|quell)'|'(?:s|re|ve|ll|d|m)$",
		},
		// In scripts without spaces each character and each two neighbours are
		// stored. Asked are the pairs, and a character only where it stands alone.
		"leadline_pieces": object{"type": "cjk_bigram", "output_unigrams": true},
		"leadline_pairs":  object{"type": "cjk_bigram"},
	}
	analyzers := object{}
	for _, t := range tongues {
		stop := "leadline_stop_" + t.field
		filters[stop] = object{"type": "stop", "stopwords": append(append([]string{"_english_"}, englishQuestions...), t.stops...)}
		words := []string{"cjk_width", "lowercase", "decimal_digit", "leadline_joined"}
		var roots []string
		if t.stemmer != "" {
			stem := "leadline_stem_" + t.field
			filters[stem] = object{"type": "snowball", "language": t.stemmer}
			roots = append(roots, stem)
		}
		// Folded last: a stemmer knows the endings of its language with their
		// accents.
		roots = append(roots, "asciifolding")
		chain := func(parts ...[]string) object {
			var all []string
			for _, p := range parts {
				all = append(all, p...)
			}
			return object{"type": "custom", "char_filter": []string{"leadline_signs"}, "tokenizer": "standard", "filter": all}
		}
		analyzers[t.stored()] = chain(words, roots, []string{"leadline_pieces"})
		analyzers[t.asked()] = chain(words, []string{stop}, roots, []string{"leadline_pairs"})
	}
	return object{
		"char_filter": object{"leadline_signs": object{"type": "mapping", "mappings": []string{
			"\u2019=>'",
			// Arabic is written with and without the hamza, and with strokes that
			// only lengthen a word.
			"\u0623=>\u0627", "\u0625=>\u0627", "\u0622=>\u0627", "\u0649=>\u064a", "\u0640=>",
		}}},
		"filter":   filters,
		"analyzer": analyzers,
	}
}
