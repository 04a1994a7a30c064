package normalize

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"math"
	"reflect"
	"strconv"
	"time"

	"leadline/schemas"
)

// contentHash is the SHA-256 of the identity and of everything the recorder
// said. How its JSON was written leaves no trace: not the order of keys, nor
// white space, nor the form of a time, nor null for a key that is absent.
//
// Each field that has a value counts with its name. A field that a later
// version adds to Meeting therefore changes the hashes of those meetings that
// have it, and does not make every meeting look edited.
func contentHash(m schemas.Meeting) []byte {
	m.Connection, m.Source, m.ContentHash, m.ReceivedAt = "", "", nil, time.Time{}
	h := sha256.New()
	hashValue(h, reflect.ValueOf(m))
	return h.Sum(nil)
}

var timeType = reflect.TypeFor[time.Time]()

// hashValue writes v so that no two values are written alike: lengths stand
// before what varies in length, and a struct ends with an empty name.
func hashValue(h hash.Hash, v reflect.Value) {
	if v.Type() == timeType {
		t, _ := v.Interface().(time.Time)
		hashNumber(h, uint64(t.UnixMilli()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); !absent(field) {
				hashText(h, v.Type().Field(i).Name)
				hashValue(h, field)
			}
		}
		hashText(h, "")
	case reflect.Pointer:
		hashValue(h, v.Elem())
	case reflect.Slice:
		hashNumber(h, uint64(v.Len())) //nolint:gosec // a length is not negative
		for i := range v.Len() {
			hashValue(h, v.Index(i))
		}
	case reflect.String:
		hashText(h, v.String())
	case reflect.Bool:
		hashText(h, strconv.FormatBool(v.Bool()))
	case reflect.Float64:
		hashNumber(h, math.Float64bits(v.Float()))
	default:
		hashNumber(h, uint64(v.Int())) //nolint:gosec // any bijection will do
	}
}

func absent(v reflect.Value) bool {
	return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}

func hashText(h hash.Hash, s string) {
	hashNumber(h, uint64(len(s)))
	_, _ = io.WriteString(h, s) // a hash never fails
}

func hashNumber(h hash.Hash, n uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	h.Write(b[:])
}
