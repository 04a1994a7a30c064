package distill

import (
	"testing"

	"leadline/schemas"
)

func at(ms int64) *int64 { return &ms }

func TestRecordersActionItems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		item     schemas.Action
		turn     int32
		quote    string
		owner    string
		startsAt int64
	}{
		{"said near its time", schemas.Action{Description: "Send Mara the revised quote", AtMS: at(9500), AssigneeName: address("Hana Berg")},
			2, "Good. I'll send you the revised quote by Friday, we love it.", "Hana Berg", 9000},
		{"its time is a turn off", schemas.Action{Description: "Send the revised quote", AtMS: at(15500)},
			2, "Good. I'll send you the revised quote by Friday, we love it.", "", 9000},
		{"said in other words", schemas.Action{Description: "Prepare the workshop agenda", AtMS: at(9500), AssigneeEmail: address("hana@leadline.example")},
			-1, "", "hana@leadline.example", 9500},
		{"without a time", schemas.Action{Description: "Send the revised quote", AssigneeTeam: address("Sales")}, -1, "", "Sales", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := matched()
			m.Meeting.ActionItems = []schemas.Action{c.item}
			got := newRig(t, &scripted{name: "s/1"}).feed(t, m).Distillates
			if len(got) != 1 {
				t.Fatalf("%d distillates", len(got))
			}
			d := got[0]
			owner := ""
			if d.Owner != nil {
				owner = *d.Owner
			}
			if d.Kind != schemas.ActionItem || d.Sentence != c.item.Description || d.Turn != c.turn || d.Quote != c.quote || owner != c.owner || d.StartMS != c.startsAt {
				t.Errorf("got %+v of %q", d, owner)
			}
		})
	}
}

func TestItemThatBothFoundIsTheRecorders(t *testing.T) {
	t.Parallel()
	m := matched()
	m.Meeting.ActionItems = []schemas.Action{{Description: "Send Mara the revised quote", AtMS: at(9500)}}
	m.Meeting.Turns[3].Text = "Thank you. Then I'll invite the finance department."
	says := []schemas.Distillate{
		{Kind: schemas.ActionItem, Sentence: "Hana sends a quote.", Quote: "I'll send you the revised quote by Friday", Turn: 2},
		{Kind: schemas.ActionItem, Sentence: "Mara invites finance.", Quote: "Then I'll invite the finance department", Turn: 3},
		{Kind: schemas.CustomerFeedback, Sentence: "Mara loves it.", Quote: "we love it", Turn: 1},
	}
	got := newRig(t, &scripted{name: "s/1", says: says}).feed(t, m).Distillates
	var sentences []string
	for _, d := range got {
		sentences = append(sentences, d.Sentence)
	}
	want := []string{"Mara loves it.", "Send Mara the revised quote", "Mara invites finance."}
	if len(sentences) != 3 || sentences[0] != want[0] || sentences[1] != want[1] || sentences[2] != want[2] {
		t.Errorf("got %q, want %q", sentences, want)
	}
}

func TestNoneDistilsNothingAtAll(t *testing.T) {
	t.Parallel()
	m := matched()
	m.Meeting.ActionItems = []schemas.Action{{Description: "Send the quote"}}
	if got := newRigOf(t, processor{distiller: None{}}).feed(t, m); len(got.Distillates) != 0 || got.Distiller != "none" {
		t.Errorf("got %+v of %s", got.Distillates, got.Distiller)
	}
}

func TestLongTurnIsQuotedByTheSentence(t *testing.T) {
	t.Parallel()
	m := matched()
	m.Meeting.Turns[2].Text = "We talked for a long while about the weather in the harbour and about the summer party that nobody wanted to organise this time. " +
		"I'll send you the revised quote by Friday. Then there was the matter of the invoices, which somebody else had already looked at, twice in fact."
	m.Meeting.ActionItems = []schemas.Action{{Description: "Send the revised quote by Friday", AtMS: at(9000)}}
	got := newRig(t, &scripted{name: "s/1"}).feed(t, m).Distillates
	if len(got) != 1 || got[0].Quote != "I'll send you the revised quote by Friday." {
		t.Errorf("got %+v", got)
	}
}
