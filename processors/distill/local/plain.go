package local

import (
	"strings"
	"unicode"
)

// plain brings a sentence into the form that the tables are written for: lower
// case, one space between words and around it, contractions written out, fillers
// left out, a comma wherever a pause is and a full stop at the end. "I'll, um,
// send it!" becomes " i will , send it . ".
func plain(sentence string) string {
	var b strings.Builder
	b.WriteByte(' ')
	pause := true // no comma at the start
	write := func(w string) {
		if w == "" || fillers[w] {
			return
		}
		b.WriteString(w)
		b.WriteByte(' ')
		pause = false
	}
	for _, field := range strings.FieldsFunc(strings.ToLower(sentence), cutsWords) {
		field = strings.ReplaceAll(field, "\u2019", "'")
		word := strings.TrimRightFunc(field, isPause)
		stops := word != field
		word = strings.Trim(strings.TrimLeftFunc(word, isPause), "'")
		if long, found := contractions[word]; found {
			word = long
		} else {
			word = ending(word)
		}
		write(word)
		if stops && !pause {
			b.WriteString(", ")
			pause = true
		}
	}
	return strings.TrimSuffix(b.String(), ", ") + ". "
}

// words is plain without the end.
func words(s string) string { return strings.TrimSuffix(plain(s), ". ")[1:] }

func cutsWords(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("-/\u2010\u2011", r) }

func isPause(r rune) bool {
	return strings.ContainsRune(",;:.!?()[]\"\u201c\u201d\u2018\u2026\u2013\u2014\u00bf\u00a1", r)
}

// ending writes out what hangs on a word: we'll, they've, report's.
func ending(word string) string {
	for _, e := range []struct{ short, long string }{
		{"n't", " not"}, {"'ll", " will"}, {"'ve", " have"}, {"'re", " are"}, {"'d", " would"}, {"'m", " am"},
	} {
		if stem, found := strings.CutSuffix(word, e.short); found {
			return stem + e.long
		}
	}
	return word
}

var contractions = map[string]string{
	"it's": "it is", "that's": "that is", "there's": "there is", "what's": "what is", "he's": "he is", "she's": "she is",
	"who's": "who is", "where's": "where is", "how's": "how is", "here's": "here is", "everything's": "everything is",
	"let's": "let us", "can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not",
	"ain't": "is not", "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "can not", "wont": "will not",
	"isnt": "is not", "wasnt": "was not", "im": "i am", "ive": "i have", "thats": "that is", "youll": "you will",
	"gonna": "going to", "wanna": "want to", "gotta": "got to", "licenses": "licences", "license": "licence",
}

var fillers = map[string]bool{
	"um": true, "uh": true, "er": true, "erm": true, "hmm": true, "mhm": true, "äh": true, "ähm": true, "eh": true,
}

// marked is plain with a sign behind every name: @ for somebody in the meeting,
// # for what else is written like a name.
func marked(sentence string, people map[string]bool) string {
	var b strings.Builder
	b.WriteByte(' ')
	for i, field := range strings.Fields(sentence) {
		word := strings.TrimFunc(field, func(r rune) bool { return !unicode.IsLetter(r) })
		if word == "" || strings.ContainsAny(word, "'\u2019") {
			b.WriteString(words(field))
			continue
		}
		p := strings.TrimSpace(words(field))
		bare := strings.TrimSuffix(p, " ,")
		switch {
		case people[bare]:
			p = bare + "@" + strings.TrimPrefix(p, bare)
		case looksLikeName(word) && !notNames[bare] && (i > 0 || !openers[bare]):
			p = bare + "#" + strings.TrimPrefix(p, bare)
		}
		if p != "" {
			b.WriteString(p)
			b.WriteByte(' ')
		}
		if strings.ContainsAny(field[len(strings.TrimRightFunc(field, isPause)):], ",;:") {
			b.WriteString(", ")
		}
	}
	return b.String()
}

func looksLikeName(word string) bool {
	for i, r := range word {
		if i == 0 && !unicode.IsUpper(r) || i > 0 && !unicode.IsLower(r) {
			return false
		}
	}
	return len(word) > 2
}

// notNames are written like names and do nothing on their own; openers are
// common at the start of a sentence, where every word is.
var (
	notNames = wordSet(`monday tuesday wednesday thursday friday saturday sunday january february march april may june july
		august september october november december english german french spanish excel outlook teams slack salesforce
		google microsoft zoom jira hubspot whatsapp android windows iphone internet`)
	openers = wordSet(`a after all also although and another any anybody anyone anything are as at because before both but by
		can could did do does each either even every everybody everyone everything few finally first for frankly from
		half has have he help here his honestly how however if in instead is it its just last later let like many maybe
		more most much my new next no nobody none not nothing now of okay on once one only or other our people perhaps
		please right same she should since so some somebody someone something sometimes sorry still such sure thanks
		that the their them then there these they this those though time to today tomorrow tonight two under unless until
		users very was we well were what whatever when whenever where which while who whoever why will with without would yeah
		yes yesterday you your users customers`)
)

func wordSet(words string) map[string]bool {
	s := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		s[w] = true
	}
	return s
}
