package pages

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"leadline/console"
)

// clip shortens a text to so many characters.
func clip(most int, s string) string {
	if len(s) <= most {
		return s
	}
	for i := range s {
		if most--; most < 0 {
			return s[:i] + "\u2026"
		}
	}
	return s
}

// titled is a meeting's title likewise, and words where it has none: a link has
// to be seen.
func titled(most int, title string) string { return clip(most, console.Titled(title)) }

// plain is a short text for where no element can isolate it, such as the
// window's title: without what turns the reading order or cannot be seen.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.C, r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	return clip(120, s)
}

// sentence makes an error one.
func sentence(err error) string {
	s := err.Error()
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + clip(500, s[size:]) + "."
}

// piece is a part of a text, marked or not.
type piece struct {
	Text string
	Mark bool
}

// maxPassage is the most bytes of a passage that are shown: one has at most 250
// words, unless they are no words.
const maxPassage = 4000

// pieces cuts a text at its marks. Marks that do not fit the text are left out.
func pieces(text string, marks [][2]int) []piece {
	cut := false
	if len(text) > maxPassage {
		end := maxPassage
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text, cut = text[:end], true
	}
	var all []piece
	at := 0
	for _, m := range marks {
		if m[0] < at || m[1] <= m[0] || m[1] > len(text) {
			continue
		}
		if m[0] > at {
			all = append(all, piece{Text: text[at:m[0]]})
		}
		all = append(all, piece{Text: text[m[0]:m[1]], Mark: true})
		at = m[1]
	}
	if cut {
		return append(all, piece{Text: text[at:] + "\u2026"})
	}
	if at < len(text) {
		all = append(all, piece{Text: text[at:]})
	}
	return all
}

// Ids are in the query and not in the path: one may hold slashes and dots, which
// servers and proxies clean away.

// meetingPath leads to the meeting of an id, organisation/recorder/recording.
func meetingPath(id string) string {
	_, rest, _ := strings.Cut(id, "/")
	recorder, recording, _ := strings.Cut(rest, "/")
	return "/meeting?" + url.Values{"recorder": {recorder}, "recording": {recording}}.Encode()
}

func versionsPath(id string) string {
	return strings.Replace(meetingPath(id), "/meeting?", "/meeting/versions?", 1)
}

func customerPath(id string) string { return "/customer?" + url.Values{"id": {id}}.Encode() }

// maxSummary is in characters; recorders write some 2,000.
const maxSummary = 8000

// block is a line of a recorder's summary, which is Markdown. Only its headings
// are shown as such: links and pictures in it are somebody else's.
type block struct {
	Heading bool
	Text    string
}

func blocksOf(markdown string) []block {
	var all []block
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		text := strings.TrimLeft(line, "#")
		if text = strings.TrimSpace(strings.ReplaceAll(text, "**", "")); text != "" {
			all = append(all, block{Heading: strings.HasPrefix(line, "#"), Text: text})
		}
	}
	return all
}
