package index

import (
	"testing"
	"time"

	"leadline/schemas"
)

func TestALinkLeadsToTheMomentInTheRecordersOwnForm(t *testing.T) {
	t.Parallel()
	began := time.UnixMilli(1_790_000_000_000)
	for want, m := range map[string]schemas.Meeting{
		"https://fathom.video/calls/7?timestamp=61":                  {Provider: schemas.Fathom, URL: "https://fathom.video/calls/7"},
		"https://fathom.video/share/7?a=b&timestamp=61":              {Provider: schemas.Fathom, ShareURL: "https://fathom.video/share/7?a=b"},
		"https://us02web.zoom.us/rec/play/x?startTime=1790000061500": {Provider: schemas.Zoom, URL: "https://us02web.zoom.us/rec/play/x", StartedAt: began},
		"": {Provider: schemas.Zoom, URL: "javascript:alert(1)"},
	} {
		if got := playbackURL(&m, new(int64(61_500))); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
