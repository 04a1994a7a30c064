package passage

import (
	"slices"
	"strings"

	"leadline/schemas"
)

// Merge makes one result of entries that follow each other in a transcript. It
// is the first, as long as all of them.
func Merge(parts []schemas.Hit) schemas.Hit {
	whole := parts[0]
	for _, next := range parts[1:] {
		whole = join(whole, next)
	}
	return whole
}

func join(a, b schemas.Hit) schemas.Hit {
	text, separator := b.Entry.Text, "\n"
	if continues(a.Entry, b.Entry) {
		// A turn that was cut goes on: its speaker's name stands before its
		// beginning already.
		line := a.Entry.Text[strings.LastIndexByte(a.Entry.Text, '\n')+1:]
		if name, _, named := strings.Cut(line, ": "); named && strings.HasPrefix(text, name+": ") {
			text, separator = text[len(name)+2:], " "
		}
	}
	cut := len(b.Entry.Text) - len(text)
	shift := len(a.Entry.Text) + len(separator) - cut
	marks := slices.Clone(a.Marks)
	for _, m := range b.Marks {
		if m[0] >= cut {
			marks = append(marks, [2]int{m[0] + shift, m[1] + shift})
		}
	}
	a.Marks = marks
	a.Entry.Text += separator + text
	a.Entry.TurnLast, a.Entry.EndMS = b.Entry.TurnLast, b.Entry.EndMS
	a.Entry.Speakers = slices.Clone(a.Entry.Speakers)
	for _, s := range b.Entry.Speakers {
		if !slices.Contains(a.Entry.Speakers, s) {
			a.Entry.Speakers = append(a.Entry.Speakers, s)
		}
	}
	return a
}

func continues(a, b schemas.Entry) bool {
	return a.TurnLast != nil && b.TurnFirst != nil && *a.TurnLast == *b.TurnFirst
}
