package schemas

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"
)

// excerptBytes bounds what an error adds to a dead letter or a progress event.
const excerptBytes = 1024

// DeadLetter keeps a record byte for byte, its own headers included, and adds
// why it failed and where it was. Headers of an earlier death, of a letter that
// was replayed, give way to those of this one.
func DeadLetter(r *kgo.Record, by string, rejected *Rejected) *kgo.Record {
	letter := &kgo.Record{Topic: r.Topic + deadSuffix, Key: r.Key, Value: r.Value, Timestamp: r.Timestamp}
	says := []kgo.RecordHeader{
		{Key: HeaderReason, Value: []byte(rejected.Reason)},
		{Key: HeaderError, Value: []byte(Excerpt(rejected.Err.Error()))},
		{Key: HeaderStage, Value: []byte(by)},
		{Key: HeaderTopic, Value: []byte(r.Topic)},
		{Key: HeaderPartition, Value: strconv.AppendInt(nil, int64(r.Partition), 10)},
		{Key: HeaderOffset, Value: strconv.AppendInt(nil, r.Offset, 10)},
	}
	for _, h := range r.Headers {
		if !slices.ContainsFunc(says, func(said kgo.RecordHeader) bool { return said.Key == h.Key }) {
			letter.Headers = append(letter.Headers, h)
		}
	}
	letter.Headers = append(letter.Headers, says...)
	return letter
}

// Excerpt makes a text that may quote hostile input fit for a header: valid
// UTF-8 of at most 1 KiB on one line.
func Excerpt(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) <= excerptBytes {
		return s
	}
	s = s[:excerptBytes]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s
}
