package normalize

import (
	"reflect"
	"strings"
	"unicode/utf8"

	"leadline/schemas"
)

// clean drops from every text of the meeting what stores cannot keep or compare:
// NUL, and the mark that stands for half of a surrogate pair. All else stays as
// the recorder wrote it. It walks the fields, so that no decoder and no new
// field can forget it.
func clean(m *schemas.Meeting) { cleanValue(reflect.ValueOf(m)) }

func cleanValue(v reflect.Value) {
	if v.Type() == timeType {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			cleanValue(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			cleanValue(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			cleanValue(v.Index(i))
		}
	case reflect.String:
		if s := v.String(); strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) || strings.Contains(s, string(utf8.RuneError)) {
			v.SetString(strings.Map(keep, s))
		}
	}
}

func keep(r rune) rune {
	if r == 0 || r == utf8.RuneError {
		return -1
	}
	return r
}
