package distill

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"leadline/schemas"
)

// Exclusion is a keyword rule that keeps a meeting from being learned.
type Exclusion struct {
	Rule  schemas.LearningRule
	Where string // title, summary, action item, turn 12
	// Found is the phrase as it stands there, and no more: what is around it is
	// what nobody wants repeated.
	Found string
}

func (e Exclusion) String() string {
	return fmt.Sprintf("the keyword rule %s: %q in the %s", e.Rule.ID, excerpt(e.Found), e.Where)
}

// Excluded looks for the phrases of the keyword rules in all that the recorder
// says of a meeting: its titles, summary, action items and transcript. The first
// rule that is met counts.
func Excluded(rules schemas.RuleSet, m *schemas.Meeting) (Exclusion, bool) {
	keywords := rules.Of(schemas.RuleKeyword)
	if len(keywords) == 0 {
		return Exclusion{}, false
	}
	texts := textsOf(m)
	for _, r := range keywords {
		phrase := fold(r.Text).text
		for i := range texts {
			if found, ok := texts[i].find(phrase); ok {
				return Exclusion{Rule: r, Where: texts[i].where, Found: found}, true
			}
		}
	}
	return Exclusion{}, false
}

type searched struct {
	where string
	foldedText
}

func textsOf(m *schemas.Meeting) []searched {
	var all []searched
	add := func(where, text string) {
		if text != "" {
			all = append(all, searched{where, fold(text)})
		}
	}
	add("title", m.Title)
	if m.CalendarTitle != nil {
		add("calendar title", *m.CalendarTitle)
	}
	if m.Summary != nil && m.Summary.Markdown != nil {
		// Marks of emphasis may stand within a phrase.
		add("summary", strings.NewReplacer("*", "", "_", " ", "`", "").Replace(*m.Summary.Markdown))
	}
	for _, a := range m.ActionItems {
		add("action items", a.Description)
	}
	// Recorders cut a speech into turns where somebody draws breath, and so may
	// cut a phrase.
	for i := 0; i < len(m.Turns); {
		first, text := i, m.Turns[i].Text
		for i++; i < len(m.Turns) && m.Turns[i].Speaker == m.Turns[first].Speaker; i++ {
			text += " " + m.Turns[i].Text
		}
		add(fmt.Sprintf("transcript from turn %d", first), text)
	}
	return all
}

// foldedText is a text without case and with single spaces, and where each byte
// of it comes from.
type foldedText struct {
	text   string
	origin string
	from   []int // by byte of text; one more for its end
}

// fold composes, folds case, and makes white space single spaces, so that two
// texts that read alike are alike. It goes word by word, which keeps track of
// where in the original a byte stands: folding changes lengths.
func fold(text string) foldedText {
	f := foldedText{origin: text}
	var b strings.Builder
	caser := cases.Fold()
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			i += n
			continue
		}
		end := i
		for end < len(text) {
			r, n := utf8.DecodeRuneInString(text[end:])
			if unicode.IsSpace(r) {
				break
			}
			end += n
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
			f.from = append(f.from, i)
		}
		for start := i; start < end; {
			// A base letter and its accents are folded together.
			next := start + max(1, norm.NFC.NextBoundaryInString(text[start:end], true))
			piece := norm.NFC.String(caser.String(norm.NFC.String(text[start:next])))
			b.WriteString(piece)
			for range len(piece) {
				f.from = append(f.from, start)
			}
			start = next
		}
		i = end
	}
	f.text, f.from = b.String(), append(f.from, len(text))
	return f
}

// find returns the phrase as the original has it, where it stands as whole words.
func (f foldedText) find(phrase string) (string, bool) {
	if phrase == "" {
		return "", false
	}
	for at := 0; ; {
		i := strings.Index(f.text[at:], phrase)
		if i < 0 {
			return "", false
		}
		start, end := at+i, at+i+len(phrase)
		if apart(f.text, start) && apart(f.text, end) {
			return strings.TrimSpace(f.origin[f.from[start]:f.from[end]]), true
		}
		_, n := utf8.DecodeRuneInString(f.text[start:])
		at = start + n
	}
}

// apart says whether no word goes on over the place. Scripts that write without
// spaces have no such places: there, every one will do.
func apart(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at:])
	if at == 0 || at == len(text) {
		return true
	}
	return !inWord(before) || !inWord(after) || unspaced(before) || unspaced(after)
}

func inWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
