package passage

import (
	"context"
	"sync"
	"time"
)

// Parts adds up what the parts of searches took, by their names.
type Parts struct {
	mu   sync.Mutex
	took map[string]time.Duration
}

type partsKey struct{}

// Timed returns a context whose searches tell their parts.
func Timed(ctx context.Context) (context.Context, *Parts) {
	p := &Parts{took: make(map[string]time.Duration)}
	return context.WithValue(ctx, partsKey{}, p), p
}

// Part begins a part of a search, and returns what ends it. Where nobody times
// the search it does nothing.
func Part(ctx context.Context, name string) (end func()) {
	p, timed := ctx.Value(partsKey{}).(*Parts)
	if !timed {
		return func() {}
	}
	began := time.Now()
	return func() {
		took := time.Since(began)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.took[name] += took
	}
}

// Take returns the sums, and begins anew.
func (p *Parts) Take() map[string]time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	took := p.took
	p.took = make(map[string]time.Duration)
	return took
}
