package match

import (
	"errors"
	"strings"
)

// reader is the state that the rules look into. Both may be called as often as
// one likes; an error means that nothing is known.
type reader interface {
	Get(key string) (value []byte, found bool, err error)
	ScanAfter(prefix, after string, yield func(key string, value []byte) error) error
}

// writer is a state that is kept up to date.
type writer interface {
	reader
	Set(key string, value []byte)
	Delete(key string)
}

// Keys of the state are an organisation, a letter for the sort, and one or two
// names. One file makes them all, so that no two sorts can meet.
const (
	sortCompany   = "c" // org/c/COMPANY: its domains, as JSON
	sortEndUser   = "u" // org/u/END USER: company and addresses, as JSON
	sortEmployee  = "w" // org/w/COMPANY/END USER: who names the company as theirs
	sortEmail     = "e" // org/e/ADDRESS/END USER: version, and the company that the end user names
	sortDomain    = "d" // org/d/DOMAIN/COMPANY: who claims the domain, with the version
	sortSide      = "s" // org/s/NAME: whose side a domain or an address is on
	sortHost      = "o" // org/o/NAME/MEETING: a domain or an address of the meeting's host
	sortDecision  = "x" // org/x/MEETING/CUSTOMER: linked or not, with the version
	sortDecided   = "b" // org/b/CUSTOMER/MEETING: there is a decision on it
	sortMeeting   = "m" // org/m/MEETING: the framed meeting, as it came last
	sortAttendee  = "a" // org/a/ADDRESS/MEETING: whose outcome hangs on the address
	sortVisited   = "p" // org/p/DOMAIN/MEETING: whose outcome hangs on the domain
	sortPublished = "l" // org/l/MEETING: the digest of what was emitted last
	sortDue       = "q" // org/q/SORT/NAME: whose meetings are to be judged or grouped again, with how far that is
	sortNews      = "n" // org/n/MEETING: is to be emitted, whatever was last
	sortStep      = "k" // org/k/: the step of settling that is under way
	sortRecording = "g" // org/g/MEETING: what grouping reads of it, as JSON
	sortTrace     = "r" // org/r/ROOM or ADDRESS/START MEETING: who was recorded there, with whether another recording stands for it
	sortWord      = "h" // org/h/MEETING/MEETING: whether both are of one call, by hand
	sortStands    = "v" // org/v/MEETING: which recording stands for it and why, as JSON
	sortGrouped   = "z" // org/z/MEETING/MEETING: the first stands for the second
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

// errEnough ends a scan that has what it wanted.
var errEnough = errors.New("enough")

// secondsAfter reads the second names, and the values beside them, of all pairs
// with the first name, behind the one that is given; empty is from the start. Its
// cost is that of the pairs it yields.
func secondsAfter(from reader, org, sort, first, after string, yield func(second string, value []byte) error) error {
	prefix := key(org, sort, first) + "/"
	start := ""
	if after != "" {
		start = prefix + escape.Replace(after)
	}
	err := from.ScanAfter(prefix, start, func(k string, v []byte) error {
		return yield(unescape.Replace(k[len(prefix):]), v)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func seconds(from reader, org, sort, first string, yield func(second string, value []byte)) error {
	return secondsAfter(from, org, sort, first, "", func(second string, value []byte) error {
		yield(second, value)
		return nil
	})
}

// anySecond says whether there is a pair with the first name.
func anySecond(from reader, org, sort, first string) (found bool, err error) {
	err = secondsAfter(from, org, sort, first, "", func(string, []byte) error {
		found = true
		return errEnough
	})
	return found, err
}
