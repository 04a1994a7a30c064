package normalize

import (
	"strings"
	"unicode"

	"github.com/abadojack/whatlanggo"

	"leadline/schemas"
)

const (
	// sampleBytes of what was said tell the language; more only cost time.
	sampleBytes = 8 << 10

	// leastSample: short talk is greetings and names, which look like any
	// language. No tag is better than a wrong one, which hides the meeting from
	// who narrows by language.
	leastSample = 80

	// enough letters for the likeliest language to be the right one.
	enough = 400
)

// told are the languages that are looked for. Of all that the module knows,
// many would be found in bad transcripts, and hardly any in business.
var told = whatlanggo.Options{Whitelist: map[whatlanggo.Lang]bool{
	whatlanggo.Eng: true, whatlanggo.Deu: true, whatlanggo.Fra: true, whatlanggo.Spa: true, whatlanggo.Ita: true, whatlanggo.Por: true,
	whatlanggo.Nld: true, whatlanggo.Swe: true, whatlanggo.Dan: true, whatlanggo.Nob: true, whatlanggo.Fin: true, whatlanggo.Rus: true,
	whatlanggo.Ukr: true, whatlanggo.Pol: true, whatlanggo.Ces: true, whatlanggo.Hun: true, whatlanggo.Ron: true, whatlanggo.Tur: true,
	whatlanggo.Arb: true, whatlanggo.Pes: true, whatlanggo.Heb: true,
}}

// spokenLanguage is the ISO 639-1 code of what most of the transcript is in;
// empty where it cannot be told.
func spokenLanguage(turns []schemas.Turn) string {
	text := sample(turns)
	letters := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			letters += 4 // says as much as a short word
		case unicode.IsLetter(r):
			letters++
		}
	}
	if letters < leastSample {
		return ""
	}
	found := whatlanggo.DetectWithOptions(text, told)
	// What sets Spanish apart from Portuguese, or Russian from Ukrainian, is
	// never called reliable; in so much text it is right.
	if found.Lang < 0 || letters < enough && !found.IsReliable() {
		return ""
	}
	return found.Lang.Iso6391()
}

// sample is from the middle of the meeting: it may begin and end with small
// talk in another language.
func sample(turns []schemas.Turn) string {
	total := 0
	for _, t := range turns {
		total += len(t.Text)
	}
	before := (total - sampleBytes) / 2
	var b strings.Builder
	for _, t := range turns {
		text := t.Text
		if skip := min(max(before, 0), len(text)); skip > 0 {
			before, text = before-skip, text[skip:]
		}
		b.WriteString(text[:min(len(text), sampleBytes-b.Len())])
		if b.Len() == sampleBytes {
			break
		}
		b.WriteByte('\n')
	}
	return strings.ToValidUTF8(b.String(), "")
}
