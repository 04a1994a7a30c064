package distill

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
)

// take feeds a meeting, as a replay or as it comes, and returns the hits in the
// form: effect type rules: "excerpt" in place turn, by judge.
func (r rig) take(t *testing.T, m *schemas.MatchedMeeting, replay bool) ([]string, []*kgo.Record) {
	t.Helper()
	raw, err := schemas.Encode(r.codec, schemas.MatchedMeetings, m)
	if err != nil {
		t.Fatal(err)
	}
	record := &kgo.Record{Topic: schemas.MatchedMeetings.Name, Key: []byte(m.Meeting.ID), Value: raw, Timestamp: time.UnixMilli(1_772_442_000_000)}
	if replay {
		record.Headers = []kgo.RecordHeader{{Key: schemas.HeaderReplay, Value: []byte("distill")}}
	}
	emitted, err := r.bench.Feed(t.Context(), record)
	if err != nil {
		t.Fatal(err)
	}
	return r.hits(t, emitted), emitted
}

func (r rig) hits(t *testing.T, emitted []*kgo.Record) []string {
	t.Helper()
	all, err := stagetest.Values(r.bench, schemas.RuleHits, emitted)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, h := range all {
		if h == nil {
			said = append(said, "gone")
			continue
		}
		said = append(said, fmt.Sprintf("v%d %s %s %s: %q in %s %d by %s", h.RulesVersion, h.Effect, h.RuleType, strings.Join(h.Rules, " "), h.Excerpt, h.Place, h.Turn, h.Judge))
	}
	return said
}

func wantHits(t *testing.T, when string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n  %s\nwant\n  %s", when, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestEveryRuleThatActsIsAnEvent(t *testing.T) {
	t.Parallel()
	focus := rule(schemas.RuleTopic, "feedback", "What customers think")
	focus.Focus = schemas.CustomerFeedback
	todo := rule(schemas.RuleTopic, "todo", "What is to be done")
	todo.Focus = schemas.ActionItem
	off := rule(schemas.RuleKeyword, "off", "quote")
	off.Enabled = false
	search, weather := rule(schemas.RuleTopic, "search", "how the new search is going"), rule(schemas.RuleTopic, "weather", "football and the weather")
	for _, c := range []struct {
		name   string
		rules  []schemas.LearningRule
		change func(*schemas.Meeting)
		want   []string
	}{
		{"no rule", nil, nil, nil},
		{"a rule that is off", []schemas.LearningRule{off}, nil, nil},
		{"a keyword that nobody says", []schemas.LearningRule{rule(schemas.RuleKeyword, "k", "salary")}, nil, nil},
		{
			"every keyword that is met, and no topic beside it", []schemas.LearningRule{rule(schemas.RuleKeyword, "a", "REVISED quote"), search, rule(schemas.RuleKeyword, "b", "really  fast")}, nil,
			[]string{`v7 excluded keyword a: "revised quote" in transcript 2 by `, `v7 excluded keyword b: "really fast" in transcript 1 by `},
		},
		{
			"a keyword in the later turn of a speech", []schemas.LearningRule{rule(schemas.RuleKeyword, "k", "thank you")},
			func(m *schemas.Meeting) {
				m.Turns = append(m.Turns[:3:3], schemas.Turn{Speaker: "Hana Berg", Text: "Thank"}, schemas.Turn{Speaker: "Hana Berg", Text: "you all"})
			},
			[]string{`v7 excluded keyword k: "Thank you" in transcript 3 by `},
		},
		{
			"a keyword in an action item", []schemas.LearningRule{rule(schemas.RuleKeyword, "k", "salary")},
			func(m *schemas.Meeting) { m.ActionItems = []schemas.Action{{Description: "Raise the Salary."}} },
			[]string{`v7 excluded keyword k: "Salary" in action_item -1 by `},
		},
		{
			"a keyword in the calendar's title", []schemas.LearningRule{rule(schemas.RuleKeyword, "k", "board")},
			func(m *schemas.Meeting) { m.CalendarTitle = address("The Board") },
			[]string{`v7 excluded keyword k: "Board" in calendar_title -1 by `},
		},
		{
			"a topic by words", []schemas.LearningRule{search, weather}, nil,
			[]string{`v7 about topic search: "Hello, how is the new search going?" in transcript 0 by words/1`},
		},
		{
			"a topic in the title", []schemas.LearningRule{weather}, func(m *schemas.Meeting) { m.Title = "Football,\n and the weather." },
			[]string{`v7 about topic weather: "Football,\n and the weather." in title -1 by words/1`},
		},
		{
			"a topic in the summary", []schemas.LearningRule{weather},
			func(m *schemas.Meeting) {
				m.Summary = &schemas.Summary{Markdown: address("## Football " + strings.Repeat("x", 200) + " weather")}
			},
			[]string{`v7 about topic weather: "Football" in summary -1 by words/1`},
		},
		{"a preset", []schemas.LearningRule{focus}, nil, []string{`v7 about topic feedback: "we love it." in transcript 1 by words/1`}},
		{
			"a preset of the recorder's action items", []schemas.LearningRule{todo},
			func(m *schemas.Meeting) { m.ActionItems = []schemas.Action{{Description: "Send the quote."}} },
			[]string{`v7 about topic todo: "Send the quote." in action_item -1 by words/1`},
		},
		{
			"none of the topics", []schemas.LearningRule{weather, rule(schemas.RuleTopic, "sea", "storms at sea")}, nil,
			[]string{`v7 off_topic topic weather sea: "" in  -1 by words/1`},
		},
		{"an instruction that nobody follows", []schemas.LearningRule{rule(schemas.RuleInstruction, "i", "name the module")}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRigOf(t, processor{distiller: ByWords(&scripted{name: "s/1", says: loves}), rules: &book{set: schemas.RuleSet{Org: "o", Version: 7, Rules: c.rules}}})
			m := matched()
			m.Meeting.Title = "Quarterly review"
			if c.change != nil {
				c.change(&m.Meeting)
			}
			hits, emitted := r.take(t, m, false)
			wantHits(t, "at first", hits, c.want...)
			all, err := stagetest.Values(r.bench, schemas.RuleHits, emitted)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range all {
				if h.MeetingID != m.Meeting.ID || h.Org != "o" || h.Title != m.Meeting.Title || h.At.UnixMilli() != 1_772_442_000_000 || h.ID != schemas.HitID(m.Meeting.ContentHash, h) {
					t.Errorf("%+v", h)
				}
			}
			again, _ := r.take(t, m, true)
			wantHits(t, "once more", again)
		})
	}
}

func TestWithoutADistillerNobodyJudges(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, processor{distiller: None{}, rules: &book{set: schemas.RuleSet{Org: "o", Version: 1, Rules: []schemas.LearningRule{rule(schemas.RuleTopic, "t", "the search")}}}})
	hits, _ := r.take(t, matched(), false)
	wantHits(t, "none", hits)
}

// The model's answer is kept with the words that its topics were met by: under
// later rules it is told again, and paid for once.
func TestAModelsTopicsAndInstructionsAreEvents(t *testing.T) {
	t.Parallel()
	b := &book{set: schemas.RuleSet{Org: "o", Version: 1, Rules: []schemas.LearningRule{
		rule(schemas.RuleTopic, "t", "how they like it"), rule(schemas.RuleTopic, "u", "football"), rule(schemas.RuleInstruction, "i", "name the module"),
	}}}
	r := newRigOf(t, processor{distiller: never{t}, asked: true, rules: b})
	hits, emitted := r.take(t, matched(), false)
	wantHits(t, "while it waits", hits)
	request := one(t, r, schemas.DistillationRequests, emitted)
	answered, err := stagetest.Put(t.Context(), r.bench, schemas.Distillations, request.MeetingID, &schemas.Distillation{
		MeetingID: request.MeetingID, Memo: request.Memo, Distiller: "model/1", AskedAt: request.AskedAt, At: time.Now(),
		Topics: []schemas.TopicHit{{Rule: "t", Excerpt: "It's fast really fast", Turn: 3}, {Rule: "u", Excerpt: "we love football", Turn: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantHits(t, "by a quote, and not by one that nobody said", r.hits(t, answered), `v1 about topic t: "It’s fast — really fast," in transcript 1 by model/1`, `v1 given instruction i: "" in  -1 by model/1`)
	b.set.Version++
	hits, emitted = r.take(t, matched(), true)
	wantHits(t, "under the next version", hits, `v2 about topic t: "It’s fast — really fast," in transcript 1 by model/1`, `v2 given instruction i: "" in  -1 by model/1`)
	if n := count(emitted, schemas.DistillationRequests.Name); n != 0 {
		t.Errorf("the model was asked %d times more", n)
	}
}

func TestAParkedMeetingHasNoHits(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, processor{distiller: never{t}, asked: true, rules: &book{set: schemas.RuleSet{Org: "o", Version: 1, Rules: []schemas.LearningRule{rule(schemas.RuleInstruction, "i", "x")}}}})
	_, emitted := r.take(t, matched(), false)
	request := one(t, r, schemas.DistillationRequests, emitted)
	parked, err := stagetest.Put(t.Context(), r.bench, schemas.Distillations, request.MeetingID, &schemas.Distillation{
		MeetingID: request.MeetingID, Memo: request.Memo, Distiller: "model/1", Parked: "no usable answer", At: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	wantHits(t, "parked", r.hits(t, parked))
}

func TestHitsOfAnErasedMeetingAreTakenBack(t *testing.T) {
	t.Parallel()
	b := &book{set: schemas.RuleSet{Org: "o", Version: 1, Rules: []schemas.LearningRule{rule(schemas.RuleKeyword, "k", "revised quote")}}}
	r := newRigOf(t, processor{distiller: ByWords(&scripted{name: "s/1"}), rules: b})
	_, first := r.take(t, matched(), false)
	b.set.Version++
	_, second := r.take(t, matched(), true)
	other := matched()
	other.Meeting.ID, other.Meeting.RecordingID = "o/fathom/11", "11"
	r.take(t, other, false)
	emitted, err := stagetest.Put[schemas.MatchedMeeting](t.Context(), r.bench, schemas.MatchedMeetings, "o/fathom/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	wantHits(t, "erased", r.hits(t, emitted), "gone", "gone")
	keys := func(records []*kgo.Record) (all []string) {
		for _, r := range records {
			if r.Topic == schemas.RuleHits.Name {
				all = append(all, string(r.Key))
			}
		}
		slices.Sort(all)
		return all
	}
	if told := keys(append(first, second...)); !slices.Equal(keys(emitted), told) {
		t.Errorf("gone are %v of %v", keys(emitted), told)
	}
	hits, _ := r.take(t, matched(), false)
	wantHits(t, "recorded once more", hits, `v2 excluded keyword k: "revised quote" in transcript 2 by `)
}
