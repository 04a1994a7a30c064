package index

import (
	"net/url"
	"strconv"

	"leadline/schemas"
)

// playbackURL leads to the recording, and to one second of it where startMS is
// not nil, in the form of Fathom's recording_playback_url:
// .../calls/<id>?timestamp=<seconds>. Zoom's has the moment itself, in
// milliseconds since 1970, as its own links for sharing one do. The page at the recorder comes before the
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
			if m.Provider == schemas.Zoom {
				u.RawQuery += "startTime=" + strconv.FormatInt(m.StartedAt.UnixMilli()+*startMS, 10)
			} else {
				u.RawQuery += "timestamp=" + strconv.FormatInt(*startMS/1000, 10)
			}
		}
		return u.String()
	}
	return ""
}
