package schemas

import (
	"errors"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// HeaderEnded is when the meeting ended, as its recorder says: RFC 3339 with
// milliseconds, UTC.
const HeaderEnded = "ended"

// carried go with a meeting from record to record, so that whoever comes last
// can tell how long the whole way took.
var carried = []string{HeaderSource, HeaderReceived, HeaderEnded}

// Carry copies the headers that go with a meeting from a record to one that it
// led to, unless that has its own. What a meeting's record did not lead to, such
// as what a change of the directory brings about, has none of them.
func Carry(from, to *kgo.Record) {
	for _, h := range from.Headers {
		has := func(own kgo.RecordHeader) bool { return own.Key == h.Key }
		if slices.Contains(carried, h.Key) && !slices.ContainsFunc(to.Headers, has) {
			to.Headers = append(to.Headers, h)
		}
	}
}

// EndedHeader is the header that says when the meeting ended.
func EndedHeader(at time.Time) kgo.RecordHeader {
	return kgo.RecordHeader{Key: HeaderEnded, Value: []byte(at.UTC().Format(receivedFormat))}
}

// TimeHeader reads HeaderReceived or HeaderEnded.
func TimeHeader(r *kgo.Record, name string) (time.Time, error) {
	text := Header(r, name)
	if text == "" {
		return time.Time{}, errors.New("there is no such header")
	}
	return time.Parse(receivedFormat, text)
}
