package normalize

import (
	"crypto/sha256"
	"encoding/binary"
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
	m.Connection, m.Source, m.ContentHash, m.ReceivedAt, m.GoneAt = "", "", nil, time.Time{}, nil
	// Written out first: a transcript has ten thousand small parts, and a hash takes each by itself.
	sum := sha256.Sum256(appendValue(nil, reflect.ValueOf(m)))
	return sum[:]
}

var timeType = reflect.TypeFor[time.Time]()

// appendValue writes v so that no two values are written alike: lengths stand
// before what varies in length, and a struct ends with an empty name.
func appendValue(to []byte, v reflect.Value) []byte {
	if v.Type() == timeType {
		t, _ := v.Interface().(time.Time)
		return appendNumber(to, uint64(t.UnixMilli()))
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); !absent(field) {
				to = appendText(to, v.Type().Field(i).Name)
				to = appendValue(to, field)
			}
		}
		return appendText(to, "")
	case reflect.Pointer:
		return appendValue(to, v.Elem())
	case reflect.Slice:
		to = appendNumber(to, uint64(v.Len())) //nolint:gosec // a length is not negative
		for i := range v.Len() {
			to = appendValue(to, v.Index(i))
		}
		return to
	case reflect.String:
		return appendText(to, v.String())
	case reflect.Bool:
		return appendText(to, strconv.FormatBool(v.Bool()))
	case reflect.Float64:
		return appendNumber(to, math.Float64bits(v.Float()))
	default:
		return appendNumber(to, uint64(v.Int())) //nolint:gosec // any bijection will do
	}
}

func absent(v reflect.Value) bool {
	return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}

func appendText(to []byte, s string) []byte {
	return append(appendNumber(to, uint64(len(s))), s...)
}

func appendNumber(to []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(to, n) }
