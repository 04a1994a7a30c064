package schemas

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"
)

// excerptBytes bounds what an error adds to a dead letter or a progress event.
const excerptBytes = 1024

// DeadLetter keeps a record byte for byte, its own headers included, and adds
// why it failed and where it was.
func DeadLetter(r *kgo.Record, by string, rejected *Rejected) *kgo.Record {
	letter := &kgo.Record{Topic: r.Topic + deadSuffix, Key: r.Key, Value: r.Value, Timestamp: r.Timestamp}
	letter.Headers = append(letter.Headers, r.Headers...)
	for _, h := range [][2]string{
		{HeaderReason, string(rejected.Reason)},
		{HeaderError, Excerpt(rejected.Err.Error())},
		{HeaderStage, by},
		{HeaderTopic, r.Topic},
		{HeaderPartition, strconv.Itoa(int(r.Partition))},
		{HeaderOffset, strconv.FormatInt(r.Offset, 10)},
	} {
		letter.Headers = append(letter.Headers, kgo.RecordHeader{Key: h[0], Value: []byte(h[1])})
	}
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
