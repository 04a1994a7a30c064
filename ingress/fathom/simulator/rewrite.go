package simulator

import (
	"bytes"
	"encoding/json"
)

// rewriteObject passes each member of a JSON object to edit and returns the object with the answers. When edit
// changes nothing, the bytes come back as they are. What is not an object comes back as it is, too.
//
// Decoding into a map and encoding again would sort the keys, round big numbers and escape differently: the webhook's
// body would no longer be the file.
func rewriteObject(object []byte, edit func(key string, value []byte) (_ []byte, keep bool)) []byte {
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return object
	}
	var out bytes.Buffer
	out.WriteByte('{')
	changed := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return object
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return object
		}
		name, _ := key.(string)
		edited, keep := edit(name, value)
		changed = changed || !keep || !bytes.Equal(edited, value)
		if !keep {
			continue
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return object
		}
		out.Write(quoted)
		out.WriteByte(':')
		out.Write(edited)
	}
	if !changed {
		return object
	}
	out.WriteByte('}')
	return out.Bytes()
}

// joinArray writes a JSON array of values that are JSON already, byte for byte; json.Marshal would compact them.
func joinArray(values []json.RawMessage) []byte {
	var out bytes.Buffer
	out.WriteByte('[')
	for i, value := range values {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(bytes.TrimSpace(value))
	}
	out.WriteByte(']')
	return out.Bytes()
}
