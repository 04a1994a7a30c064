package normalize

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// hourglass is Fathom's HH:MM:SS, with a third digit for a room that was left
// recording and the fraction that its highlights have.
var hourglass = regexp.MustCompile(`^(\d{1,3}):([0-5]\d):([0-5]\d)(\.\d{1,3})?$`)

// maxClockMS is where hourglass ends: 1,000 hours.
const maxClockMS = 1000 * 60 * 60 * 1000

// parseClock reads HH:MM:SS as milliseconds.
func parseClock(s string) (ms int64, ok bool) {
	m := hourglass.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	for i, unit := range []int64{3600, 60, 1} {
		n, _ := strconv.ParseInt(m[i+1], 10, 64) // at most three digits
		ms += n * unit * 1000
	}
	if m[4] != "" {
		n, _ := strconv.ParseInt((m[4][1:] + "00")[:3], 10, 64)
		ms += n
	}
	return ms, true
}

// clockMS turns seconds, which may have fractions, into milliseconds of a clock.
// What lies outside of it is moved to its ends: no recording does.
func clockMS(seconds float64) int64 {
	return int64(min(max(seconds*1000+0.5, 0), maxClockMS))
}

// playbackMark is the second in a playback URL, in today's form and in the
// older one (fathom-api.md, recording_playback_url).
var playbackMark = regexp.MustCompile(`(?:[?&]timestamp=|#t=)(\d{1,7}(?:\.\d{1,3})?)\b`)

// playbackMS reads the second that a playback URL leads to.
func playbackMS(url string) (ms int64, ok bool) {
	m := playbackMark.FindStringSubmatch(url)
	if m == nil {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(m[1], 64)
	return clockMS(seconds), err == nil
}

// layouts are the forms of RFC 3339 in the wild. Fractions need no layout of
// their own. A time without an offset is taken as UTC, in which recorders write
// all others.
var layouts = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"}

// parseTime reads a date and time; nil where there is none to be read. Years
// that no recording is of are none: a store's column of times ends sooner than
// Go's do.
func parseTime(s string) *time.Time {
	s = strings.ToUpper(strings.TrimSpace(s))
	if rest, utc := strings.CutSuffix(s, " UTC"); utc {
		s = rest + "Z"
	}
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC().Truncate(time.Millisecond)
			if t.Year() < 1970 || t.Year() > 2199 {
				return nil
			}
			return &t
		}
	}
	return nil
}
