package normalize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

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

// checkBody goes over the bytes once, before anything is allocated for them.
func checkBody(body []byte) error {
	if !utf8.Valid(body) {
		return errors.New("not UTF-8")
	}
	// Null would decode without an error, into nothing.
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) == 0 || start[0] != '{' {
		return errors.New("not a JSON object")
	}
	depth, values, inText := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			depth++
			values++
		case c == '}' || c == ']':
			depth--
		case c == ',':
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
