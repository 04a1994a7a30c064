package match

import (
	"fmt"
	"slices"
	"strings"

	"leadline/schemas"
)

// A reason is for a page and a log line: it names this many people and
// companies, and counts the others.
const maxNamed = 5

func (j *judgement) unmatchedReason() string {
	var told []string
	if len(j.removed) > 0 {
		slices.Sort(j.removed)
		told = append(told, "taken off by hand: "+named(slices.Compact(j.removed)))
	}
	for _, o := range j.outsiders[:min(len(j.outsiders), maxNamed)] {
		told = append(told, o.why())
	}
	if more := len(j.outsiders) - maxNamed; more > 0 {
		told = append(told, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(told, "; ")
}

// Why an address does not lead to a company by its domain.
var barredFor = map[string]string{
	schemas.FindingFreeMail:     "anybody can get an address there",
	schemas.FindingRole:         "it is a shared mailbox",
	schemas.FindingPublicSuffix: "nobody can register that domain",
}

func (o outsider) why() string {
	switch c := o.considered; c.Finding {
	case schemas.FindingNotAnAddress:
		return fmt.Sprintf("%.80q is not an e-mail address", o.shown)
	case schemas.FindingNoAddress:
		return fmt.Sprintf("%.80q is from outside, as the recorder says, and has no address", o.shown)
	case schemas.FindingConflict:
		var ids []string
		for _, e := range c.Entries {
			_, id := cutEntry(e)
			ids = append(ids, id)
		}
		return fmt.Sprintf("%s: conflict, %d companies claim the domain %s (%s)", o.shown, len(ids), c.Name, named(ids))
	case schemas.FindingUnknown:
		return fmt.Sprintf("%s: no end user has this address and no company the domain %s", o.shown, strings.Join(o.domains, " or "))
	default:
		return fmt.Sprintf("%s: no end user has this address, and its domain does not count: %s", o.shown, barredFor[c.Finding])
	}
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

func (j *judgement) internalReason() string {
	ignored := slices.ContainsFunc(j.Matching.Considered, func(c schemas.Considered) bool { return c.Finding == schemas.FindingIgnored })
	switch {
	case !j.known:
		return "nobody with an e-mail address was invited or spoke"
	case ignored:
		return "everybody who was invited or spoke is our own or at a domain that is ignored"
	case len(j.OwnDomains) > 0:
		return "everybody who was invited or spoke is of our own domain " + strings.Join(j.OwnDomains, ", ")
	}
	return "only our own people were invited or spoke"
}
