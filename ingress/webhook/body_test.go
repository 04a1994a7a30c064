package webhook

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"leadline/ingress/recorder"
)

func FuzzCheckBody(f *testing.F) {
	for _, seed := range []string{`{}`, ` {"a":1}`, `[]`, `"{}"`, ``, `{`, "{\"a\":\"\xff\"}", `{}{}`, "\ufeff{}", `nul`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var object map[string]json.RawMessage
		// null decodes into a map, too, but leaves it nil.
		isObject := utf8.Valid(body) && json.Unmarshal(body, &object) == nil && object != nil
		if passed := checkBody(body, recorder.Delivery{}) == nil; passed != isObject {
			t.Errorf("%q: passed is %v", body, passed)
		}
	})
}
