package distill

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
)

func keywords(phrases ...string) schemas.RuleSet {
	var s schemas.RuleSet
	for _, p := range phrases {
		s.Rules = append(s.Rules, schemas.LearningRule{ID: "k", Type: schemas.RuleKeyword, Text: p, Enabled: true})
	}
	return s
}

func TestPhraseKeepsAMeetingOutWhereverItStands(t *testing.T) {
	t.Parallel()
	meeting := func(change func(*schemas.Meeting)) *schemas.Meeting {
		m := matched().Meeting
		m.Title = "Quarterly review"
		if change != nil {
			change(&m)
		}
		return &m
	}
	summary := func(s string) func(*schemas.Meeting) {
		return func(m *schemas.Meeting) { m.Summary = &schemas.Summary{Markdown: &s} }
	}
	said := func(turns ...schemas.Turn) func(*schemas.Meeting) {
		return func(m *schemas.Meeting) { m.Turns = turns }
	}
	for _, c := range []struct {
		name, phrase string
		change       func(*schemas.Meeting)
		found        string // empty: not excluded
	}{
		{"in the title", "QUARTERLY review", nil, "Quarterly review"},
		{"in the calendar's title", "board", func(m *schemas.Meeting) { m.CalendarTitle = address("The Board") }, "Board"},
		{"in the summary, with marks within", "internal only", summary("## This is **internal** only"), "internal only"},
		{"in an action item", "salary", func(m *schemas.Meeting) { m.ActionItems = []schemas.Action{{Description: "Raise the Salary."}} }, "Salary"},
		{"in the transcript", "revised quote", nil, "revised quote"},
		{"over a line's end", "internal only", said(schemas.Turn{Text: "It is internal\n  only."}), "internal\n  only"},
		{"over two turns of one speaker", "internal only", said(schemas.Turn{Speaker: "A", Text: "It is internal"}, schemas.Turn{Speaker: "A", Text: "only."}), "internal only"},
		{"not over two speakers", "internal only", said(schemas.Turn{Speaker: "A", Text: "It is internal"}, schemas.Turn{Speaker: "B", Text: "only."}), ""},
		{"sharp s", "STRASSE", said(schemas.Turn{Text: "Die Straße."}), "Straße"},
		{"final sigma", "ΟΔΟΣ", said(schemas.Turn{Text: "μια οδος εδώ"}), "οδος"},
		{"decomposed accents", "café", said(schemas.Turn{Text: "the CAFE\u0301 talk"}), "CAFE\u0301"},
		{"a part of a word", "personal", said(schemas.Turn{Text: "I personally like it."}), ""},
		{"a part of a phrase", "internal only", said(schemas.Turn{Text: "It is only internal."}), ""},
		{"a script without spaces", "機密", said(schemas.Turn{Text: "これは機密です"}), "機密"},
		{"at the very end", "secret", said(schemas.Turn{Text: "a secret"}), "secret"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x, excluded := Excluded(keywords(c.phrase), meeting(c.change))
			if excluded != (c.found != "") || x.Found != c.found {
				t.Errorf("excluded %v by %q, want %q", excluded, x.Found, c.found)
			}
		})
	}
}

func FuzzPhrase(f *testing.F) {
	f.Add("Die Straße ist lang", "strasse")
	f.Add("e\u0301\xffx", "\u0301")
	f.Fuzz(func(t *testing.T, text, phrase string) {
		m := &schemas.Meeting{Title: text}
		if x, ok := Excluded(keywords(phrase), m); ok && !strings.Contains(text, x.Found) {
			t.Errorf("%q was found as %q in %q", phrase, x.Found, text)
		}
		if strings.TrimSpace(phrase) != "" && fold(phrase).text != "" {
			m.Title = "a " + phrase + " b"
			if _, ok := Excluded(keywords(phrase), m); !ok && fold(m.Title).text == "a "+fold(phrase).text+" b" {
				t.Errorf("%q was not found", phrase)
			}
		}
	})
}

// book is the rules of everybody.
type book struct {
	set   schemas.RuleSet
	asked int
}

func (b *book) RulesAt(context.Context, string, time.Time) (schemas.RuleSet, error) {
	b.asked++
	return b.set, nil
}

func rule(sort, id, text string) schemas.LearningRule {
	return schemas.LearningRule{ID: id, Type: sort, Text: text, Enabled: true}
}

var loves = []schemas.Distillate{{Kind: schemas.CustomerFeedback, Sentence: "Mara loves it.", Quote: "we love it", Turn: 1}}

func TestRulesDecideWhatIsLearned(t *testing.T) {
	t.Parallel()
	focus := rule(schemas.RuleTopic, "feedback", "What customers think")
	focus.Focus = schemas.CustomerFeedback
	off := rule(schemas.RuleKeyword, "off", "quote")
	off.Enabled = false
	other := rule(schemas.RuleKeyword, "zoom-only", "quote")
	other.Recorder = schemas.Zoom
	for _, c := range []struct {
		name     string
		rules    []schemas.LearningRule
		learning string
		found    int
		why      string
	}{
		{"none", nil, schemas.LearningDone, 1, ""},
		{"a keyword", []schemas.LearningRule{rule(schemas.RuleKeyword, "k", "REVISED quote")}, schemas.LearningExcluded, 0, "rules version 7"},
		{"exclusion wins over a topic", []schemas.LearningRule{focus, rule(schemas.RuleKeyword, "k", "revised quote")}, schemas.LearningExcluded, 0, "keyword rule k"},
		{"one that is off", []schemas.LearningRule{off}, schemas.LearningDone, 1, ""},
		{"one of another recorder", []schemas.LearningRule{other}, schemas.LearningDone, 1, ""},
		{"a topic that is met", []schemas.LearningRule{rule(schemas.RuleTopic, "t", "how the search is going")}, schemas.LearningDone, 1, ""},
		{"a topic that is not", []schemas.LearningRule{rule(schemas.RuleTopic, "t", "football and the weather")}, schemas.LearningOffTopic, 0, "by words, without a model"},
		{"one topic of two", []schemas.LearningRule{rule(schemas.RuleTopic, "t", "football and the weather"), focus}, schemas.LearningDone, 1, ""},
		{"an instruction keeps nothing away", []schemas.LearningRule{rule(schemas.RuleInstruction, "i", "name the module")}, schemas.LearningDone, 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRigOf(t, processor{distiller: ByWords(&scripted{name: "s/1", says: loves}), rules: &book{set: schemas.RuleSet{Org: "o", Version: 7, Rules: c.rules}}})
			m := matched()
			m.Meeting.Provider = schemas.Fathom
			out := r.feed(t, m)
			if out.Learning != c.learning || len(out.Distillates) != c.found || !strings.Contains(out.LearningWhy, c.why) || out.RulesVersion != 7 {
				t.Errorf("%s with %d: %q", out.Learning, len(out.Distillates), out.LearningWhy)
			}
		})
	}
}

func TestRulesThatChangeDoNotChangeWhatIsStored(t *testing.T) {
	t.Parallel()
	b := &book{set: schemas.RuleSet{Org: "o", Version: 1}}
	d := &scripted{name: "s/1", says: loves}
	r := newRigOf(t, processor{distiller: ByWords(d), rules: b})
	r.feed(t, matched())
	b.set = schemas.RuleSet{Org: "o", Version: 2, Rules: []schemas.LearningRule{rule(schemas.RuleKeyword, "k", "revised quote")}}
	again := matched()
	again.Links = []schemas.Link{{Attendee: "mara@harbour.example"}}
	if out := r.feed(t, again); out.Learning != schemas.LearningDone || out.RulesVersion != 1 || d.calls != 1 {
		t.Errorf("a meeting that found its customer was judged by new rules: %s, version %d, %d calls", out.Learning, out.RulesVersion, d.calls)
	}
	if out := r.replay(t, again); out.Learning != schemas.LearningExcluded || out.RulesVersion != 2 {
		t.Errorf("a replay left it %s, version %d", out.Learning, out.RulesVersion)
	}
	b.set = schemas.RuleSet{Org: "o", Version: 3}
	if out := r.replay(t, again); out.Learning != schemas.LearningDone || d.calls != 1 {
		t.Errorf("what was paid for was paid for again: %s, %d calls", out.Learning, d.calls)
	}
	fresh := matched()
	fresh.Meeting.ContentHash = []byte("content 2")
	b.set = schemas.RuleSet{Org: "o", Version: 4, Rules: []schemas.LearningRule{rule(schemas.RuleKeyword, "k", "revised quote")}}
	if out := r.feed(t, fresh); out.Learning != schemas.LearningExcluded {
		t.Errorf("new content was judged by old rules: %s", out.Learning)
	}
}

// replay feeds the meeting as a replay does.
func (r rig) replay(t *testing.T, m *schemas.MatchedMeeting) *schemas.DistilledMeeting {
	t.Helper()
	raw, err := schemas.Encode(r.codec, schemas.MatchedMeetings, m)
	if err != nil {
		t.Fatal(err)
	}
	emitted, err := r.bench.Feed(t.Context(), &kgo.Record{
		Topic: schemas.MatchedMeetings.Name, Key: []byte(m.Meeting.ID), Value: raw,
		Headers: []kgo.RecordHeader{{Key: schemas.HeaderReplay, Value: []byte("distill")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return one(t, r, schemas.DistilledMeetings, emitted)
}

func one[T any](t *testing.T, r rig, topic schemas.Topic[T], emitted []*kgo.Record) *T {
	t.Helper()
	out, err := stagetest.Values(r.bench, topic, emitted)
	if err != nil || len(out) != 1 {
		t.Fatalf("%d records of %s, %v", len(out), topic.Name, err)
	}
	return out[0]
}

func count(emitted []*kgo.Record, topic string) int {
	n := 0
	for _, r := range emitted {
		if r.Topic == topic {
			n++
		}
	}
	return n
}

// never is a distiller that the stage must not call itself.
type never struct{ t *testing.T }

func (never) Name() string { return "model/1" }

func (n never) Distill(context.Context, Input) (Answer, error) {
	n.t.Error("the stage called a distiller that it should ask for")
	return Answer{}, nil
}

func TestMeetingGoesOnWhileAModelIsAskedOnce(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, processor{distiller: never{t}, asked: true})
	put := func(m *schemas.MatchedMeeting) []*kgo.Record {
		t.Helper()
		emitted, err := stagetest.Put(t.Context(), r.bench, schemas.MatchedMeetings, m.Meeting.ID, m)
		if err != nil {
			t.Fatal(err)
		}
		return emitted
	}
	answer := func(d *schemas.Distillation) []*kgo.Record {
		t.Helper()
		emitted, err := stagetest.Put(t.Context(), r.bench, schemas.Distillations, d.MeetingID, d)
		if err != nil {
			t.Fatal(err)
		}
		return emitted
	}
	first := put(matched())
	request := one(t, r, schemas.DistillationRequests, first)
	if out := one(t, r, schemas.DistilledMeetings, first); out.Learning != schemas.LearningWaiting || len(out.Matched.Meeting.Turns) != 4 {
		t.Errorf("the meeting waits: %s with %d turns", out.Learning, len(out.Matched.Meeting.Turns))
	}
	linked := matched()
	linked.Links = []schemas.Link{{CompanyID: address("co_harbour"), Attendee: "mara@harbour.example"}}
	if n := count(put(linked), schemas.DistillationRequests.Name); n != 0 {
		t.Errorf("it was asked for again %d times", n)
	}
	answered := answer(&schemas.Distillation{
		MeetingID: request.MeetingID, Memo: request.Memo, Distiller: "model/1", AskedAt: request.AskedAt, At: time.Now(),
		Distillates: []schemas.Distillate{
			{Kind: schemas.CustomerFeedback, Sentence: "Mara loves the fast search.", Quote: "it's fast really fast we love it", Turn: 1},
			{Kind: schemas.CustomerFeedback, Sentence: "Mara loves the search.", Quote: "It's fast really fast", Turn: 1},
			{Kind: schemas.CustomerFeedback, Sentence: "Visit https://evil.example now.", Quote: "we love it", Turn: 1},
		},
		Spent: schemas.Spending{Calls: 1, TokensIn: 100, TokensOut: 20, Micros: 5},
	})
	out := one(t, r, schemas.DistilledMeetings, answered)
	if out.Learning != schemas.LearningDone || len(out.Distillates) != 2 || len(out.Matched.Links) != 1 {
		t.Fatalf("%s: %+v", out.Learning, out.Distillates)
	}
	if s := out.Distillates[1].Sentence; strings.Contains(s, "evil") {
		t.Errorf("a made-up sentence was kept: %q", s)
	}
	if one(t, r, schemas.DistillationRequests, answered) != nil {
		t.Error("the request was not taken back")
	}
	if u := one(t, r, schemas.DistillationUsage, answered); u.Spent.Micros != 5 || !slices.Equal(u.Companies, []string{"co_harbour"}) {
		t.Errorf("usage %+v", u)
	}
	if again := put(matched()); count(again, schemas.DistillationRequests.Name) != 0 || one(t, r, schemas.DistilledMeetings, again).Learning != schemas.LearningDone {
		t.Error("what was answered was asked for again")
	}
	if twice := answer(&schemas.Distillation{MeetingID: request.MeetingID, Memo: request.Memo, At: time.Now()}); count(twice, schemas.DistilledMeetings.Name) != 0 {
		t.Error("an answer that came twice changed the meeting")
	}
}

func TestParkedMeetingIsAskedAboutAgainByAReplayOnly(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, processor{distiller: never{t}, asked: true})
	first, err := stagetest.Put(t.Context(), r.bench, schemas.MatchedMeetings, "o/fathom/1", matched())
	if err != nil {
		t.Fatal(err)
	}
	request := one(t, r, schemas.DistillationRequests, first)
	parked, err := stagetest.Put(t.Context(), r.bench, schemas.Distillations, request.MeetingID, &schemas.Distillation{
		MeetingID: request.MeetingID, Memo: request.Memo, Parked: "no usable answer", At: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if out := one(t, r, schemas.DistilledMeetings, parked); out.Learning != schemas.LearningParked || out.LearningWhy != "no usable answer" {
		t.Errorf("%s: %q", out.Learning, out.LearningWhy)
	}
	if out := r.feed(t, matched()); out.Learning != schemas.LearningParked {
		t.Errorf("a redelivery made it %s", out.Learning)
	}
	if out := r.replay(t, matched()); out.Learning != schemas.LearningWaiting {
		t.Errorf("a replay made it %s", out.Learning)
	}
}

func TestMeetingThatGoesIsNotAskedAboutAnyMore(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, processor{distiller: never{t}, asked: true})
	r.feed(t, matched())
	emitted, err := stagetest.Put[schemas.MatchedMeeting](t.Context(), r.bench, schemas.MatchedMeetings, "o/fathom/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if one(t, r, schemas.DistillationRequests, emitted) != nil || one(t, r, schemas.DistilledMeetings, emitted) != nil {
		t.Error("something is left of the meeting")
	}
}
