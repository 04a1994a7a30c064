package rules_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"leadline/ingress/rules"
	"leadline/schemas"
)

func TestFileThatIsWrongIsToldWhere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, want string }{
		"a misspelt field":  {"rules:\n  - {type: topic, txt: x}", "txt"},
		"no type":           {"rules: [{text: x}]", "rules[0].id"},
		"an unknown type":   {"rules: [{id: a, type: block, text: x}]", "rules[0].type"},
		"no text":           {"rules: [{type: topic, text: '  '}]", "rules[0].text"},
		"too much text":     {"rules: [{type: topic, text: " + strings.Repeat("x", 501) + "}]", "rules[0].text: 501 characters"},
		"a recorder":        {"rules: [{type: topic, text: x, recorder: teams}]", "rules[0].recorder"},
		"one id twice":      {"rules: [{id: a, type: topic, text: x}, {id: a, type: topic, text: y}]", "rules[1].id"},
		"an unknown preset": {"rules: [{preset: gossip}]", "rules[0].preset"},
		"a changed preset":  {"rules: [{preset: product-asks, text: x}]", "rules[0].preset"},
		"a wrong focus":     {"rules: [{type: topic, text: x, focus: gossip}]", "rules[0].focus"},
		"nothing":           {"", "empty"},
		"no YAML":           {"rules: [", "line"},
		"two documents":     {"rules: []\n---\nrules: []", "more than one"},
	} {
		_, err := rules.Parse(strings.NewReader(c.file))
		var invalid *rules.Invalid
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want one that says %q", name, err, c.want)
		}
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	t.Parallel()
	all, err := rules.Parse(strings.NewReader(`{"rules": [{"preset": "renewal-signals"}, {"type": "keyword", "text": "internal only", "enabled": false, "recorder": "zoom"}]}`))
	if err != nil || len(all) != 2 || all[0].Focus != schemas.RenewalSignal || all[1].ID != "keyword-2" || all[1].Enabled {
		t.Fatalf("%+v, %v", all, err)
	}
	all = append(all, rules.Presets()[0])
	var file bytes.Buffer
	if err := rules.Write(&file, all); err != nil {
		t.Fatal(err)
	}
	again, err := rules.Parse(&file)
	if err != nil || !reflect.DeepEqual(again, all) {
		t.Errorf("%+v, %v", again, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("rules: [{type: keyword, text: x}]")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := rules.Parse(strings.NewReader(text))
		if err == nil && schemas.CheckRules(schemas.RuleSet{Org: "o", Rules: all}) != nil {
			t.Errorf("%q was taken", text)
		}
	})
}
