package console

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// shapes are the JSON Schemas of Go types, by the types' names.
type shapes map[string]object

func reference(name string) object { return object{"$ref": "#/components/schemas/" + name} }

// of is the schema of the example's type, by reference where it has a name.
func (s shapes) of(example any) object { return s.typed(reflect.TypeOf(example)) }

var (
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

func (s shapes) typed(t reflect.Type) object {
	switch t {
	case timeType:
		return object{"type": "string", "format": "date-time"}
	case rawType:
		return object{"type": "object"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(s.typed(t.Elem()))
	case reflect.Slice:
		return object{"type": "array", "items": s.typed(t.Elem())}
	case reflect.Array:
		return object{"type": "array", "items": s.typed(t.Elem()), "minItems": t.Len(), "maxItems": t.Len()}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.typed(t.Elem())}
	case reflect.Struct:
		name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
		if _, known := s[name]; !known {
			s[name] = object{} // a type may hold itself
			s[name] = s.members(t)
		}
		return reference(name)
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return object{"type": "integer", "minimum": 0}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return object{"type": "integer"}
	default:
		return object{} // any value
	}
}

func nullable(o object) object {
	if kind, ok := o["type"].(string); ok {
		o["type"] = []string{kind, "null"}
		return o
	}
	return object{"anyOf": []object{o, {"type": "null"}}}
}

// members is an object as encoding/json writes the struct: what is embedded
// without a name is its own. A pointer is there too, as null, unless it is left
// out when it is empty.
func (s shapes) members(t reflect.Type) object {
	properties, required := make(object), []string{}
	var add func(reflect.Type)
	add = func(t reflect.Type) {
		for f := range t.Fields() {
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				add(f.Type)
				continue
			case !f.IsExported() || name == "-":
				continue
			case name == "":
				name = f.Name
			}
			property := s.typed(f.Type)
			if says := f.Tag.Get("doc"); says != "" {
				property["description"] = says
			}
			properties[name] = property
			if !strings.Contains(options, "omit") {
				required = append(required, name)
			}
		}
	}
	add(t)
	return object{"type": "object", "properties": properties, "required": required}
}
