package schemas

import (
	"net/url"
	"strconv"
)

// PlaybackURL leads to a recording, and to one second of it where startMS is
// not nil, in the form of Fathom's recording_playback_url:
// .../calls/<id>?timestamp=<seconds>. The first of the pages that is a web
// address is taken. What is none leads nowhere: readers click on it.
func PlaybackURL(startMS *int64, pages ...string) string {
	for _, text := range pages {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			continue
		}
		if startMS != nil {
			if u.RawQuery != "" {
				u.RawQuery += "&"
			}
			u.RawQuery += "timestamp=" + strconv.FormatInt(*startMS/1000, 10)
		}
		return u.String()
	}
	return ""
}
