package schemas

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/twmb/avro"
)

// Builds of different ages run side by side during an upgrade and after a
// rollback, so what is written with any version of a schema is read with any
// other of its subject: later by earlier ones, too.
func TestEveryVersionReadsEveryOther(t *testing.T) {
	t.Parallel()
	all, err := Manifest()
	if err != nil {
		t.Fatal(err)
	}
	pairs := 0
	for _, written := range all {
		writer, err := avro.Parse(written.Text)
		if err != nil {
			t.Fatal(err)
		}
		for _, full := range []bool{false, true} {
			raw, err := writer.AppendEncode(nil, sampleOf(t, written.Text, full))
			if err != nil {
				t.Fatalf("a value of %s: %v", written.File, err)
			}
			for _, read := range all {
				if read.Subject != written.Subject {
					continue
				}
				pairs++
				reader, err := avro.Parse(read.Text)
				if err != nil {
					t.Fatal(err)
				}
				resolved, err := avro.Resolve(writer, reader)
				if err != nil {
					t.Errorf("%s cannot read %s: %v", read.File, written.File, err)
					continue
				}
				var v any
				if rest, err := resolved.Decode(raw, &v); err != nil || len(rest) > 0 {
					t.Errorf("%s reads %s: %v, %d bytes are left", read.File, written.File, err, len(rest))
				}
			}
		}
	}
	t.Logf("%d pairs of versions", pairs)
}

// sampleOf makes a value of a schema: a full one takes the last branch of each
// union and one element of each array and map, the other the first and none.
func sampleOf(t *testing.T, text string, full bool) any {
	t.Helper()
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	v, err := (&sampler{full: full, named: make(map[string]any)}).value(parsed)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

type sampler struct {
	full  bool
	named map[string]any
}

func (s *sampler) value(schema any) (any, error) {
	switch is := schema.(type) {
	case string:
		return s.plain(is)
	case []any: // a union
		if s.full {
			return s.value(is[len(is)-1])
		}
		return s.value(is[0])
	case map[string]any:
		return s.complex(is)
	}
	return nil, fmt.Errorf("%v is no schema", schema)
}

func (s *sampler) plain(name string) (any, error) {
	switch name {
	case "null":
		return nil, nil
	case "boolean":
		return s.full, nil
	case "int":
		return int32(7), nil
	case "long":
		return int64(1_767_600_000_000), nil
	case "float":
		return float32(0.5), nil
	case "double":
		return 0.5, nil
	case "string":
		return "a lead line", nil
	case "bytes":
		return []byte{0, 1}, nil
	}
	if schema, known := s.named[name]; known {
		return s.value(schema)
	}
	return nil, fmt.Errorf("there is no type %q", name)
}

func (s *sampler) complex(schema map[string]any) (any, error) {
	name, _ := schema["name"].(string)
	if name != "" {
		s.named[name] = schema
		if space, _ := schema["namespace"].(string); space != "" {
			s.named[space+"."+name] = schema
		}
		s.named["leadline."+name] = schema
	}
	switch kind, _ := schema["type"].(string); kind {
	case "record":
		fields, _ := schema["fields"].([]any)
		record := make(map[string]any)
		for _, f := range fields {
			field, _ := f.(map[string]any)
			v, err := s.value(field["type"])
			if err != nil {
				return nil, fmt.Errorf("%s.%v: %w", name, field["name"], err)
			}
			record[field["name"].(string)] = v
		}
		return record, nil
	case "array", "map":
		of := "items"
		if kind == "map" {
			of = "values"
		}
		if !s.full {
			if kind == "map" {
				return map[string]any{}, nil
			}
			return []any{}, nil
		}
		v, err := s.value(schema[of])
		if kind == "map" {
			return map[string]any{"a key": v}, err
		}
		return []any{v}, err
	case "enum":
		symbols, _ := schema["symbols"].([]any)
		return symbols[0], nil
	case "fixed":
		size, _ := schema["size"].(float64)
		return make([]byte, int(size)), nil
	default:
		return s.value(schema["type"])
	}
}
