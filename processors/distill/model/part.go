package model

import (
	"fmt"
	"strings"

	"leadline/processors/distill"
)

const (
	// bytesPerToken is low for English, which has some four, so that German and
	// Spanish fit too. Scripts of three bytes a letter have one token or less a letter.
	bytesPerToken = 3
	// overlap is how many turns a part has in common with the one before: an
	// answer is often understood by the question alone.
	overlap = 2
	// smallestPart is what is sent even where the window has hardly room for it.
	smallestPart = 2000
)

// part is a piece of a transcript that fits a model's window.
type part struct {
	text  string
	first int // turn
	last  int
}

// cut cuts a transcript along its turns into parts of at most size bytes. A turn
// that is longer alone is cut at its sentences; each piece keeps its number. The
// turns that speak to programs are left out; withheld counts them.
func cut(in distill.Input, size int) (parts []part, withheld int) {
	var lines []line
	for i, t := range in.Meeting.Turns {
		if distill.ToMachine(t.Text) {
			withheld++
			continue
		}
		voice, side := in.Voice(i), "OURS"
		if voice.Customer {
			side = "CUSTOMER"
		}
		head := fmt.Sprintf("[%d] %s %s: ", i, side, label(voice.Name, 60))
		for _, text := range pieces(oneLine(distill.Visible(t.Text)), max(size-len(head)-1, size/2)) {
			lines = append(lines, line{i, head + text + "\n"})
		}
	}
	for first := 0; first < len(lines); {
		var b strings.Builder
		next := first
		for next < len(lines) && (next == first || b.Len()+len(lines[next].text) <= size) {
			b.WriteString(lines[next].text)
			next++
		}
		parts = append(parts, part{text: b.String(), first: lines[first].turn, last: lines[next-1].turn})
		if next == len(lines) {
			break
		}
		// The part must get on, however little fits.
		first = max(next-overlap, first+1)
		if first < next && lines[first].text != "" && len(lines[first].text) > size/4 {
			first = next
		}
	}
	return parts, withheld
}

type line struct {
	turn int
	text string
}

// pieces cuts a speech at its sentences, and a sentence at its words.
func pieces(text string, size int) []string {
	if len(text) <= size {
		if text == "" {
			return nil
		}
		return []string{text}
	}
	var all []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			all = append(all, b.String())
			b.Reset()
		}
	}
	for _, s := range distill.Sentences(text) {
		for _, w := range words(s, size) {
			if b.Len() > 0 && b.Len()+1+len(w) > size {
				flush()
			}
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(w)
		}
	}
	flush()
	return all
}

// words returns a sentence whole where it fits, and else its words, those longer
// than the size cut.
func words(sentence string, size int) []string {
	if len(sentence) <= size {
		return []string{sentence}
	}
	var all []string
	for _, w := range strings.Fields(sentence) {
		for len(w) > size {
			head := strings.ToValidUTF8(w[:size], "")
			if head == "" {
				head = w[:size]
			}
			all = append(all, head)
			w = w[len(head):]
		}
		all = append(all, w)
	}
	return all
}
