// Package webvtt reads subtitles in the WebVTT format (w3.org/TR/webvtt1), as
// Zoom writes transcripts: cues with times, and who speaks before the first
// colon.
//
// It is tolerant where what was said would be lost otherwise. A library for
// subtitles (go-astisub 0.34 was tried) drops a spoken line that begins with
// "NOTE " or "STYLE", and one odd setting of a cue costs the whole file.
package webvtt

import (
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"time"
)

// Cue is a piece of text and when it is shown, from the start of the file.
type Cue struct {
	Start, End time.Duration
	Voice      string // of <v Name>, if the file has that
	Lines      []string
}

// maxCues is 28 hours of a cue every second.
const maxCues = 100_000

// ErrNotWebVTT says that the text does not begin as every WebVTT file does.
var ErrNotWebVTT = errors.New("text does not begin with WEBVTT")

// Cues reads a file. An error says that it is none at all, that a line of times
// cannot be read, or that there are too many cues.
func Cues(text string) ([]Cue, error) {
	text = strings.TrimPrefix(text, "\uFEFF")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	header, _, _ := strings.Cut(text, "\n")
	if rest, ok := strings.CutPrefix(header, "WEBVTT"); !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return nil, ErrNotWebVTT
	}
	var cues []Cue
	number := 0
	var block []string
	end := func() error {
		if len(cues) == maxCues {
			return fmt.Errorf("more than %d cues", maxCues)
		}
		c, ok, err := cueOf(block)
		if err != nil {
			return fmt.Errorf("before line %d: %w", number, err)
		}
		if ok {
			cues = append(cues, c)
		}
		block = block[:0]
		return nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		number++
		if strings.TrimSpace(line) != "" {
			block = append(block, line)
			continue
		}
		if err := end(); err != nil {
			return nil, err
		}
	}
	return cues, end()
}

const arrow = "-->"

// cueOf reads the lines between two empty ones. What has no line of times in its
// first or second line is the header, a comment, a style or a region.
func cueOf(block []string) (c Cue, ok bool, err error) {
	at := 0
	for at < len(block) && at < 2 && !strings.Contains(block[at], arrow) {
		at++
	}
	if at >= len(block) || at == 2 || isComment(block[0]) {
		return Cue{}, false, nil
	}
	from, to, _ := strings.Cut(block[at], arrow)
	to, _, _ = strings.Cut(strings.TrimSpace(to), " ") // what follows is settings
	to, _, _ = strings.Cut(to, "\t")
	if c.Start, ok = clock(strings.TrimSpace(from)); ok {
		c.End, ok = clock(to)
	}
	if !ok {
		return Cue{}, false, fmt.Errorf("times of a cue: want HH:MM:SS.mmm --> HH:MM:SS.mmm, got %.60q", block[at])
	}
	c.End = max(c.End, c.Start)
	for _, line := range block[at+1:] {
		if c.Voice == "" {
			if m := voice.FindStringSubmatch(line); m != nil {
				c.Voice = oneSpace(html.UnescapeString(m[1]))
			}
		}
		if plain := oneSpace(html.UnescapeString(tag.ReplaceAllString(line, ""))); plain != "" {
			c.Lines = append(c.Lines, plain)
		}
	}
	return c, len(c.Lines) > 0, nil
}

// isComment is asked of a block's first line only: in a cue, NOTE is a word.
func isComment(line string) bool {
	return line == "NOTE" || strings.HasPrefix(line, "NOTE ") || strings.HasPrefix(line, "NOTE\t")
}

var (
	voice = regexp.MustCompile(`<v(?:\.[^ \t>]*)?[ \t]+([^>]*)>`)
	// Only what the format defines is a tag: "a < b" is speech.
	tag   = regexp.MustCompile(`</?(?:c|i|b|u|v|ruby|rt|lang)(?:\.[^ \t>]*)?(?:[ \t][^>]*)?>|<[0-9:.]+>`)
	times = regexp.MustCompile(`^(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{3})$`)
)

// clock reads a time; its hours may be left out.
func clock(text string) (time.Duration, bool) {
	m := times.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	units := [...]time.Duration{time.Hour, time.Minute, time.Second, time.Millisecond}
	var d time.Duration
	for i, unit := range units {
		n := 0
		for _, digit := range m[i+1] {
			n = 10*n + int(digit-'0')
		}
		d += time.Duration(n) * unit
	}
	return d, true
}

func oneSpace(s string) string { return strings.Join(strings.Fields(s), " ") }
