package normalize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"leadline/schemas"
)

const (
	// maxDepth is far above the 5 levels of any recorder's form.
	maxDepth = 64
	// maxValues bounds the memory that a body can ask for: of an array of empty
	// objects, one takes 3 bytes on the wire and up to 150 when it is decoded. A
	// transcript of maxTurns has 6 commas and braces a turn.
	maxValues = 1 << 20
	// maxTurns is 28 hours of a new speaker every second.
	maxTurns = 100_000
)

// decodeObject decodes a body into a struct. What is not a JSON object, or
// exceeds the limits, is malformed; a value of another type than the struct's is
// invalid, and the error names the field.
func decodeObject(body []byte, into any) error {
	if err := checkBody(body); err != nil {
		return schemas.Reject(schemas.ReasonMalformed, err)
	}
	// Four times as fast. What it refuses encoding/json judges again, and says why.
	if jsonv2.Unmarshal(body, into, asEncodingJSON) == nil {
		return nil
	}
	reflect.ValueOf(into).Elem().SetZero()
	err := json.Unmarshal(body, into)
	var mismatch *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &mismatch):
		return schemas.Reject(schemas.ReasonInvalid, fmt.Errorf("%s: want %s, got %.40s (before byte %d)",
			mismatch.Field, jsonType(mismatch.Type), mismatch.Value, mismatch.Offset))
	}
	return schemas.Reject(schemas.ReasonMalformed, fmt.Errorf("decoding JSON: %w", err))
}

// asEncodingJSON lets names and texts through as encoding/json does.
var asEncodingJSON = jsonv2.JoinOptions(
	jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsonv2.MatchCaseInsensitiveNames(true),
)

// checkBody goes over the bytes once, before anything is allocated for them.
func checkBody(body []byte) error {
	if !utf8.Valid(body) {
		return errors.New("not UTF-8")
	}
	// Null would decode without an error, into nothing.
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) == 0 || start[0] != '{' {
		return errors.New("not a JSON object")
	}
	depth, values := 0, 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			i = textEnd(body, i+1)
		case '{', '[':
			depth++
			values++
		case '}', ']':
			depth--
		case ',':
			values++
		}
		if depth > maxDepth {
			return fmt.Errorf("JSON nested deeper than %d", maxDepth)
		}
		if values > maxValues {
			return fmt.Errorf("JSON of more than %d values", maxValues)
		}
	}
	return nil
}

// textEnd returns where the quote is that ends a text, or the end of the body.
func textEnd(body []byte, from int) int {
	for {
		n := bytes.IndexByte(body[from:], '"')
		if n < 0 {
			return len(body)
		}
		quote, escapes := from+n, 0
		for escapes < n && body[quote-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return quote
		}
		from = quote + 1
	}
}

func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct:
		return "object"
	case reflect.Slice:
		return "array"
	case reflect.Int64:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.Bool:
		return "boolean"
	}
	return "string"
}
