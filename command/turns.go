package command

import (
	"context"
	"fmt"
	"sync"
)

// turns let one of each organisation at a time do what costs much.
type turns struct{ all sync.Map }

// take waits for the organisation's turn, until end is called or ctx is over.
func (t *turns) take(ctx context.Context, org string) (end func(), err error) {
	kept, _ := t.all.LoadOrStore(org, make(chan struct{}, 1))
	turn := kept.(chan struct{})
	select { // a free turn is taken, whatever ctx says
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	default:
	}
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for somebody else of the organisation: %w", context.Cause(ctx))
	}
}
