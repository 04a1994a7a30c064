package schemas

import (
	"net/url"
	"strconv"
	"time"
)

// PlaybackURL leads to a recording, and to one second of it where startMS is
// not nil, in the form of Fathom's recording_playback_url:
// .../calls/<id>?timestamp=<seconds>. Zoom's has the moment itself, in
// milliseconds since 1970, as its own links for sharing one do. The first of the
// pages that is a web address is taken. What is none leads nowhere: readers
// click on it.
func PlaybackURL(provider string, startedAt time.Time, startMS *int64, pages ...string) string {
	for _, text := range pages {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			continue
		}
		if startMS != nil {
			if u.RawQuery != "" {
				u.RawQuery += "&"
			}
			if provider == Zoom {
				u.RawQuery += "startTime=" + strconv.FormatInt(startedAt.UnixMilli()+*startMS, 10)
			} else {
				u.RawQuery += "timestamp=" + strconv.FormatInt(*startMS/1000, 10)
			}
		}
		return u.String()
	}
	return ""
}
