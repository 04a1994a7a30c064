package zoom

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// redact takes out of an answer what opens something for whoever reads it: tokens, passcodes, addresses of files, and
// the queries of links, in which Zoom puts both. Everything else keeps its value; keys come sorted.
func redact(answer []byte) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber() // a meeting's id has more digits than a float
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("decoding an answer of Zoom: %w", err)
	}
	if _, isObject := value.(map[string]any); !isObject {
		return nil, fmt.Errorf("answer of Zoom is not a JSON object")
	}
	return encode(without(value))
}

// encode is json.Marshal without its escapes for HTML, which would make six bytes of each <.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func without(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if opens(key) {
				delete(v, key)
				continue
			}
			v[key] = without(inner)
		}
	case []any:
		for i := range v {
			v[i] = without(v[i])
		}
	case string:
		return plainLink(v)
	}
	return value
}

func opens(key string) bool {
	key = strings.ToLower(key)
	for _, part := range []string{"token", "password", "passcode", "download_url", "secret"} {
		if strings.Contains(key, part) {
			return true
		}
	}
	return false
}

// plainLink leaves scheme, host and path of a text that is a web address.
func plainLink(text string) string {
	if !strings.HasPrefix(text, "https://") && !strings.HasPrefix(text, "http://") || strings.ContainsAny(text, " \n") {
		return text
	}
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	if u.User == nil && u.RawQuery == "" && u.Fragment == "" && !u.ForceQuery {
		return text
	}
	u.User, u.RawQuery, u.Fragment, u.RawFragment, u.ForceQuery = nil, "", "", "", false
	return u.String()
}
