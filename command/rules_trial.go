package command

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"leadline/console/pages"
	"leadline/ingress/rules"
	"leadline/processors/distill"
	locally "leadline/processors/distill/local"
	"leadline/schemas"
)

// ruleTrial lets somebody on the pages try rules, as leadline rules test does. Of
// an organisation one tries at a time: each reads all that Kafka still has of
// matched meetings.
type ruleTrial struct {
	plant *plant
	book  *rules.Book
	turns turns
}

// Try says what the rules would make of meetings that started since.
func (r *ruleTrial) Try(ctx context.Context, org string, wanted []schemas.LearningRule, since time.Time) (pages.Trial, error) {
	before, err := r.book.Rules(ctx, org)
	if err != nil {
		return pages.Trial{}, err
	}
	end, err := r.turns.take(ctx, org)
	if err != nil {
		return pages.Trial{}, err
	}
	defer end()
	t := &trial{
		before: before, after: schemas.RuleSet{Org: org, Version: before.Version + 1, Rules: wanted},
		judge: distill.ByWords(locally.New()), since: since, found: make(map[string]difference),
	}
	if err := t.read(ctx, reach{r.plant.kafka, r.plant.codec}, &Globals{LogLevel: slog.LevelWarn}); err != nil {
		return pages.Trial{}, fmt.Errorf("trying rules: %w", err)
	}
	made := pages.Trial{Judged: len(t.found), Unread: t.unreadable, ByWords: true}
	for _, id := range slices.Sorted(maps.Keys(t.found)) {
		if d := t.found[id]; d.otherwise() {
			made.Changed = append(made.Changed, pages.Verdict{MeetingID: id, Title: d.title, Now: d.was, Then: d.is})
		}
	}
	return made, nil
}
