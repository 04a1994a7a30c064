package match

import (
	"strings"

	"leadline/processors/stage"
)

// Keys of the state are an organisation, a letter for the sort, and one or two
// names. One file makes them all, so that no two sorts can meet.
const (
	sortCompany   = "c" // org/c/COMPANY: the framed directory entry
	sortEndUser   = "u" // org/u/END USER: the framed directory entry
	sortEmployee  = "w" // org/w/COMPANY/END USER: who names the company as theirs
	sortEmail     = "e" // org/e/ADDRESS/END USER: the company that the end user names
	sortDomain    = "d" // org/d/DOMAIN/COMPANY: who claims the domain
	sortMeeting   = "m" // org/m/MEETING: the framed meeting, as it came last
	sortAttendee  = "a" // org/a/ADDRESS/MEETING: whose links hang on the address
	sortVisited   = "p" // org/p/DOMAIN/MEETING: whose links hang on the domain
	sortPublished = "l" // org/l/MEETING: the digest of what was emitted last
)

// Ids may hold any characters, so the two that keys are made with are escaped:
// without it "a/b" of one company would be company a and end user b.
var (
	escape   = strings.NewReplacer("%", "%25", "/", "%2F")
	unescape = strings.NewReplacer("%2F", "/", "%25", "%")
)

func key(org, sort, name string) string {
	return escape.Replace(org) + "/" + sort + "/" + escape.Replace(name)
}

func pair(org, sort, first, second string) string {
	return key(org, sort, first) + "/" + escape.Replace(second)
}

// seconds reads the second names, and the values beside them, of all pairs that
// start with the first name. Its cost is that of the pairs it yields.
func seconds(tx *stage.Tx, org, sort, first string, yield func(second string, value []byte)) error {
	prefix := key(org, sort, first) + "/"
	return tx.Scan(prefix, func(k string, v []byte) error {
		yield(unescape.Replace(k[len(prefix):]), v)
		return nil
	})
}
