package address

import (
	_ "embed" // for the list of free-mail domains
	"strings"
	"sync"
)

// freemailText is built from two npm packages; its header says which, and
// freemail.LICENSE holds their terms.
//
//go:embed freemail.txt
var freemailText string

var freemailDomains = sync.OnceValue(func() map[string]bool {
	all := make(map[string]bool)
	for line := range strings.Lines(freemailText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			all[line] = true
		}
	}
	return all
})

// IsFreemail says whether anybody can get an address at the domain, or at one
// above it: sharing it says nothing about who somebody works for.
func IsFreemail(d string) bool {
	for _, parent := range Lineage(d) {
		if freemailDomains()[parent] {
			return true
		}
	}
	return false
}
