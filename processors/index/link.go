package index

import (
	"net/url"
	"strconv"

	"leadline/schemas"
)

// playbackURL leads to the recording, and to one second of it where startMS is
// not nil, in the form of Fathom's recording_playback_url:
// .../calls/<id>?timestamp=<seconds>. The page at the recorder comes before the
// link for sharing. What is no web address leads nowhere: readers click on it.
func playbackURL(m *schemas.Meeting, startMS *int64) string {
	for _, text := range []string{m.URL, m.ShareURL} {
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
