package embedding

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"leadline/schemas"
)

// Questions embeds what is searched for. It is safe for concurrent use.
type Questions struct {
	endpoint *Endpoint
	metrics  *Metrics
	log      *slog.Logger

	mu      sync.Mutex
	vectors map[question][]float32
	order   []question // the oldest first
	failing bool
	closed  time.Time // until then the endpoint is not asked
}

type question struct {
	space Space
	text  string
}

const (
	// remembered questions of 384 numbers are 1.5 MB. A page of results asks
	// the same as the one before.
	remembered = 1000
	// patience is how long a search waits for the endpoint before it goes on
	// without, and rest how long it does so after that: a person does not wait
	// for an endpoint that is down with each search.
	patience = 3 * time.Second
	rest     = 10 * time.Second
)

// NewQuestions makes one.
func NewQuestions(e *Endpoint, m *Metrics, log *slog.Logger) *Questions {
	return &Questions{endpoint: e, metrics: m, log: log, vectors: make(map[question][]float32)}
}

// Vector returns the question's; nil where the endpoint does not give it, and
// the search is by words alone.
func (q *Questions) Vector(ctx context.Context, space Space, text string) []float32 {
	key := question{space, text}
	q.mu.Lock()
	v, known := q.vectors[key]
	resting := time.Now().Before(q.closed)
	q.mu.Unlock()
	if known {
		q.metrics.questions.WithLabelValues("known").Inc()
		return v
	}
	if resting {
		q.metrics.questions.WithLabelValues("failed").Inc()
		return nil
	}
	try, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	all, err := q.endpoint.Embed(try, space.QueryModel, space.Dimension, []string{text})
	if err != nil {
		q.failed(ctx, err)
		return nil
	}
	q.metrics.questions.WithLabelValues("embedded").Inc()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failing = false
	if _, known := q.vectors[key]; !known {
		if len(q.order) == remembered {
			delete(q.vectors, q.order[0])
			q.order = q.order[1:]
		}
		q.vectors[key], q.order = all[0], append(q.order, key)
	}
	return all[0]
}

func (q *Questions) failed(ctx context.Context, err error) {
	q.metrics.questions.WithLabelValues("failed").Inc()
	if refused := (*Refused)(nil); ctx.Err() != nil || errors.As(err, &refused) {
		return // whoever asked is gone, or it is this question alone
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.failing {
		q.log.Warn("searches are by words alone: a question could not be embedded", "err", schemas.Excerpt(err.Error()))
	}
	q.failing, q.closed = true, time.Now().Add(rest)
}
