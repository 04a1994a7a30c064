package passage

import (
	"encoding/base64"
	"errors"
	"testing"

	"leadline/schemas"
)

// FuzzCursor goes on behind anything: a cursor of ours gives what follows, any other text a rest of the list or a clear no.
func FuzzCursor(f *testing.F) {
	all := []Passage{
		{Meeting: "a/fathom/1", Entries: []string{"e1", "e2"}, Score: 3}, {Meeting: "a/fathom/1", Entries: []string{"e3"}, Score: 2},
		{Meeting: "a/fathom/2", Entries: []string{"e1"}, Score: 2}, {Meeting: "a/fathom/3", Entries: []string{"e1"}, Score: 1},
	}
	for _, p := range all {
		f.Add(p.Cursor(), p.Meeting, p.Score)
	}
	f.Add("!", "\xff", 0.0)
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"s":1e999,"e":[null]}`)), "", -1.0)
	f.Fuzz(func(t *testing.T, after, meeting string, score float64) {
		page, err := Page(all, after, 2)
		if refused := (*schemas.InvalidQuery)(nil); err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
		if len(page) > 2 {
			t.Fatalf("%d passages", len(page))
		}
		own := Passage{Meeting: meeting, Entries: []string{"e"}, Score: score}
		if own.Cursor() == "" {
			return // a score that is no number
		}
		page, err = Page(all, own.Cursor(), len(all))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page {
			if compare(p, own) <= 0 {
				t.Fatalf("%+v is not behind %+v", p, own)
			}
		}
	})
}
