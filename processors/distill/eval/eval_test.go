package eval

import (
	"context"
	"errors"
	"strings"
	"testing"

	"leadline/processors/distill"
	"leadline/schemas"
)

const good = `{"id": "1", "before": [], "speaker": "Ana", "external": true, "text": "It works.", "after": [], "kinds": ["customer_feedback"]}`

func TestReadTakesWhatIsDescribed(t *testing.T) {
	t.Parallel()
	all, err := Read(strings.NewReader(good + "\n\n" + `{"id": "2", "speaker": "Bo", "external": false, "text": "Hm.", "kinds": [], "note": "kept apart"}`))
	if err != nil || len(all) != 2 || !*all[0].External || *all[1].External || len(all[1].Kinds) != 0 {
		t.Errorf("read %+v, %v", all, err)
	}
}

func TestReadNamesTheLineAndTheFieldThatAreWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, field string }{
		{`[]`, ""},
		{`{"id": `, ""},
		{strings.Replace(good, `"id": "1", `, ``, 1), "id"},
		{strings.Replace(good, `"1"`, `" "`, 1), "id"},
		{strings.Replace(good, `"1"`, `7`, 1), "id"},
		{good, "id"}, // twice
		{strings.Replace(good, `"before": []`, `"before": "no"`, 1), "before"},
		{strings.Replace(good, `"Ana"`, `""`, 1), "speaker"},
		{strings.Replace(good, `"external": true, `, ``, 1), "external"},
		{strings.Replace(good, `"external": true`, `"external": null`, 1), "external"},
		{strings.Replace(good, `"external": true`, `"external": "yes"`, 1), "external"},
		{strings.Replace(good, `"It works."`, `""`, 1), "text"},
		{strings.Replace(good, `"after": []`, `"after": [1]`, 1), "after"},
		{strings.Replace(good, `["customer_feedback"]`, `["praise"]`, 1), "kinds"},
		{strings.Replace(good, `["customer_feedback"]`, `null`, 1), "kinds"},
		{strings.Replace(good, `, "kinds": ["customer_feedback"]`, ``, 1), "kinds"},
		{strings.Repeat("x", maxLine+1), ""},
	} {
		_, err := Read(strings.NewReader(good + "\n" + c.line))
		var bad *BadLine
		if !errors.As(err, &bad) || bad.Line != 2 || bad.Field != c.field {
			t.Errorf("%.100s: %v, want line 2, field %q", c.line, err, c.field)
		}
	}
}

// fixed finds the same in every meeting.
type fixed []schemas.Distillate

func (fixed) Name() string { return "fixed" }
func (f fixed) Distill(context.Context, distill.Input) (distill.Answer, error) {
	return distill.Answer{Distillates: f}, nil
}

func TestRunCountsWhatIsFoundInTheTurnItself(t *testing.T) {
	t.Parallel()
	passages, err := Read(strings.NewReader(`
{"id": "right", "before": [{"speaker": "Bo", "text": "How is it?"}], "speaker": "Ana", "external": true, "text": "It works. Send it.", "kinds": ["customer_feedback"]}
{"id": "ours", "before": [{"speaker": "Bo", "text": "Well?"}], "speaker": "Ana", "external": false, "text": "It works. Send it.", "kinds": []}
{"id": "missed", "speaker": "Ana", "external": true, "text": "Too dear.", "kinds": ["renewal_signal"]}`))
	if err != nil {
		t.Fatal(err)
	}
	var differ []string
	r, err := Run(t.Context(), fixed{
		{Kind: schemas.CustomerFeedback, Turn: 1, Quote: "It works."},
		{Kind: schemas.CustomerFeedback, Turn: 1, Quote: "It works."},    // counts once
		{Kind: schemas.ProductAsk, Turn: 0, Quote: "How is it?"},         // another turn
		{Kind: schemas.RenewalSignal, Turn: 1, Quote: "It is too dear."}, // not verbatim
		{Kind: schemas.ActionItem, Turn: 1, Quote: "Send it."},
	}, passages, func(f Finding) { differ = append(differ, f.Passage.ID+" "+f.Kind) })
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Count{
		schemas.CustomerFeedback: {N: 1, TP: 1, Precision: 1, Recall: 1},
		schemas.ActionItem:       {FP: 2, Recall: 1},
		schemas.ProductAsk:       {Precision: 1, Recall: 1},
		schemas.RenewalSignal:    {N: 1, FN: 1, Precision: 1},
	}
	for kind, c := range want {
		if r.Kinds[kind] != c {
			t.Errorf("%s: %+v, want %+v", kind, r.Kinds[kind], c)
		}
	}
	if r.Lines != 3 || r.None != 1 || r.Micro != (Mean{Precision: 1.0 / 3, Recall: 0.5}) || r.Macro != (Mean{Precision: 0.75, Recall: 0.75}) {
		t.Errorf("report %+v", r)
	}
	if got := strings.Join(differ, ", "); got != "right action_item, ours action_item, missed renewal_signal" {
		t.Errorf("differs in %s", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Add(`{"id": 1}`)
	f.Fuzz(func(t *testing.T, line string) {
		all, err := Read(strings.NewReader(line))
		if err != nil {
			var bad *BadLine
			if !errors.As(err, &bad) || bad.Line < 1 {
				t.Fatalf("%q: %v names no line", line, err)
			}
			return
		}
		for _, p := range all {
			if m, turn := p.meeting(); m.Turns[turn].Text != p.Text {
				t.Fatalf("%q: turn %d of %d", line, turn, len(m.Turns))
			}
		}
	})
}
