// Package distill draws out of a meeting what matters: customer feedback,
// action items, product asks, renewal signals.
//
// A distiller finds them; the stage takes none at its word. Each must quote the
// transcript, and the same content is distilled once, however often it comes.
package distill

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
	"leadline/schemas"
)

// Options are what the stage is made with, beside its distiller.
type Options struct {
	Rules   RuleReader            // nil: nobody has rules
	Metrics prometheus.Registerer // may be nil
	// Asked says that the distiller is slow or costs money: the stage does not
	// call it, but puts requests into schemas.DistillationRequests, for
	// processors/distill/calls to answer.
	Asked bool
}

// New makes the stage.
func New(d Distiller, o Options) (stage.Stage, error) {
	m, err := newMetrics(o.Metrics)
	if err != nil {
		return stage.Stage{}, err
	}
	return (&processor{distiller: d, rules: o.Rules, asked: o.Asked, metrics: m}).stage(), nil
}

type processor struct {
	distiller Distiller
	rules     RuleReader
	asked     bool
	metrics   *metrics
}

func (p *processor) stage() stage.Stage {
	return stage.Stage{Name: "distill", Inputs: []stage.Input{
		stage.On(schemas.MatchedMeetings, p.onMeeting),
		stage.On(schemas.Distillations, p.onAnswer),
	}}
}

// onMeeting takes in a matched meeting; see stage.On for when it is called.
func (p *processor) onMeeting(ctx context.Context, r stage.Record[schemas.MatchedMeeting], tx *stage.Tx) error {
	_, _, _, err := schemas.SplitMeetingID(r.Key)
	if err == nil && r.Value != nil && r.Value.Meeting.ID != r.Key {
		err = fmt.Errorf("the record %.140q holds the meeting %.140q", r.Key, r.Value.Meeting.ID)
	}
	if err != nil {
		return schemas.Reject(schemas.ReasonInvalid, err)
	}
	if r.Value == nil {
		if err := forget(tx, r.Key); err != nil {
			return err
		}
		return stage.Emit[schemas.DistilledMeeting](tx, schemas.DistilledMeetings, r.Key, nil)
	}
	rules, err := p.ruling(ctx, r, tx)
	if err != nil {
		return err
	}
	if met := slices.Collect(exclusions(rules, &r.Value.Meeting)); len(met) > 0 {
		return p.exclude(r, tx, rules, met)
	}
	if r.Value.State == string(schemas.StateGrouped) {
		return p.pass(tx, r.Value, rules)
	}
	return p.learn(ctx, r, tx, rules)
}

// pass lets a recording go on of whose call another one is learned from. What was
// paid for it before stays remembered, should it stand for the call one day.
func (p *processor) pass(tx *stage.Tx, m *schemas.MatchedMeeting, rules schemas.RuleSet) error {
	if err := settlePending(tx, m.Meeting.ID); err != nil {
		return err
	}
	out := &schemas.DistilledMeeting{
		Matched: *m, Distiller: p.distiller.Name(), Learning: schemas.LearningGrouped, LearningWhy: m.Reason, RulesVersion: rules.Version,
	}
	if err := emit(tx, out); err != nil {
		return err
	}
	return tx.Report(m.Meeting.ID, schemas.OutcomeSkipped, m.Reason)
}

// exclude lets a meeting go on of which nothing is learned.
func (p *processor) exclude(r stage.Record[schemas.MatchedMeeting], tx *stage.Tx, rules schemas.RuleSet, met []Exclusion) error {
	m := r.Value
	p.metrics.rules.WithLabelValues(schemas.LearningExcluded).Inc()
	if err := settlePending(tx, m.Meeting.ID); err != nil {
		return err
	}
	if err := tell(tx, &m.Meeting, rules.Version, r.Timestamp, excluding(met)); err != nil {
		return err
	}
	why := fmt.Sprintf("kept out by %s (rules version %d)", met[0], rules.Version)
	out := &schemas.DistilledMeeting{
		Matched: *m, Distiller: p.distiller.Name(), Learning: schemas.LearningExcluded, LearningWhy: why, RulesVersion: rules.Version,
	}
	if err := emit(tx, out); err != nil {
		return err
	}
	return tx.Report(m.Meeting.ID, schemas.OutcomeSkipped, why)
}

// learn uses what is remembered for this content and these rules, or distils.
func (p *processor) learn(ctx context.Context, r stage.Record[schemas.MatchedMeeting], tx *stage.Tx, rules schemas.RuleSet) error {
	m, name := r.Value, p.distiller.Name()
	memo := memo(m, rules, name)
	kept, err := recall(tx, m, memo)
	if err != nil {
		return err
	}
	in := InputOfMatched(m)
	in.Rules = rules
	retried := kept != nil && kept.Learning == schemas.LearningParked && schemas.Header(r.Record, schemas.HeaderReplay) != ""
	if kept != nil && !retried {
		p.metrics.recalled.Inc()
		kept.RulesVersion = rules.Version
		if err := p.finish(tx, in, m, r.Timestamp, "", kept); err != nil {
			return err
		}
		return tx.Report(r.Key, outcomeOf(kept), fmt.Sprintf("%s, remembered: %s", name, tally(kept.Distillates)))
	}
	if p.asked && len(m.Meeting.Turns) > 0 {
		return p.wait(tx, r, rules, memo)
	}
	var answer Answer
	if p.asked {
		// No model has anything to read; topics are judged by title and summary.
		answer.Topics = aboutByWords(in, nil)
	} else {
		p.metrics.calls.Inc()
		if answer, err = p.distiller.Distill(ctx, in); err != nil {
			return fmt.Errorf("distilling with %s: %w", name, err)
		}
	}
	out, detail := p.judge(in, name, answer)
	if err := p.finish(tx, in, m, r.Timestamp, memo, out); err != nil {
		return err
	}
	return tx.Report(r.Key, outcomeOf(out), detail)
}

// judge holds an answer against the transcript and the rules.
func (p *processor) judge(in Input, name string, a Answer) (*schemas.DistilledMeeting, string) {
	out := &schemas.DistilledMeeting{Distiller: name, Learning: schemas.LearningDone, RulesVersion: in.Rules.Version}
	wanted := in.Rules.Of(schemas.RuleTopic)
	hits := met(a.Topics, wanted)
	if p.asked {
		hits = quoted(in, hits)
	}
	if len(wanted) > 0 && len(hits) == 0 {
		p.metrics.rules.WithLabelValues(schemas.LearningOffTopic).Inc()
		out.Learning = schemas.LearningOffTopic
		out.LearningWhy = fmt.Sprintf("about none of the topics %s (rules version %d)", ids(wanted), in.Rules.Version)
		if !p.asked {
			out.LearningWhy += ", judged by words, without a model"
		}
		return out, out.LearningWhy
	}
	// Without a distiller nobody has judged.
	out.Topics = slices.DeleteFunc(slices.Clone(hits), func(h schemas.TopicHit) bool { return h.Excerpt == "" })
	all, dropped := p.supported(in, a.Distillates)
	if _, off := p.distiller.(None); !off {
		all = join(recorded(in), all)
	}
	out.Distillates = p.arrange(all)
	detail := name + ": " + tally(out.Distillates)
	if dropped > 0 {
		detail += fmt.Sprintf("; %d dropped without support in the transcript", dropped)
	}
	if len(hits) > 0 {
		p.metrics.rules.WithLabelValues("about").Inc()
		detail += "; " + about(hits, in.Rules)
		if !p.asked {
			detail += ", judged by words, without a model"
		}
	}
	return out, detail
}

// met keeps, of the topics that an answer names, those that were asked for.
func met(hits []schemas.TopicHit, wanted []schemas.LearningRule) []schemas.TopicHit {
	var kept []schemas.TopicHit
	for _, w := range wanted {
		if i := slices.IndexFunc(hits, func(h schemas.TopicHit) bool { return h.Rule == w.ID }); i >= 0 {
			h := hits[i]
			h.Excerpt = excerpt(h.Excerpt)
			kept = append(kept, h)
		}
	}
	return kept
}

// quoted keeps the hits whose excerpt the transcript has: a model that was talked
// into a topic has nothing to show for it.
func quoted(in Input, hits []schemas.TopicHit) []schemas.TopicHit {
	e := newEvidence(in)
	return slices.DeleteFunc(hits, func(h schemas.TopicHit) bool {
		words := split(h.Excerpt)
		turn, _ := e.locate(words, int(h.Turn))
		return len(words) == 0 || turn < 0 && len(in.Meeting.Turns) > 0
	})
}

func ids(rules []schemas.LearningRule) string {
	all := make([]string, len(rules))
	for i, r := range rules {
		all[i] = r.ID
	}
	return strings.Join(all, ", ")
}

// finish keeps an outcome under its memo, if it has one, tells what the rules had
// to do with it, and sends the meeting on with it.
func (p *processor) finish(
	tx *stage.Tx, in Input, m *schemas.MatchedMeeting, at time.Time, memo string, out *schemas.DistilledMeeting,
) error {
	if memo != "" {
		if err := remember(tx, m, memo, out); err != nil {
			return err
		}
	}
	if err := settlePending(tx, m.Meeting.ID); err != nil {
		return err
	}
	if err := tell(tx, &m.Meeting, in.Rules.Version, at, p.hits(in, out)); err != nil {
		return err
	}
	out.Matched = *m
	return emit(tx, out)
}

func emit(tx *stage.Tx, out *schemas.DistilledMeeting) error {
	m := &out.Matched.Meeting
	return stage.Emit(tx, schemas.DistilledMeetings, m.ID, out, kgo.RecordHeader{Key: schemas.HeaderSource, Value: []byte(m.Source)})
}

func outcomeOf(d *schemas.DistilledMeeting) string {
	switch d.Learning {
	case schemas.LearningOffTopic, schemas.LearningExcluded:
		return schemas.OutcomeSkipped
	case schemas.LearningParked:
		return schemas.OutcomeParked
	}
	return schemas.OutcomeDone
}
