package normalize

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxClockMS is where a clock ends: 1,000 hours.
const maxClockMS = 1000 * 60 * 60 * 1000

// parseClock reads HH:MM:SS as milliseconds: Fathom's, with a third digit for a
// room that was left recording and the fraction that its highlights have. Each
// turn has one, so no regular expression: that took a tenth of the stage.
func parseClock(s string) (ms int64, ok bool) {
	hours, rest, _ := strings.Cut(s, ":")
	minutes, rest, _ := strings.Cut(rest, ":")
	seconds, fraction, fractional := strings.Cut(rest, ".")
	h, hok := number(hours, 1, 3)
	m, mok := number(minutes, 2, 2)
	sec, sok := number(seconds, 2, 2)
	if !hok || !mok || !sok || m > 59 || sec > 59 {
		return 0, false
	}
	ms = ((h*60+m)*60 + sec) * 1000
	if fractional {
		f, ok := number(fraction, 1, 3)
		if !ok {
			return 0, false
		}
		for range 3 - len(fraction) {
			f *= 10
		}
		ms += f
	}
	return ms, true
}

// number reads digits alone, of which there are so many.
func number(s string, least, most int) (n int64, ok bool) {
	if len(s) < least || len(s) > most {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, true
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
