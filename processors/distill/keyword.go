package distill

import (
	"fmt"
	"iter"
	"slices"
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
	Where string // for people: title, summary, action items, transcript from turn 12
	Place string // schemas.PlaceTitle, ...
	Turn  int32  // in which it begins; -1 where it is not in the transcript
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
	for x := range exclusions(rules, m) {
		return x, true
	}
	return Exclusion{}, false
}

// exclusions are those of all rules that are met, each where it is met first.
func exclusions(rules schemas.RuleSet, m *schemas.Meeting) iter.Seq[Exclusion] {
	return func(yield func(Exclusion) bool) {
		keywords := rules.Of(schemas.RuleKeyword)
		if len(keywords) == 0 {
			return
		}
		texts := textsOf(m)
		for _, r := range keywords {
			if x, met := foundIn(fold(r.Text).text, texts); met {
				x.Rule = r
				if !yield(x) {
					return
				}
			}
		}
	}
}

func foundIn(phrase string, texts []searched) (Exclusion, bool) {
	for i := range texts {
		if found, at, ok := texts[i].find(phrase); ok {
			return Exclusion{Where: texts[i].where, Place: texts[i].place, Turn: texts[i].turnAt(at), Found: found}, true
		}
	}
	return Exclusion{}, false
}

type searched struct {
	place, where string
	first        int   // turn; -1 outside of the transcript
	begins       []int // where each turn from the first begins in the text
	foldedText
}

// turnAt is the turn that has the byte.
func (s searched) turnAt(at int) int32 {
	if s.first < 0 {
		return -1
	}
	n, found := slices.BinarySearch(s.begins, at)
	if !found {
		n--
	}
	return int32(s.first + n) //nolint:gosec // a transcript of 8 MiB has fewer turns
}

func textsOf(m *schemas.Meeting) []searched {
	var all []searched
	add := func(place, where, text string) {
		if text != "" {
			all = append(all, searched{place: place, where: where, first: -1, foldedText: fold(text)})
		}
	}
	add(schemas.PlaceTitle, "title", m.Title)
	if m.CalendarTitle != nil {
		add(schemas.PlaceCalendarTitle, "calendar title", *m.CalendarTitle)
	}
	if m.Summary != nil && m.Summary.Markdown != nil {
		// Marks of emphasis may stand within a phrase.
		add(schemas.PlaceSummary, "summary", strings.NewReplacer("*", "", "_", " ", "`", "").Replace(*m.Summary.Markdown))
	}
	for _, a := range m.ActionItems {
		add(schemas.PlaceActionItem, "action items", a.Description)
	}
	// Recorders cut a speech into turns where somebody draws breath, and so may
	// cut a phrase.
	for i := 0; i < len(m.Turns); {
		first, begins := i, []int{0}
		// Where nobody is named, the whole meeting is one speech.
		var speech strings.Builder
		speech.WriteString(m.Turns[i].Text)
		for i++; i < len(m.Turns) && m.Turns[i].Speaker == m.Turns[first].Speaker; i++ {
			speech.WriteByte(' ')
			begins = append(begins, speech.Len())
			speech.WriteString(m.Turns[i].Text)
		}
		if text := speech.String(); text != "" {
			all = append(all, searched{
				place: schemas.PlaceTranscript, where: fmt.Sprintf("transcript from turn %d", first), first: first, begins: begins, foldedText: fold(text),
			})
		}
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
			// Nothing joins two of ASCII: most of what is said needs no more than that.
			if c := text[start]; c < utf8.RuneSelf && (start+1 == end || text[start+1] < utf8.RuneSelf) {
				if 'A' <= c && c <= 'Z' {
					c += 'a' - 'A'
				}
				b.WriteByte(c)
				f.from = append(f.from, start)
				start++
				continue
			}
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

// find returns the phrase as the original has it, where it stands as whole
// words, and at which byte.
func (f foldedText) find(phrase string) (found string, at int, ok bool) {
	if phrase == "" {
		return "", 0, false
	}
	for from := 0; ; {
		i := strings.Index(f.text[from:], phrase)
		if i < 0 {
			return "", 0, false
		}
		start, end := from+i, from+i+len(phrase)
		if apart(f.text, start) && apart(f.text, end) {
			return strings.TrimSpace(f.origin[f.from[start]:f.from[end]]), f.from[start], true
		}
		_, n := utf8.DecodeRuneInString(f.text[start:])
		from = start + n
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
