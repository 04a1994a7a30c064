package console

import (
	"fmt"
	"strings"
	"time"
)

// address is a person as mail programs write them.
func address(name string, email *string) string {
	switch mail := or(email, ""); {
	case mail == "":
		return name
	case name == "":
		return mail
	default:
		return name + " <" + mail + ">"
	}
}

// Titled is what a meeting is called where one has to name it: a recorder may
// give none.
func Titled(title string) string {
	if strings.TrimSpace(title) == "" {
		return "(no title)"
	}
	return title
}

// place says who spoke and when, as far as that is known.
func place(speaker string, start *string) string {
	switch {
	case speaker != "" && start != nil:
		return speaker + ", " + *start
	case start != nil:
		return *start
	case speaker != "":
		return speaker
	}
	return "no place in the transcript"
}

func or(s *string, absent string) string {
	if s == nil {
		return absent
	}
	return *s
}

// words is the name of a kind as it is spoken.
func words(kind string) string { return strings.ReplaceAll(kind, "_", " ") }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// span is how long a meeting took.
func span(d time.Duration) string {
	minutes := int(d.Round(time.Minute).Minutes())
	switch {
	case minutes < 1:
		return "less than a minute"
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
