package sink

import (
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// maxErrorBytes is what schemas promises for HeaderError.
const maxErrorBytes = 1 << 10

// deadLetter is the record as it was, with what happened to it. Headers of an
// earlier death, of a letter that was replayed, give way to those of this one.
func deadLetter(from schemas.Spec, stage string, l letter) *kgo.Record {
	dead := &kgo.Record{Topic: from.DeadLetters(), Key: l.record.Key, Value: l.record.Value}
	says := []kgo.RecordHeader{
		{Key: schemas.HeaderReason, Value: []byte(l.err.Reason)},
		{Key: schemas.HeaderError, Value: []byte(shorten(l.err.Err.Error()))},
		{Key: schemas.HeaderStage, Value: []byte(stage)},
		{Key: schemas.HeaderTopic, Value: []byte(l.record.Topic)},
		{Key: schemas.HeaderPartition, Value: strconv.AppendInt(nil, int64(l.record.Partition), 10)},
		{Key: schemas.HeaderOffset, Value: strconv.AppendInt(nil, l.record.Offset, 10)},
	}
	for _, h := range l.record.Headers {
		if !isOneOf(h.Key, says) {
			dead.Headers = append(dead.Headers, h)
		}
	}
	dead.Headers = append(dead.Headers, says...)
	return dead
}

func isOneOf(key string, headers []kgo.RecordHeader) bool {
	for _, h := range headers {
		if h.Key == key {
			return true
		}
	}
	return false
}

func shorten(s string) string {
	if len(s) > maxErrorBytes {
		s = s[:maxErrorBytes]
	}
	return strings.ToValidUTF8(s, "")
}
