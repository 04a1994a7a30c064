package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot/table"
	"leadline/ingress/rules"
	"leadline/processors/distill"
	locally "leadline/processors/distill/local"
	"leadline/processors/distill/model"
	"leadline/schemas"
)

type rulesTestCommand struct {
	cluster
	distillerFlags
	File  string    `arg:"" type:"existingfile" help:"YAML or JSON."`
	Since time.Time `placeholder:"2026-03-02" help:"Meetings that started on this day or later. Default: all."`
}

// Validate names what is wrong.
func (c *rulesTestCommand) Validate() error {
	return errors.Join(c.cluster.Validate(), c.distillerFlags.Validate())
}

// Help says what it judges by.
func (*rulesTestCommand) Help() string {
	return `Reads the meetings that are still in meetings.matched.v1 and changes nothing. Keywords are judged exactly; topics by words,
which a model may see otherwise. With the --llm flags of the processors it estimates the cost of leadline replay --stage distill.

Example:
  leadline rules test rules.yaml --since 2026-09-01`
}

// Run shows the difference.
func (c *rulesTestCommand) Run(ctx context.Context, g *Globals) error {
	wanted, err := readRules(c.File)
	if err != nil {
		return err
	}
	return withBook(ctx, &c.cluster, g, func(b *rules.Book, r reach) error {
		before, err := b.Rules(ctx, g.Org)
		if err != nil {
			return err
		}
		t := &trial{
			before: before, after: schemas.RuleSet{Org: g.Org, Version: before.Version + 1, Rules: wanted},
			judge: distill.ByWords(locally.New()), since: c.Since, found: make(map[string]difference),
		}
		if c.asked() {
			d, err := c.open(newPlant(g))
			if err != nil {
				return err
			}
			t.model, _ = d.(*model.Distiller)
		}
		if err := t.read(ctx, r, g); err != nil {
			return err
		}
		return t.print(os.Stdout)
	})
}

// trial judges stored meetings by two sets of rules.
type trial struct {
	before, after schemas.RuleSet
	judge         distill.Distiller
	model         *model.Distiller // nil: learning costs nothing
	since         time.Time
	codec         *schemas.Codec

	found      map[string]difference // by meeting
	unreadable int
}

type difference struct {
	title     string
	was, is   string
	estimated schemas.Spending
}

// otherwise says whether the outcome differs; another topic is the same outcome.
func (d difference) otherwise() bool {
	return d.was != d.is && (fate(d.was) != "learned" || fate(d.is) != "learned")
}

func (t *trial) read(ctx context.Context, r reach, g *Globals) error {
	t.codec = r.codec
	f := &table.Follower{
		Topic: schemas.MatchedMeetings.Name, Kafka: r.kafka, Log: g.logger(),
		Begin: func() { clear(t.found) }, Take: t.take,
	}
	following, stop := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() { followed <- f.Run(following) }()
	err := f.CatchUp(ctx)
	stop()
	return errors.Join(err, <-followed)
}

// take judges one record; a later one of the same meeting replaces it.
func (t *trial) take(ctx context.Context, r *kgo.Record) {
	org, provider, _, err := schemas.SplitMeetingID(string(r.Key))
	if err != nil || org != t.before.Org {
		return
	}
	delete(t.found, string(r.Key))
	if r.Value == nil {
		return
	}
	m, err := schemas.Decode(t.codec, schemas.MatchedMeetings, r.Value)
	if err != nil {
		t.unreadable++
		return
	}
	if m.Meeting.StartedAt.Before(t.since) {
		return
	}
	before, after := t.before.For(provider), t.after.For(provider)
	d := difference{title: m.Meeting.Title, was: t.verdict(ctx, m, before), is: t.verdict(ctx, m, after)}
	_, excluded := distill.Excluded(after, &m.Meeting)
	if t.model != nil && !excluded && len(m.Meeting.Turns) > 0 && seenByModel(before) != seenByModel(after) {
		in := distill.InputOfMatched(m)
		in.Rules = after
		d.estimated = t.model.Estimate(in)
	}
	t.found[string(r.Key)] = d
}

func (t *trial) verdict(ctx context.Context, m *schemas.MatchedMeeting, set schemas.RuleSet) string {
	if x, excluded := distill.Excluded(set, &m.Meeting); excluded {
		return "excluded by " + x.String()
	}
	topics := set.Of(schemas.RuleTopic)
	if len(topics) == 0 {
		return "learned"
	}
	in := distill.InputOfMatched(m)
	in.Rules = set
	a, err := t.judge.Distill(ctx, in)
	switch {
	case err != nil:
		return "unknown: " + err.Error()
	case len(a.Topics) == 0:
		return "off topic"
	}
	return fmt.Sprintf("learned, about %s: %q", a.Topics[0].Rule, a.Topics[0].Excerpt)
}

// fate is the first word of a verdict.
func fate(verdict string) string {
	word, _, _ := strings.Cut(strings.ReplaceAll(verdict, ",", " "), " ")
	return word
}

// seenByModel is what of the rules a model is told: when that is as before, so is
// its answer.
func seenByModel(set schemas.RuleSet) string {
	var s string
	for _, r := range set.Rules {
		if r.Type != schemas.RuleKeyword {
			s += fmt.Sprintf("%q %q %q %q;", r.ID, r.Type, r.Text, r.Focus)
		}
	}
	return s
}

func (t *trial) print(w io.Writer) error {
	var spent schemas.Spending
	changed := 0
	for _, id := range slices.Sorted(maps.Keys(t.found)) {
		d := t.found[id]
		spent = spent.Plus(d.estimated)
		if !d.otherwise() {
			continue
		}
		changed++
		fmt.Fprintf(w, "%s  %s\n  now:  %s\n  then: %s\n", id, safe(d.title), safe(d.was), safe(d.is))
	}
	fmt.Fprintf(w, "%d of %d meetings would be judged otherwise. Keywords were judged exactly, topics by words, without a model.\n", changed, len(t.found))
	if t.unreadable > 0 {
		fmt.Fprintf(w, "%d records could not be read.\n", t.unreadable)
	}
	if t.model != nil {
		fmt.Fprintf(w, "A replay would make some %d calls of %d tokens in and %d out, for about %.2f.\n",
			spent.Calls, spent.TokensIn, spent.TokensOut, float64(spent.Micros)/1e6)
	}
	_, err := fmt.Fprintln(w, "Nothing was changed. leadline rules set, then leadline replay --stage distill, do it.")
	return err
}
