package distill

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// scripted is a distiller that says what it is told and counts how often it is
// asked.
type scripted struct {
	name  string
	says  []schemas.Distillate
	err   error
	calls int
}

func (s *scripted) Name() string { return s.name }

func (s *scripted) Distill(context.Context, Input) ([]schemas.Distillate, error) {
	s.calls++
	return s.says, s.err
}

func address(s string) *string { return &s }

// matched is a meeting of a customer, Mara, and of our own side, Hana.
func matched() *schemas.MatchedMeeting {
	return &schemas.MatchedMeeting{
		State: string(schemas.StateMatched), OwnDomains: []string{"leadline.example"},
		Meeting: schemas.Meeting{
			ID: "o/fathom/1", Org: "o", Provider: "fathom", RecordingID: "1", ContentHash: []byte("content 1"), Language: "en",
			Host: schemas.Host{Name: "Hana Berg", Email: "hana@leadline.example"},
			Turns: []schemas.Turn{
				{Speaker: "Hana Berg", Email: address("hana@leadline.example"), Text: "Hello, how is the new search going?", StartMS: 0},
				{Speaker: "Mara Lind", Email: address("mara@harbour.example"), Text: "It\u2019s fast \u2014 really fast, we love it.", StartMS: 4000},
				{Speaker: "Hana Berg", Email: address("hana@leadline.example"), Text: "Good. I'll send you the revised quote by Friday, we love it.", StartMS: 9000},
				{Speaker: "Mara Lind", Email: address("mara@harbour.example"), Text: "Thank you.", StartMS: 15000},
			},
		},
	}
}

type rig struct {
	bench   *stagetest.Bench
	codec   *schemas.Codec
	metrics *metrics
}

func newRig(t *testing.T, f Finder) rig {
	t.Helper()
	return newRigOf(t, processor{distiller: ByWords(f)})
}

func newRigOf(t *testing.T, p processor) rig {
	t.Helper()
	m, err := newMetrics(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.metrics = m
	codec := schematest.Codec(t)
	return rig{bench: stagetest.New(p.stage(), codec), codec: codec, metrics: m}
}

func (r rig) feed(t *testing.T, m *schemas.MatchedMeeting) *schemas.DistilledMeeting {
	t.Helper()
	emitted, err := stagetest.Put(t.Context(), r.bench, schemas.MatchedMeetings, "o/fathom/1", m)
	if err != nil {
		t.Fatal(err)
	}
	out, err := stagetest.Values(r.bench, schemas.DistilledMeetings, emitted)
	if err != nil || len(out) != 1 {
		t.Fatalf("emitted %d meetings, %v", len(out), err)
	}
	return out[0]
}

func TestQuotesAreHeldAgainstTheTranscript(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		says  schemas.Distillate
		turn  int32
		quote string // empty: dropped
	}{
		{"as it stands", schemas.Distillate{Kind: schemas.CustomerFeedback, Quote: "It\u2019s fast \u2014 really fast, we love it.", Turn: 1}, 1, "It\u2019s fast \u2014 really fast, we love it."},
		{"another case", schemas.Distillate{Kind: schemas.CustomerFeedback, Quote: "its fast,  really fast", Turn: 1}, 1, ""},
		{"other spaces, punctuation and apostrophes", schemas.Distillate{Kind: schemas.CustomerFeedback, Quote: "It's fast; really fast", Turn: 1}, 1, "It\u2019s fast \u2014 really fast,"},
		{"of another turn", schemas.Distillate{Kind: schemas.ActionItem, Quote: "I'll send you the revised quote by Friday", Turn: 0}, 2, "I'll send you the revised quote by Friday,"},
		{"of a turn that there is not", schemas.Distillate{Kind: schemas.ActionItem, Quote: "I'll send you the revised quote", Turn: 99}, 2, "I'll send you the revised quote"},
		{"before the first turn", schemas.Distillate{Kind: schemas.ActionItem, Quote: "I'll send you the revised quote", Turn: -7}, 2, "I'll send you the revised quote"},
		{"too short to be looked for", schemas.Distillate{Kind: schemas.ActionItem, Quote: "Friday", Turn: 1}, 0, ""},
		{"short, in its turn", schemas.Distillate{Kind: schemas.ActionItem, Quote: "by Friday", Turn: 2}, 2, "by Friday,"},
		{"a word is missing", schemas.Distillate{Kind: schemas.ActionItem, Quote: "I'll send you the quote by Friday", Turn: 2}, 0, ""},
		{"a part of a word", schemas.Distillate{Kind: schemas.ActionItem, Quote: "end you the revised quote", Turn: 2}, 0, ""},
		{"over two turns", schemas.Distillate{Kind: schemas.ActionItem, Quote: "we love it. Thank you", Turn: 2}, 0, ""},
		{"nothing but punctuation", schemas.Distillate{Kind: schemas.ActionItem, Quote: " ... ", Turn: 2}, 0, ""},
		{"feedback of our own side", schemas.Distillate{Kind: schemas.CustomerFeedback, Quote: "I'll send you the revised quote", Turn: 2}, 0, ""},
		{"a kind that there is not", schemas.Distillate{Kind: "gossip", Quote: "I'll send you the revised quote", Turn: 2}, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.says.Sentence, c.says.Speaker, c.says.StartMS = "What was learned.", "Somebody else", 77
			r := newRig(t, &scripted{name: "s/1", says: []schemas.Distillate{c.says}})
			got := r.feed(t, matched())
			if c.quote == "" {
				if n := testutil.ToFloat64(r.metrics.unsupported.WithLabelValues(label(c.says.Kind))); len(got.Distillates) != 0 || n != 1 {
					t.Errorf("kept %+v and counted %v", got.Distillates, n)
				}
				return
			}
			if len(got.Distillates) != 1 {
				t.Fatal("dropped")
			}
			d, said := got.Distillates[0], matched().Meeting.Turns[c.turn]
			if d.Turn != c.turn || d.Quote != c.quote || d.Speaker != said.Speaker || *d.Email != *said.Email || d.StartMS != said.StartMS {
				t.Errorf("kept %+v", d)
			}
		})
	}
}

func TestSameContentIsDistilledOnce(t *testing.T) {
	t.Parallel()
	d := &scripted{name: "s/1", says: []schemas.Distillate{{Kind: schemas.CustomerFeedback, Sentence: "Mara loves it.", Quote: "we love it", Turn: 1}}}
	r := newRig(t, d)
	first := r.feed(t, matched())
	rematched := matched()
	rematched.Links = []schemas.Link{{Attendee: "mara@harbour.example", Rule: schemas.RuleDomain, Matched: "harbour.example"}}
	again := r.feed(t, rematched)
	if d.calls != 1 || len(again.Distillates) != 1 || again.Distillates[0].Sentence != first.Distillates[0].Sentence || len(again.Matched.Links) != 1 {
		t.Errorf("called %d times, got %+v", d.calls, again.Distillates)
	}
	for what, change := range map[string]func(*schemas.MatchedMeeting){
		"the content":   func(m *schemas.MatchedMeeting) { m.Meeting.ContentHash = []byte("content 2") },
		"the sides":     func(m *schemas.MatchedMeeting) { m.OwnDomains = []string{"leadline.example", "harbour.example"} },
		"the distiller": func(*schemas.MatchedMeeting) { d.name = "s/2" },
	} {
		before := d.calls
		m := matched()
		change(m)
		r.feed(t, m)
		if d.calls != before+1 {
			t.Errorf("a change of %s did not lead to a call", what)
		}
	}
}

func TestFailureOfTheDistillerIsPassedOnAndNotRemembered(t *testing.T) {
	t.Parallel()
	d := &scripted{name: "s/1", err: errors.New("no answer")}
	r := newRig(t, d)
	if _, err := stagetest.Put(t.Context(), r.bench, schemas.MatchedMeetings, "o/fathom/1", matched()); !errors.Is(err, d.err) {
		t.Fatalf("error %v", err)
	}
	d.err = nil
	r.feed(t, matched())
	if d.calls != 2 {
		t.Errorf("called %d times", d.calls)
	}
}

func TestMeetingThatGoesTakesItsMemoAlong(t *testing.T) {
	t.Parallel()
	d := &scripted{name: "s/1"}
	r := newRig(t, d)
	r.feed(t, matched())
	if out := r.feed(t, nil); out != nil {
		t.Errorf("emitted %+v, want a tombstone", out)
	}
	r.feed(t, matched())
	if d.calls != 2 {
		t.Errorf("called %d times: the memo outlived its meeting", d.calls)
	}
}

func TestWrongKeyIsRejected(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, processor{distiller: None{}})
	for _, key := range []string{"o/fathom/2", "1"} {
		_, err := stagetest.Put(t.Context(), r.bench, schemas.MatchedMeetings, key, matched())
		var rejected *schemas.Rejected
		if !errors.As(err, &rejected) || rejected.Reason != schemas.ReasonInvalid {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestTooManyOfAKindAreCutAndCounted(t *testing.T) {
	t.Parallel()
	m := matched()
	m.Meeting.Turns[2].Text = strings.Repeat("word ", 2000)
	var says []schemas.Distillate
	for i := range maxOfKind + 30 {
		says = append(says, schemas.Distillate{Kind: schemas.ActionItem, Sentence: strings.Repeat("long ", 1000), Quote: strings.TrimSpace(strings.Repeat("word ", 3+i)), Turn: 2})
	}
	r := newRig(t, &scripted{name: "s/1", says: says})
	got := r.feed(t, m).Distillates
	if n := testutil.ToFloat64(r.metrics.surplus.WithLabelValues(schemas.ActionItem)); len(got) != maxOfKind || n != 30 {
		t.Errorf("kept %d and counted %v", len(got), n)
	}
	for _, d := range got {
		if len(d.Sentence) > maxSentence || len(d.Quote) > maxQuote || !strings.Contains(m.Meeting.Turns[2].Text, d.Quote) {
			t.Fatalf("kept %d bytes of sentence and %d of quote", len(d.Sentence), len(d.Quote))
		}
	}
}

func TestMetricsAreRegisteredOnce(t *testing.T) {
	t.Parallel()
	r := prometheus.NewRegistry()
	if _, err := New(None{}, Options{Metrics: r}); err != nil {
		t.Fatal(err)
	}
	if _, err := New(None{}, Options{Metrics: r}); err == nil {
		t.Error("a second stage shares the first one's counters")
	}
	if _, err := New(None{}, Options{}); err != nil {
		t.Error(err)
	}
}

func TestReportSaysWhatWasFound(t *testing.T) {
	t.Parallel()
	r := newRig(t, &scripted{name: "s/1", says: []schemas.Distillate{
		{Kind: schemas.CustomerFeedback, Sentence: "Mara loves it.", Quote: "we love it", Turn: 1},
		{Kind: schemas.CustomerFeedback, Sentence: "Made up.", Quote: "we hate it", Turn: 1},
	}})
	emitted, err := stagetest.Put(t.Context(), r.bench, schemas.MatchedMeetings, "o/fathom/1", matched())
	if err != nil {
		t.Fatal(err)
	}
	told, err := stagetest.Values(r.bench, schemas.MeetingProgress, emitted)
	if err != nil || len(told) != 1 {
		t.Fatal(told, err)
	}
	if want := "s/1: customer_feedback 1; 1 dropped without support in the transcript"; told[0].Detail != want || told[0].Outcome != schemas.OutcomeDone {
		t.Errorf("%s: %q, want %q", told[0].Outcome, told[0].Detail, want)
	}
	if !slices.ContainsFunc(emitted, func(r *kgo.Record) bool {
		return schemas.Header(r, schemas.HeaderSource) == "" && r.Topic == schemas.DistilledMeetings.Name
	}) {
		t.Error("the source header is not that of the meeting")
	}
}
