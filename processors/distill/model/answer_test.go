package model

import (
	"strings"
	"testing"

	"leadline/schemas"
)

// FuzzAnswer reads whatever a model, or what poses as one, may say: never more than a part may have, and no longer texts.
func FuzzAnswer(f *testing.F) {
	for _, text := range []string{
		`{"topics":[{"id":"t","turn":1,"quote":"q"}],"distillates":[{"kind":"risk","turn":0,"quote":"q","sentence":"s\u202e\nx","owner":"o"}]}`,
		"Here it is:\n```json\n{\"distillates\":[]}\n```", `{"distillates":null}`, `{}`, `}{`, `{"distillates":[` + strings.Repeat(`{"kind":"risk"},`, 300) + `{}]}`,
	} {
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, cut bool) {
		a, err := read(Reply{Text: text, Truncated: cut})
		if err != nil {
			return
		}
		if cut || len(a.Distillates) > maxFound || len(a.Topics) > schemas.MaxRules {
			t.Fatalf("cut is %t, with %d distillates and %d topics", cut, len(a.Distillates), len(a.Topics))
		}
		for _, d := range a.Distillates {
			if len(d.Quote) > maxText || len(d.Sentence) > maxText || strings.ContainsAny(d.Sentence, "\n\u202e") && d.Sentence != d.Quote {
				t.Fatalf("%+v", d)
			}
			if d.Owner != nil && d.Kind != schemas.ActionItem {
				t.Fatalf("a %s has an owner", d.Kind)
			}
		}
	})
}

func TestATurnThatNoTranscriptHasSpoilsNoAnswer(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]int32{
		`7`: 7, `"7"`: 7, `0`: 0, `-3`: -3, `2400000000000000`: -1, `1e400`: -1, `7.5`: -1, `null`: -1,
	} {
		a, err := read(Reply{Text: `{"topics": [{"id": "t", "turn": ` + said + `, "quote": "q"}], "distillates": [
			{"kind": "product_ask", "turn": ` + said + `, "quote": "q", "sentence": "s", "owner": ""},
			{"kind": "product_ask", "turn": 5, "quote": "q", "sentence": "s", "owner": ""}]}`})
		if err != nil || len(a.Topics) != 1 || a.Topics[0].Turn != want || len(a.Distillates) != 2 || a.Distillates[0].Turn != want || a.Distillates[1].Turn != 5 {
			t.Errorf("turn %s: %+v, %v", said, a, err)
		}
	}
	for _, said := range []string{`"first"`, `{}`, `[1]`, `true`} {
		if a, err := read(Reply{Text: `{"distillates": [{"kind": "product_ask", "turn": ` + said + `, "quote": "q"}]}`}); err == nil {
			t.Errorf("turn %s: %+v", said, a)
		}
	}
}
