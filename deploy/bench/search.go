package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"leadline/schemas"
	"leadline/sinks/elasticsearch"
	"leadline/sinks/embedded"
	"leadline/sinks/passage"
	"leadline/sinks/sink"
)

// questions are how many are asked in a round of each scope.
const questions = 300

// searched is a store that is filled and then asked.
type searched interface {
	EntrySink() sink.Sink[schemas.Entry]
	Search(ctx context.Context, q schemas.SearchQuery) ([]schemas.Hit, error)
}

// searches measures how long a search takes among so many chunks of talk, of
// one customer and of all, and what its parts cost.
func (b *bench) searches(ctx context.Context) (err error) {
	s, err := embedded.Open(ctx, filepath.Join(b.Dir, "search.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := b.ask(ctx, "embedded", s, s.Warm); err != nil {
		return err
	}
	if len(b.Elasticsearch) == 0 {
		return nil
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	e, err := elasticsearch.New(elasticsearch.Options{
		Addresses: b.Elasticsearch, Name: "leadline-bench-search-" + strings.ToLower(b.Incarnation), Transport: transport,
	})
	if err != nil {
		return err
	}
	if err := e.Prepare(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Drop(context.WithoutCancel(ctx))) }()
	return b.ask(ctx, "Elasticsearch", e, e.Refresh)
}

// ask fills the store and asks it; ready makes what was written to be found.
func (b *bench) ask(ctx context.Context, name string, s searched, ready func(context.Context) error) error {
	all, err := b.talk(ctx, s)
	if err != nil {
		return fmt.Errorf("filling %s: %w", name, err)
	}
	if err := ready(ctx); err != nil {
		return err
	}
	for _, scope := range []struct {
		name string
		of   func(asked) schemas.Scope
	}{
		{"one customer", func(q asked) schemas.Scope { return schemas.Scope{Org: talkOrg, Company: q.customer} }},
		{"all", func(asked) schemas.Scope { return schemas.Scope{Org: talkOrg} }},
	} {
		parts := make(map[string][]float64)
		what := fmt.Sprintf("search, %s, %d chunks, %s", name, b.Chunks, scope.name)
		metrics := []metric{{name: what + ", median", unit: "ms"}, {name: what + ", p99", unit: "ms"}, {name: what + ", processor time, median", unit: "ms"}, {name: what + ", processor time, p99", unit: "ms"}}
		_, err := b.measure(ctx, metrics, func(ctx context.Context) ([]float64, error) { return once(ctx, s, all, scope.of, parts) }, nil)
		if err != nil {
			return err
		}
		for _, part := range slices.Sorted(maps.Keys(parts)) {
			b.tell(Row{Name: what + ": " + part, Unit: "ms", Leadline: median(parts[part]), Rounds: len(parts[part])})
		}
	}
	return nil
}

// talk fills the store, and returns questions about meetings that are far from
// each other.
func (b *bench) talk(ctx context.Context, s searched) ([]asked, error) {
	t := newTalk()
	meetings := max(1, b.Chunks/(talkMeeting+1))
	var all []asked
	var batch sink.Batch[schemas.Entry]
	for n := range meetings {
		entries, q := t.meeting(n)
		all = append(all, q)
		if batch = append(batch, entries...); len(batch) >= batchRows || n == meetings-1 {
			if err := s.EntrySink().Write(ctx, batch); err != nil {
				return nil, err
			}
			batch = nil
		}
	}
	t.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(len(all), questions)], nil
}

// once asks every question. A question has words of one chunk: that most of
// them do not find it, or that one finds what is out of its scope, is an error.
func once(ctx context.Context, s searched, all []asked, scope func(asked) schemas.Scope, parts map[string][]float64) ([]float64, error) {
	ctx, timed := passage.Timed(ctx)
	var took, busy []float64
	right := 0
	for _, q := range all {
		at := start()
		within := scope(q)
		hits, err := s.Search(ctx, schemas.SearchQuery{Scope: within, Text: q.text})
		if err != nil {
			return nil, err
		}
		took, busy = append(took, milliseconds(time.Since(at.began))), append(busy, milliseconds(processorTime()-at.processor))
		for _, h := range hits {
			if h.Entry.Org != within.Org || within.Company != "" && !slices.Contains(h.Entry.Companies, within.Company) {
				return nil, wrong("%s is out of the scope %+v", h.Entry.ID, within)
			}
		}
		if slices.ContainsFunc(hits, func(h schemas.Hit) bool {
			e := h.Entry
			return e.RecordingID == q.recording && e.TurnFirst != nil && *e.TurnFirst <= q.turn && q.turn <= *e.TurnLast
		}) {
			right++
		}
	}
	if right < len(all)*8/10 {
		return nil, wrong("%d of %d questions find the chunk that they are about", right, len(all))
	}
	for part, sum := range timed.Take() {
		parts[part] = append(parts[part], milliseconds(sum)/float64(len(all)))
	}
	return []float64{percentile(took, 50), percentile(took, 99), percentile(busy, 50), percentile(busy, 99)}, nil
}
