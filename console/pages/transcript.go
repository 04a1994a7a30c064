package pages

import (
	"fmt"
	"strings"

	"leadline/console"
	"leadline/schemas"
)

const (
	// A page shows a transcript up to this many bytes, and of each line this many
	// characters, unless the visitor wants to see it all: an hour of talk has some
	// 60 kB, and one turn may have a megabyte.
	maxTranscript = 120_000
	maxLine       = 2000

	// colours is how many the style sheet has.
	colours = 8
)

// passage is an entry of the transcript: lines from one place on.
type passage struct {
	Start string // HH:MM:SS
	URL   string // that second of the recording
	Lines []line
	turns [2]int
}

// line is what one voice says.
type line struct {
	ID      string // of the element, for quotes to jump to
	Speaker string
	Colour  int // of the speaker; -1 has none
	Text    string
	Cut     bool // Text is not all
}

// transcript is what is shown of it.
type transcript struct {
	Passages []passage
	Cut      bool // there is more
	shown    map[string]bool
}

// transcriptOf puts the transcript together from its entries, which overlap
// nowhere.
func transcriptOf(m console.MeetingDetail, whole bool) transcript {
	colour := make(map[string]int)
	for i, s := range m.Speakers {
		colour[s.Name] = i % colours
	}
	t := transcript{shown: make(map[string]bool)}
	size := 0
	for _, e := range m.EntryList {
		if e.Kind != schemas.EntryTranscript {
			continue
		}
		if size += len(e.Text); size > maxTranscript && len(t.Passages) > 0 && !whole {
			t.Cut = true
			break
		}
		p := passageOf(len(t.Passages), e, colour)
		for i := range p.Lines {
			l := &p.Lines[i]
			t.shown[l.ID] = true
			if !whole {
				if text := clip(maxLine, l.Text); text != l.Text {
					l.Text, l.Cut, t.Cut = text, true, true
				}
			}
		}
		t.Passages = append(t.Passages, p)
	}
	return t
}

func passageOf(n int, e console.Entry, colour map[string]int) passage {
	p := passage{Start: deref(e.Start), URL: e.URL, turns: [2]int{-1, -1}}
	if e.Turns != nil {
		p.turns = [2]int{int(e.Turns[0]), int(e.Turns[1])}
	}
	for i, text := range strings.Split(e.Text, "\n") {
		l := line{ID: fmt.Sprintf("t%d-%d", n, i), Colour: -1, Text: text}
		// The speakers of an entry are known, so that a colon in a text, or in a
		// name, does not make a speaker of what is before it.
		for _, name := range e.Speakers {
			if said, ok := strings.CutPrefix(text, name+": "); ok && len(name) > len(l.Speaker) {
				l.Speaker, l.Text = name, said
			}
		}
		if at, known := colour[l.Speaker]; known {
			l.Colour = at
		}
		p.Lines = append(p.Lines, l)
	}
	return p
}

// find is the id of the line where a turn says the quote. A turn without words
// has no line, so that lines are counted only where none is missing.
func find(all []passage, turn int, quote string) string {
	best := ""
	for _, p := range all {
		if turn < p.turns[0] || turn > p.turns[1] || len(p.Lines) == 0 {
			continue
		}
		for _, l := range p.Lines {
			if quote != "" && strings.Contains(l.Text, quote) {
				return l.ID
			}
		}
		if best == "" {
			best = p.Lines[0].ID
			if i := turn - p.turns[0]; len(p.Lines) == p.turns[1]-p.turns[0]+1 {
				best = p.Lines[i].ID
			}
		}
	}
	return best
}
