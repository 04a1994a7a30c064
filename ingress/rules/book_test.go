package rules_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/ingress/rules"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// library is a broker with the topic of rules.
type library struct {
	t     *testing.T
	kafka []kgo.Opt
	codec *schemas.Codec
}

func openLibrary(t *testing.T) *library {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	l := &library{t: t, codec: schematest.Codec(t), kafka: []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(schemas.Partitioner())}}
	client := l.client()
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), 2, 1, nil, schemas.Rules.Name); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *library) client() *kgo.Client {
	l.t.Helper()
	client, err := kgo.NewClient(l.kafka...)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(client.Close)
	return client
}

// book is the copy of one process; it runs until the test ends.
func (l *library) book() *rules.Book {
	l.t.Helper()
	b := rules.NewBook(rules.Options{Kafka: l.kafka, Codec: l.codec, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
	ctx, stop := context.WithCancel(l.t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	l.t.Cleanup(func() { stop(); <-done })
	return b
}

func keyword(id, text string) schemas.LearningRule {
	return schemas.LearningRule{ID: id, Type: schemas.RuleKeyword, Text: text, Enabled: true}
}

func TestOfManyWhoReplaceOneVersionInAProcessOneSucceeds(t *testing.T) {
	t.Parallel()
	b := openLibrary(t).book()
	const writers = 8
	failed := make(chan error, writers)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			_, err := b.SetRules(t.Context(), "o", fmt.Sprint("author ", i), []schemas.LearningRule{keyword("k", fmt.Sprint("phrase ", i))}, 0)
			failed <- err
		})
	}
	all.Wait()
	close(failed)
	won := 0
	for err := range failed {
		if err == nil {
			won++
		} else if !errors.Is(err, rules.ErrChanged) {
			t.Error(err)
		}
	}
	if set, err := b.Rules(t.Context(), "o"); err != nil || won != 1 || set.Version != 1 {
		t.Errorf("%d changes succeeded, version %d, %v", won, set.Version, err)
	}
}

func TestProcessesThatWriteAtOnceEndWithOneSet(t *testing.T) {
	t.Parallel()
	l := openLibrary(t)
	books := []*rules.Book{l.book(), l.book(), l.book()}
	var all sync.WaitGroup
	for i, b := range books {
		all.Go(func() {
			for n := range 5 {
				_, err := b.SetRules(t.Context(), "o", fmt.Sprint("process ", i), []schemas.LearningRule{keyword("k", fmt.Sprint(i, " ", n))}, -1)
				if err != nil && !errors.Is(err, rules.ErrChanged) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	first, err := books[0].Rules(t.Context(), "o")
	if err != nil || first.Version < 5 || first.Version > 15 {
		t.Fatalf("version %d, %v", first.Version, err)
	}
	for _, b := range books[1:] {
		if set, err := b.Rules(t.Context(), "o"); err != nil || set.Version != first.Version || set.Rules[0].Text != first.Rules[0].Text {
			t.Errorf("version %d with %q, elsewhere version %d with %q, %v", set.Version, set.Rules[0].Text, first.Version, first.Rules[0].Text, err)
		}
	}
}

func TestStaleVersionsAndWrongRulesChangeNothing(t *testing.T) {
	t.Parallel()
	b := openLibrary(t).book()
	set, err := b.SetRules(t.Context(), "o", "mara", []schemas.LearningRule{keyword("a", "secret"), keyword("b", "hush")}, 0)
	if err != nil || set.Version != 1 {
		t.Fatalf("version %d, %v", set.Version, err)
	}
	if _, err := b.SetRules(t.Context(), "o", "bo", nil, 0); !errors.Is(err, rules.ErrChanged) {
		t.Errorf("a stale version: %v", err)
	}
	if _, err := b.SetRules(t.Context(), "o", "bo", []schemas.LearningRule{keyword("a", "")}, 1); err == nil {
		t.Error("a rule without a text was taken")
	} else if _, ok := errors.AsType[*rules.Invalid](err); !ok {
		t.Error(err)
	}
	if set, err = b.SetRules(t.Context(), "o", "bo", set.Rules, 1); err != nil || set.Version != 1 {
		t.Errorf("the same rules are version %d, %v", set.Version, err)
	}
	set, err = b.SetRules(t.Context(), "o", "bo", []schemas.LearningRule{keyword("a", "secret"), keyword("b", "hush-hush")}, 1)
	if err != nil || set.Version != 2 || set.Rules[0].Author != "mara" || set.Rules[1].Author != "bo" {
		t.Errorf("%+v, %v", set, err)
	}
	if other, err := b.Rules(t.Context(), "p"); err != nil || other.Version != 0 || len(other.Rules) != 0 {
		t.Errorf("another organisation has %+v, %v", other, err)
	}
}

func TestAnAuthorIsAShortName(t *testing.T) {
	t.Parallel()
	b := openLibrary(t).book()
	for _, author := range []string{strings.Repeat("x", 255), "mara\x1b[2J", "mara\nbo", "\xff"} {
		_, err := b.SetRules(t.Context(), "o", author, []schemas.LearningRule{keyword("k", "hush")}, -1)
		if _, ok := errors.AsType[*rules.Invalid](err); !ok {
			t.Errorf("%.20q: %v", author, err)
		}
	}
	if set, err := b.Rules(t.Context(), "o"); err != nil || set.Version != 0 {
		t.Errorf("version %d, %v", set.Version, err)
	}
}

func TestAnOrganisationWhoseRulesCannotBeReadWaitsUntilTheyAreSetAgain(t *testing.T) {
	t.Parallel()
	l := openLibrary(t)
	b := l.book()
	for _, org := range []string{"o", "p"} {
		if _, err := b.SetRules(t.Context(), org, "mara", []schemas.LearningRule{keyword("k", "secret")}, -1); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.client().ProduceSync(t.Context(), &kgo.Record{Topic: schemas.Rules.Name, Key: []byte("o"), Value: []byte("?")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if set, err := b.RulesAt(t.Context(), "o", time.Now()); err == nil {
		t.Errorf("unreadable rules are %+v", set)
	}
	if set, err := b.RulesAt(t.Context(), "p", time.Now()); err != nil || len(set.Rules) != 1 {
		t.Errorf("another organisation has %+v, %v", set, err)
	}
	if _, err := b.SetRules(t.Context(), "o", "mara", []schemas.LearningRule{keyword("k", "secret")}, -1); err != nil {
		t.Fatal(err)
	}
	if set, err := b.RulesAt(t.Context(), "o", time.Now()); err != nil || len(set.Rules) != 1 {
		t.Errorf("mended rules are %+v, %v", set, err)
	}
}
