package console

import (
	"strings"
	"unicode/utf8"
)

// Place is where to go on reading a text in parts: before a part or, where
// characters of it were read already, within it.
type Place struct{ Part, From int }

// Fit joins the preface, what is at the place, and as many parts after it as the
// budget has room for together with what rest says of the place behind them. A
// part that is larger than all the room is cut. An answer of 200 tokens has room
// for something of any part, if preface and rest take three quarters of it.
func Fit(preface string, parts []string, at Place, tokens int, rest func(next Place) string) string {
	var b strings.Builder
	b.WriteString(preface)
	left := tokens - tokensIn(preface)
	for first := true; at.Part < len(parts); first = false {
		part, next := behind(parts[at.Part], at.From), Place{Part: at.Part + 1}
		cost := tokensIn(part)
		if cost+tokensIn(rest(next)) <= left {
			b.WriteString(part)
			left, at = left-cost, next
			continue
		}
		if first {
			all := utf8.RuneCountInString(parts[at.Part])
			cut := head(part, left-tokensIn(rest(Place{at.Part, all}))-tokensIn(cutMark))
			at.From = all - utf8.RuneCountInString(part[len(cut):])
			b.WriteString(cut)
			if !strings.HasSuffix(cut, "\n") {
				b.WriteString(cutMark)
			}
		}
		break
	}
	b.WriteString(rest(at))
	return b.String()
}

const (
	cutMark    = " \u2026\n"
	quoteStart = "  > "
)

// behind is the part without its first characters: a line of its own, which is
// quoted if it was, and is nothing else, whatever it begins with.
func behind(part string, from int) string {
	at := offset(part, from)
	line := part[strings.LastIndexByte(part[:at], '\n')+1 : at]
	switch {
	case line == "":
		return part[at:]
	case strings.HasPrefix(line, quoteStart):
		return quoteStart + "\u2026 " + part[at:]
	}
	return "\u2026 " + part[at:]
}

// offset is where the character of that number begins.
func offset(s string, character int) int {
	for i := range s {
		if character--; character < 0 {
			return i
		}
	}
	return len(s)
}

// head is as much of the text as costs at most so many tokens: whole lines or
// words where that is most of it, and no half of an escaped character.
func head(s string, tokens int) string {
	quarters, end := 0, len(s)
	for i, r := range s {
		if quarters += quartersOf(r); quarters > 4*tokens {
			end = i
			break
		}
	}
	if end == len(s) {
		return s
	}
	for _, between := range []string{"\n", " "} {
		if i := strings.LastIndex(s[:end], between) + 1; i > end/2 && strings.TrimSpace(s[:i]) != "" {
			return s[:i]
		}
	}
	if escapes := end - len(strings.TrimRight(s[:end], `\`)); escapes%2 == 1 {
		end--
	}
	return s[:end]
}
