package index

import "leadline/schemas"

// playbackURL prefers the page at the recorder to the link for sharing.
func playbackURL(m *schemas.Meeting, startMS *int64) string {
	return schemas.PlaybackURL(m.Provider, m.StartedAt, startMS, m.URL, m.ShareURL)
}
