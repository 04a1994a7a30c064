package model_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"leadline/processors/distill"
	"leadline/processors/distill/model"
	"leadline/schemas"
)

// deaf never answers usably, and keeps what it was asked.
type deaf struct{ asked []model.Prompt }

func (*deaf) Name() string { return "deaf:1" }

func (d *deaf) Complete(_ context.Context, p model.Prompt) (model.Reply, error) {
	d.asked = append(d.asked, p)
	return model.Reply{Truncated: true}, nil
}

func TestWhatAModelHasReadIsNotChanged(t *testing.T) {
	t.Parallel()
	d := &deaf{}
	distiller, err := model.New(d, model.Options{Window: 8000, MaxTokens: 1000, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{"a", "b"} {
		m := meeting("")
		m.Meeting.ContentHash = []byte(hash)
		in := distill.NewInput(&m.Meeting, m.OwnDomains)
		in.Rules.Rules = []schemas.LearningRule{{ID: "brief", Type: schemas.RuleInstruction, Text: "Be brief.", Enabled: true}}
		if _, err := distiller.Distill(t.Context(), in); err == nil {
			t.Fatal("an answer that was cut off was taken")
		}
	}
	first, again, other := d.asked[0], d.asked[1], d.asked[2]
	if again.System != first.System || !strings.HasPrefix(again.User, first.User) || again.User == first.User {
		t.Errorf("the second time it is asked\n%s\n%s", again.System, again.User)
	}
	orders := strings.LastIndex(first.System, "\nThe word is ")
	if other.System == first.System || orders < 0 || !strings.HasPrefix(other.System, first.System[:orders]) {
		t.Errorf("the next meeting is asked about with\n%s", other.System)
	}
	if !strings.Contains(first.System[:orders], "Be brief.") {
		t.Errorf("the instruction is missing in\n%s", first.System)
	}
}

func TestTopicsMayBeNamedOnlyWhereThereAreSome(t *testing.T) {
	t.Parallel()
	d := &deaf{}
	distiller, err := model.New(d, model.Options{Window: 8000, MaxTokens: 1000, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	m := meeting("")
	in := distill.NewInput(&m.Meeting, m.OwnDomains)
	_, without := distiller.Distill(t.Context(), in)
	in.Rules.Rules = []schemas.LearningRule{{ID: "money", Type: schemas.RuleTopic, Text: "What it costs", Enabled: true}}
	_, with := distiller.Distill(t.Context(), in)
	if without == nil || with == nil {
		t.Fatal("an answer that was cut off was taken")
	}
	for i, want := range []bool{false, false, true, true} {
		properties, _ := d.asked[i].Schema["properties"].(map[string]any)
		_, found := properties["topics"]
		named := slices.Contains(d.asked[i].Schema["required"].([]string), "topics")
		if found != want || named != want || properties["distillates"] == nil {
			t.Errorf("call %d: %v", i, d.asked[i].Schema)
		}
	}
}
