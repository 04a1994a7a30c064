package boot

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Namesake ends a process when another one goes by its name. A group gives a
// name's place to whoever joins last, so the two would throw each other out for
// ever, and few batches would come to their end. It is a hook of Kafka's clients.
type Namesake struct {
	name string
	once sync.Once
	met  chan struct{}
}

// NewNamesake is for a process that is a member of its groups under a name.
func NewNamesake(name string) *Namesake { return &Namesake{name: name, met: make(chan struct{})} }

// OnGroupManageError is called with what ended a membership.
func (n *Namesake) OnGroupManageError(err error) {
	if errors.Is(err, kerr.FencedInstanceID) {
		n.once.Do(func() { close(n.met) })
	}
}

// Run returns an error once the name was taken.
func (n *Namesake) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-n.met:
		return fmt.Errorf("another process is LEADLINE_INSTANCE=%s too, and has taken this one's place: each wants a name of its own", n.name)
	}
}
