package local

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"leadline/schemas"
)

// distillate words a finding so that it can be read alone: who says it, what it
// is, and their own words. It adds nothing that was not said.
func (f finding) distillate(turn int, by, before, after *speech) schemas.Distillate {
	d := schemas.Distillate{Kind: f.kind, Quote: f.said.text, Turn: int32(turn)} //nolint:gosec // a meeting has fewer turns
	who := by.speaker
	if who == "" {
		who = "Somebody"
	}
	said := tidy(f.said.text)
	if f.asked != nil {
		d.Sentence = fmt.Sprintf("Asked \u201c%s\u201d, %s %s: \u201c%s\u201d", tidy(f.asked.text), who, verb(f), said)
	} else {
		d.Sentence = fmt.Sprintf("%s %s: \u201c%s\u201d", who, verb(f), said)
	}
	switch f.kind {
	case schemas.ActionItem:
		d.Owner = f.owner(by, before, after)
	case schemas.CustomerFeedback:
		d.Polarity = schemas.Positive
		if f.label == criticism {
			d.Polarity = schemas.Negative
		}
	case schemas.RenewalSignal:
		d.Signal = f.label
	}
	return d
}

func verb(f finding) string {
	switch f.kind {
	case schemas.CustomerFeedback:
		if f.label == criticism {
			return "criticises"
		}
		return "praises"
	case schemas.ProductAsk:
		return "asks for a change in the product"
	case schemas.RenewalSignal:
		return "gives a renewal signal (" + f.label + ")"
	}
	switch f.label {
	case asks:
		return "asks for a next step"
	case delegates:
		return "assigns a next step"
	}
	return "commits"
}

// owner is who is to do it: whoever speaks, or whom they ask. Whose name is
// called beats who answers; nobody is guessed where neither is known.
func (f finding) owner(by, before, after *speech) *string {
	switch f.label {
	case commits, accepts:
		return named(by.speaker)
	case delegates:
		if name, found := called(f.said.marked); found {
			return named(name)
		}
		return nil
	}
	if name, found := called(f.said.marked); found && vocative(f.said.marked) {
		return named(name)
	}
	if after != nil && after.speaker != by.speaker {
		return named(after.speaker)
	}
	if before != nil && before.speaker != by.speaker {
		return named(before.speaker)
	}
	return nil
}

func named(name string) *string {
	if name == "" {
		return nil
	}
	return &name
}

// inFull turns a first name into the name of the one person in the meeting who
// has it.
func inFull(owner *string, names []string) *string {
	if owner == nil {
		return nil
	}
	full := owner
	for _, name := range names {
		if !slices.Contains(strings.Fields(name), *owner) || name == *full {
			continue
		}
		if full != owner {
			return owner // two people have it
		}
		full = &name
	}
	return full
}

// called is the first name in a marked sentence.
func called(marked string) (string, bool) {
	for _, w := range strings.Fields(marked) {
		if name := strings.TrimRight(w, "@#"); name != w {
			r, n := utf8.DecodeRuneInString(name)
			return string(unicode.ToUpper(r)) + name[n:], true
		}
	}
	return "", false
}

// vocative says whether a sentence speaks to the one whose name it starts with.
func vocative(marked string) bool {
	words := strings.Fields(marked)
	return len(words) > 1 && strings.HasSuffix(words[0], "@") && words[1] == ","
}

// tidy makes a sentence start where it says something, with a capital letter.
func tidy(s string) string {
	for {
		word, rest, found := strings.Cut(s, " ")
		if !found || !lead[strings.ToLower(strings.TrimRight(word, ",."))] || !strings.HasSuffix(word, ",") && !hums[strings.ToLower(word)] {
			break
		}
		s = strings.TrimLeft(rest, " ")
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// lead are words that open a sentence and say nothing, where a comma follows;
// hums do also without one.
var (
	lead = wordSet("so well yeah yes ok okay right and but um uh er erm hmm like anyway actually now oh ah also äh ähm bueno pues")
	hums = wordSet("um uh er erm hmm äh ähm")
)
