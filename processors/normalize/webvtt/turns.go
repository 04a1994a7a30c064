package webvtt

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Turn is what one speaker said in one go.
type Turn struct {
	Speaker    string // empty where the file does not say and nobody spoke before
	Text       string
	Start, End time.Duration
}

const (
	// A subtitle is cut where the screen ends, in the middle of a sentence. Cues of
	// one speaker are one turn while he pauses no longer than a breath, so that a
	// quote can go over the cut;
	breath = 2 * time.Second
	// and only for so long that the turn's start still tells where in the recording
	// a sentence of it is.
	longest = 30 * time.Second
	// Nobody says so many bytes in that time. Without it a file whose cues are all of
	// one moment is added up by copying all before each.
	wordiest = 16 << 10

	// A longer or wordier text before a colon is a sentence.
	longestName = 64
	mostWords   = 6
)

// Turns finds the speakers of cues and puts together what belongs together.
// Participants are the names that are known; they settle what is ambiguous.
//
// The speaker is what stands before the first ": " of a cue's first line. Where
// that is no name (it has the end of a sentence in it, is too long, or begins small
// and comes once), or there is none, the speaker of the cue before goes on. A known
// name may have a colon in it.
func Turns(cues []Cue, participants []string) []Turn {
	known := make(map[string]bool)
	for _, name := range participants {
		known[strings.ToLower(oneSpace(name))] = true
	}
	seen := make(map[string]int)
	for _, c := range cues {
		if name, _, ok := strings.Cut(c.Lines[0]+" ", ": "); ok {
			if seen[name]++; seen[name] == 2 && couldBeName(name) {
				known[strings.ToLower(name)] = true
			}
		}
	}
	var turns []Turn
	speaker := ""
	for _, c := range cues {
		text := strings.Join(c.Lines, " ")
		name, rest := c.Voice, text
		if name == "" {
			name, rest = split(text, c.Lines[0], known)
		}
		if name == "" {
			name = speaker
		}
		speaker = name
		if rest == "" {
			continue
		}
		if n := len(turns); n > 0 {
			if last := &turns[n-1]; last.Speaker == name && c.Start >= last.Start && c.Start-last.End <= breath && c.End-last.Start <= longest && len(last.Text) < wordiest {
				last.Text += " " + rest
				last.End = max(last.End, c.End)
				continue
			}
		}
		turns = append(turns, Turn{Speaker: name, Text: rest, Start: c.Start, End: c.End})
	}
	return turns
}

// split takes the name from the front of a cue's text, whose first line may hold
// it.
func split(text, first string, known map[string]bool) (name, rest string) {
	cut := -1
	for at := 0; ; {
		i := strings.Index(first[at:], ": ")
		end := at + i
		if i < 0 {
			// The name may have the whole line: "Ada Example:".
			if !strings.HasSuffix(first, ":") {
				break
			}
			end = len(first) - 1
		}
		candidate := first[:end]
		if known[strings.ToLower(candidate)] || at == 0 && couldBeName(candidate) && !beginsSmall(candidate) {
			cut = end
		}
		if at = end + 1; i < 0 || at >= len(first) {
			break
		}
	}
	if cut < 0 {
		return "", text
	}
	return text[:cut], strings.TrimSpace(text[cut+1:])
}

// couldBeName refuses what reads like a sentence. A full stop after an initial
// ("Priya R.", "J. Doe") is no end of one.
func couldBeName(s string) bool {
	if s == "" || utf8.RuneCountInString(s) > longestName || len(strings.Fields(s)) > mostWords || strings.ContainsAny(s, "?!;\"") {
		return false
	}
	for word := range strings.FieldsSeq(s) {
		if strings.HasSuffix(word, ".") && utf8.RuneCountInString(word) > 4 && word != "Prof." {
			return false
		}
	}
	return true
}

func beginsSmall(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r)
}
