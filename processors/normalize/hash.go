package normalize

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"reflect"
	"strconv"
	"sync"
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
	room, _ := rooms.Get().(*[]byte)
	defer rooms.Put(room)
	text := appendValue((*room)[:0], reflect.ValueOf(m))
	if cap(text) <= mostRoom {
		*room = text
	}
	sum := sha256.Sum256(text)
	return sum[:]
}

// rooms are where meetings are written out, one after the other.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// mostRoom is of a meeting that is long; what a longer one took is not kept.
const mostRoom = 1 << 20

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
		for i, name := range fieldNames(v.Type()) {
			if field := v.Field(i); !absent(field) {
				to = append(to, name...)
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

// fieldNames has the names of a struct's fields as appendText writes them. They
// are kept: reflection makes each anew, a dozen for a turn.
func fieldNames(t reflect.Type) [][]byte {
	if kept, found := names.Load(t); found {
		known, _ := kept.([][]byte)
		return known
	}
	all := make([][]byte, t.NumField())
	for i := range all {
		all[i] = appendText(nil, t.Field(i).Name)
	}
	names.Store(t, all)
	return all
}

var names sync.Map // reflect.Type -> [][]byte

func absent(v reflect.Value) bool {
	return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}

func appendText(to []byte, s string) []byte {
	return append(appendNumber(to, uint64(len(s))), s...)
}

func appendNumber(to []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(to, n) }
