package local

import (
	"encoding/binary"
	"errors"
)

var errRecord = errors.New("malformed record")

// record is one record inside an uncompressed batch payload.
type record struct {
	raw            []byte // with its length prefix
	key            []byte // nil when the record has no key
	offsetDelta    int64
	timestampDelta int64
}

// eachRecord calls fn with each of count records, which must fill payload exactly. The layout of a record is: length,
// attributes, timestamp delta, offset delta, key length, key, and what follows the key, which nobody here looks at.
func eachRecord(payload []byte, count int32, fn func(record) error) error {
	for ; count > 0; count-- {
		length, n := binary.Varint(payload)
		if n <= 0 || length < 1 || length > int64(len(payload)-n) {
			return errRecord
		}
		r := record{raw: payload[:n+int(length)]}
		body := payload[n+1 : n+int(length)] // The byte skipped is the record's attributes, which are unused.
		var keyLen int64
		for _, field := range []*int64{&r.timestampDelta, &r.offsetDelta, &keyLen} {
			v, n := binary.Varint(body)
			if n <= 0 {
				return errRecord
			}
			*field, body = v, body[n:]
		}
		if keyLen > int64(len(body)) || keyLen < -1 {
			return errRecord
		}
		if keyLen >= 0 {
			r.key = body[:keyLen:keyLen]
		}
		if err := fn(r); err != nil {
			return err
		}
		payload = payload[len(r.raw):]
	}
	if len(payload) > 0 {
		return errRecord
	}
	return nil
}
