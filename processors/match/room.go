package match

import (
	"net/url"
	"regexp"
	"strings"
)

// What names a room in the paths of conference links: Zoom's number of a
// meeting, Meet's code.
var (
	zoomNumber = regexp.MustCompile(`^/(?:j|s|w|wc|wc/join)/(\d{9,12})(?:/|$)`)
	meetCode   = regexp.MustCompile(`^/([a-z]{3}-[a-z]{4}-[a-z]{3})/?$`)
)

// roomOf names the room that a conference link leads to, whatever passcode and
// tracking go with it; empty where the link does not tell. Links of services that
// are not known here do not: many calls at once may share a page to join from.
// Neither does a personal name at Zoom, which stands for a number that the link
// does not have.
func roomOf(link string) string {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil {
		return ""
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	within := func(domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }
	switch {
	case within("zoom.us"), within("zoomgov.com"):
		service := "zoom:"
		if within("zoomgov.com") {
			service = "zoomgov:"
		}
		if n := zoomNumber.FindStringSubmatch(u.Path); n != nil {
			return service + n[1]
		}
	case host == "meet.google.com":
		if c := meetCode.FindStringSubmatch(strings.ToLower(u.Path)); c != nil {
			return "meet:" + c[1]
		}
	case host == "teams.microsoft.com", host == "teams.live.com":
		// A thread and, in a channel, the message that began the meeting.
		if path := strings.Trim(u.Path, "/"); strings.HasPrefix(path, "l/meetup-join/") || strings.HasPrefix(path, "meet/") {
			return "teams:" + path
		}
	case host == "app.slack.com":
		if path := strings.Trim(u.Path, "/"); strings.HasPrefix(path, "huddle/") && strings.Count(path, "/") == 2 {
			return "slack:" + path
		}
	}
	return ""
}
