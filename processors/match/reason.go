package match

import (
	"fmt"
	"strings"
)

// stranger is an outsider whom the directory does not know, and why.
type stranger struct {
	attendee attendee
	disputed string   // the domain that several companies claim
	claims   []string // who they are
}

// A reason is for a page and a log line: it names this many people and
// companies, and counts the others.
const maxNamed = 5

func unmatchedReason(outside []stranger) string {
	var told []string
	for _, s := range outside[:min(len(outside), maxNamed)] {
		told = append(told, s.why())
	}
	if more := len(outside) - maxNamed; more > 0 {
		told = append(told, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(told, "; ")
}

func (s stranger) why() string {
	a := s.attendee
	switch {
	case !a.readable:
		return fmt.Sprintf("%.80q is not an e-mail address", a.typed)
	case s.disputed != "":
		return fmt.Sprintf("%s: conflict, %d companies claim the domain %s (%s)", a.mailbox, len(s.claims), s.disputed, named(s.claims))
	case a.barred != "":
		return fmt.Sprintf("%s: no end user has this address, and its domain does not count: %s", a.mailbox, a.barred)
	}
	return fmt.Sprintf("%s: no end user has this address and no company the domain %s", a.mailbox, strings.Join(a.domains, " or "))
}

// named quotes ids, which may hold anything.
func named(ids []string) string {
	var told []string
	for _, id := range ids[:min(len(ids), maxNamed)] {
		told = append(told, fmt.Sprintf("%.60q", id))
	}
	if len(ids) > maxNamed {
		told = append(told, "...")
	}
	return strings.Join(told, ", ")
}

func internalReason(someone bool, own []string) string {
	switch {
	case !someone:
		return "nobody with an e-mail address was invited or spoke"
	case len(own) > 0:
		return "everybody who was invited or spoke is of our own domain " + strings.Join(own, ", ")
	}
	return "only the host was invited or spoke"
}
