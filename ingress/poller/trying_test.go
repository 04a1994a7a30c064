package poller

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// FuzzTrying reads anything as the header of a postponed request: what is accepted is postponed again the same, and the pause is
// at most the longest.
func FuzzTrying(f *testing.F) {
	f.Add("2026-09-01T09:00:00Z 2026-09-01T09:00:02Z 2s", "k")
	f.Add("2026-09-01T09:00:00Z 9999-09-01T09:00:02Z -2s", "")
	f.Add("x", "\xff")
	f.Fuzz(func(t *testing.T, header, key string) {
		r := &kgo.Record{Key: []byte(key), Headers: []kgo.RecordHeader{{Key: schemas.HeaderTrying, Value: []byte(header)}}}
		read := tried(r)
		if read.pause < 0 || read.pause > maxPause {
			t.Fatalf("%q waits %v", header, read.pause)
		}
		if y := read.since.UTC().Year(); y < 0 || y > 9999 {
			return // cannot be written
		}
		if y := read.notBefore.UTC().Year(); y < 0 || y > 9999 {
			return
		}
		var o outcome
		o.request = &request{record: r}
		again := tried(o.postpone(read).records[0])
		if !again.since.Equal(read.since) || !again.notBefore.Equal(read.notBefore) || again.pause != read.pause {
			t.Fatalf("%+v is read as %+v", read, again)
		}
	})
}
