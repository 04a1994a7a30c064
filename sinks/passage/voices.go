package passage

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// loud is the share of a chunk that a voice of it has at least.
	loud = 0.3
	// weightVoice is what it adds that the question names one, as a share of the
	// best score of all chunks.
	weightVoice = 0.15
)

// Voices are those of the speakers who say much of an entry, whose text has
// lines "Speaker: what was said".
func Voices(text string, speakers []string) []string {
	all, said := 0, make(map[string]int)
	for line := range strings.SplitSeq(text, "\n") {
		name := ""
		for _, s := range speakers {
			if len(s) > len(name) && strings.HasPrefix(line, s+": ") {
				name = s
			}
		}
		said[name] += len(line) - len(name)
		all += len(line) - len(name)
	}
	var loudest []string
	for _, s := range speakers {
		if s != "" && float64(said[s]) >= loud*float64(all) && said[s] > 0 && !slices.Contains(loudest, s) {
			loudest = append(loudest, s)
		}
	}
	return loudest
}

// Heard adds to the scores of chunks in which somebody speaks whom the question
// names. The words of a name are in the text too, but as often where that person
// says little.
func Heard(question string, found []Chunk) []Chunk {
	best := 0.0
	names := make(map[string]naming)
	asked := newAsked(question)
	most := notNamed
	for _, c := range found {
		best = max(best, c.Score)
		for _, v := range c.Voices {
			if _, known := names[v]; !known {
				names[v] = asked.names(v)
				most = max(most, names[v])
			}
		}
	}
	if most == notNamed {
		return found
	}
	heard := slices.Clone(found)
	for i, c := range heard {
		if slices.ContainsFunc(c.Voices, func(v string) bool { return names[v] == most }) {
			heard[i].Score += weightVoice * best
		}
	}
	return heard
}

// naming is how surely a question names somebody.
type naming int

const (
	notNamed naming = iota
	byFirstName
	byLastName
	byName
)

// asked is a question to be looked for names in.
type asked struct {
	text     string          // its words in lower case, with a space around each
	capitals map[string]bool // words with a capital letter, but the first: Will they pay?
}

func newAsked(question string) asked {
	words := namesOf(question)
	a := asked{spaced(words), make(map[string]bool)}
	for i, w := range words {
		if first, _ := utf8.DecodeRuneInString(w); i > 0 && unicode.IsUpper(first) {
			a.capitals[w] = true
		}
	}
	return a
}

// names says whether the question has the name, without letters that stand
// alone, or two words of it that follow each other; or else the last word, or the
// first, as people call each other.
func (a asked) names(name string) naming {
	if open := strings.IndexByte(name, '('); open > 0 {
		name = name[:open] // what somebody is
	}
	all := namesOf(name)
	if len(all) == 0 {
		return notNamed
	}
	long := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return utf8.RuneCountInString(w) == 1 })
	if strings.Contains(a.text, spaced(all)) || len(spaced(long)) > len(" anna ") && strings.Contains(a.text, spaced(long)) {
		return byName
	}
	for i := 1; i < len(long); i++ {
		if strings.Contains(a.text, spaced(long[i-1:i+1])) {
			return byName
		}
	}
	if last := all[len(all)-1]; len(all) > 1 && utf8.RuneCountInString(last) > 3 && a.capitals[last] {
		return byLastName
	}
	if first := all[0]; len(all) > 1 && utf8.RuneCountInString(first) > 2 && a.capitals[first] {
		return byFirstName
	}
	return notNamed
}

func namesOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.N, unicode.M) })
}

func spaced(words []string) string { return strings.ToLower(" " + strings.Join(words, " ") + " ") }
