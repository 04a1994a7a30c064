// Package rules keeps what organisations want learned from their meetings: it
// reads rules files, holds a copy of all rule sets, and changes them.
package rules

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot/table"
	"leadline/schemas"
)

// maxAuthor is an e-mail address. Each rule of a set keeps its author, who may
// come with a request.
const maxAuthor = 254

// Options are what a Book is made with. All are required.
type Options struct {
	Kafka   []kgo.Opt // brokers, security, partitioner, limits
	Codec   *schemas.Codec
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// Book is a copy of all rule sets in memory. It answers when Run runs.
type Book struct {
	options Options
	sets    *table.Table[schemas.RuleSet]
	writing sync.Mutex // one change at a time in this process
}

// NewBook returns an empty book. Make one for a process: its metrics can be registered once.
func NewBook(o Options) *Book {
	return &Book{options: o, sets: table.New(table.Options[schemas.RuleSet]{
		Topic: schemas.Rules, Key: func(s *schemas.RuleSet) string { return s.Org },
		Kafka: o.Kafka, Codec: o.Codec, Log: o.Log, Metrics: o.Metrics, Area: "rules",
	})}
}

// Run follows the topic until ctx ends, and then returns nil.
func (b *Book) Run(ctx context.Context) error { return b.sets.Run(ctx) }

// Ready returns when the copy is complete, or with ctx's error.
func (b *Book) Ready(ctx context.Context) error { return b.sets.Ready(ctx) }

// RulesAt returns the rules of an organisation that were committed before the
// time, or newer ones. An organisation without any has the zero set. The slices
// are shared: do not write to them.
func (b *Book) RulesAt(ctx context.Context, org string, at time.Time) (schemas.RuleSet, error) {
	if err := b.sets.AsOf(ctx, at); err != nil {
		return schemas.RuleSet{}, fmt.Errorf("reading the rules: %w", err)
	}
	set, found, err := b.sets.Lookup(org)
	switch {
	case err != nil:
		// Without its rules an organisation's confidential meetings would be
		// learned: they wait until the rules are set again.
		return schemas.RuleSet{}, fmt.Errorf("reading the rules of %s: %w", org, err)
	case !found:
		set.Org = org
	}
	return set, nil
}

// Rules returns the rules of an organisation as they are now.
func (b *Book) Rules(ctx context.Context, org string) (schemas.RuleSet, error) {
	return b.RulesAt(ctx, org, time.Now())
}

// ErrChanged says that somebody else has changed the rules meanwhile.
var ErrChanged = errors.New("the rules have been changed meanwhile: read them again")

// SetRules replaces all rules of an organisation and returns them with their
// new version. Rules that did not change keep their author and time. With a
// version of 0 or more the present one must be that, or it is ErrChanged; a set
// that is the same as before changes nothing.
//
// Kafka has no compare-and-set. Two processes that write at the same instant
// both number their set alike; the later one counts, and the other is told
// ErrChanged.
func (b *Book) SetRules(ctx context.Context, org, author string, wanted []schemas.LearningRule, version int64) (schemas.RuleSet, error) {
	if len(author) > maxAuthor || !utf8.ValidString(author) || strings.ContainsFunc(author, unicode.IsControl) {
		return schemas.RuleSet{}, &Invalid{fmt.Errorf("author: want at most %d bytes of printable text", maxAuthor)}
	}
	b.writing.Lock()
	defer b.writing.Unlock()
	before, err := b.current(ctx, org)
	if err != nil {
		return before, err
	}
	if version >= 0 && version != before.Version {
		return before, ErrChanged
	}
	after, changed := revise(before, author, wanted, time.Now().UTC().Truncate(time.Millisecond))
	if err := schemas.CheckRules(after); err != nil {
		return before, &Invalid{err}
	}
	if !changed {
		return before, nil
	}
	if err := b.write(ctx, after); err != nil {
		return before, err
	}
	stored, err := b.current(ctx, org)
	if err == nil && !same(stored, after) {
		err = ErrChanged
	}
	return stored, err
}

// current is what is stored, also where it cannot be read: setting the rules
// again is how that is mended.
func (b *Book) current(ctx context.Context, org string) (schemas.RuleSet, error) {
	if err := b.sets.CatchUp(ctx); err != nil {
		return schemas.RuleSet{}, fmt.Errorf("reading the rules: %w", err)
	}
	set, _ := b.sets.Get(org)
	set.Org = org
	return set, nil
}

// revise makes the next version of a set. Keeping author and time of rules that
// stay says for each rule who wants it and since when.
func revise(before schemas.RuleSet, author string, wanted []schemas.LearningRule, now time.Time) (after schemas.RuleSet, changed bool) {
	old := make(map[string]schemas.LearningRule)
	for _, r := range before.Rules {
		old[r.ID] = r
	}
	after = schemas.RuleSet{Org: before.Org, Version: before.Version + 1, Author: author, ChangedAt: now}
	for _, w := range wanted {
		w.Author, w.ChangedAt = author, now
		if o, found := old[w.ID]; found && alike(o, w) {
			w = o
		}
		after.Rules = append(after.Rules, w)
	}
	return after, !slices.EqualFunc(before.Rules, after.Rules, func(a, b schemas.LearningRule) bool { return a.ID == b.ID && alike(a, b) })
}

func alike(a, b schemas.LearningRule) bool {
	return a.Type == b.Type && a.Text == b.Text && a.Recorder == b.Recorder && a.Focus == b.Focus && a.Enabled == b.Enabled
}

func same(a, b schemas.RuleSet) bool {
	return a.Version == b.Version && a.Author == b.Author && a.ChangedAt.Equal(b.ChangedAt) &&
		slices.EqualFunc(a.Rules, b.Rules, func(x, y schemas.LearningRule) bool { return x.ID == y.ID && alike(x, y) })
}

func (b *Book) write(ctx context.Context, set schemas.RuleSet) error {
	value, err := schemas.Encode(b.options.Codec, schemas.Rules, &set)
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(append(slices.Clone(b.options.Kafka), kgo.RequiredAcks(kgo.AllISRAcks()))...)
	if err != nil {
		return fmt.Errorf("building the producer of rules: %w", err)
	}
	defer client.Close()
	if err := client.ProduceSync(ctx, &kgo.Record{Topic: schemas.Rules.Name, Key: []byte(set.Org), Value: value}).FirstErr(); err != nil {
		return fmt.Errorf("writing the rules: %w", err)
	}
	return nil
}

// Invalid is a set that breaks the rules for rules; it names the field.
type Invalid struct{ Err error }

func (i *Invalid) Error() string { return i.Err.Error() }
func (i *Invalid) Unwrap() error { return i.Err }
