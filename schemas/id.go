package schemas

import (
	"fmt"
	"regexp"
	"strings"
)

// Recorders, as they stand in ids, keys and headers.
const (
	Fathom = "fathom"
	Zoom   = "zoom"
)

// Slashes separate a key's segments and colons an entry's id, so neither may
// occur in a name that becomes part of one.
var (
	orgName    = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	keySegment = regexp.MustCompile(`^[A-Za-z0-9._=+-]{1,128}$`)
)

// CheckOrg says whether the text can name an organisation.
func CheckOrg(org string) error {
	if !orgName.MatchString(org) {
		return fmt.Errorf("organisation %.70q: want 1 to 63 of a-z, 0-9, _ and -, not starting with _ or -", org)
	}
	return nil
}

// CheckSegment says whether the text can be one segment of a key: a recording,
// a connection.
func CheckSegment(what, s string) error {
	if !keySegment.MatchString(s) {
		return fmt.Errorf("%s %.140q: want 1 to 128 of A-Z, a-z, 0-9 and . _ = + -", what, s)
	}
	return nil
}

// MeetingID is the identity of a meeting, org/provider/recording: the key of
// its records in every topic. Webhook, poll and manual sync of one recording
// are one meeting.
func MeetingID(org, provider, recording string) string {
	return org + "/" + provider + "/" + recording
}

// SplitMeetingID takes a MeetingID apart.
func SplitMeetingID(id string) (org, provider, recording string, err error) {
	parts := strings.Split(id, "/")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return "", "", "", fmt.Errorf("meeting %.140q: want organisation/recorder/recording", id)
	}
	return parts[0], parts[1], parts[2], nil
}

// ConnectionID is the key of a connection and of its cursor.
func ConnectionID(org, provider, name string) string {
	return org + "/" + provider + "/" + name
}
