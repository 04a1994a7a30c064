package boot

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Role is one part of a process.
type Role struct {
	Name string
	// Run blocks until ctx ends and then returns nil, having finished or given
	// back what it had begun. Any other return stops the process.
	Run func(ctx context.Context) error
	// Ready blocks until the role can do its work; nil is ready at once.
	Ready func(ctx context.Context) error
}

// drainTimeout is how long a role may take to finish. A stage's last
// transaction and a sink's last batch have 20 s each; what takes longer is
// given up, and done again after the next start.
const drainTimeout = 30 * time.Second

// Process runs roles.
type Process struct {
	ready atomic.Bool
}

// Ready says whether every role does its work and no stop has been asked for.
func (p *Process) Ready() bool { return p.ready.Load() }

// Run starts the roles in order and returns when ctx has ended and all of them
// have stopped, last started first: whoever takes work in stops before whoever
// it is handed to. started is called once, when all are ready.
func (p *Process) Run(ctx context.Context, roles []Role, started func()) error {
	failed := make(chan error, len(roles))
	running := make([]*running, 0, len(roles))
	ready := make(chan error, 1)
	readyCtx, cancelReady := context.WithCancel(ctx)
	defer cancelReady()
	for _, role := range roles {
		running = append(running, start(role, failed))
	}
	go func() {
		for _, role := range roles {
			if role.Ready == nil {
				continue
			}
			if err := role.Ready(readyCtx); err != nil {
				ready <- fmt.Errorf("%s: %w", role.Name, err)
				return
			}
		}
		ready <- nil
	}()
	var err error
wait:
	for {
		select {
		case <-ctx.Done():
			break wait
		case err = <-failed:
			break wait
		case e := <-ready:
			if ctx.Err() != nil {
				break wait
			}
			if e != nil {
				err = e
				break wait
			}
			p.ready.Store(true)
			if started != nil {
				started()
			}
			ready = nil
		}
	}
	p.ready.Store(false)
	for i := len(running) - 1; i >= 0; i-- {
		err = errors.Join(err, running[i].stop())
	}
	return err
}

type running struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

func start(role Role, failed chan<- error) *running {
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{name: role.Name, cancel: cancel, done: make(chan struct{})}
	go func() {
		err := role.Run(ctx)
		if err != nil {
			err = fmt.Errorf("%s: %w", role.Name, err)
		} else if ctx.Err() == nil {
			err = fmt.Errorf("%s: ended by itself", role.Name)
		}
		if ctx.Err() == nil {
			failed <- err
			err = nil // told once
		}
		r.err = err
		close(r.done)
	}()
	return r
}

func (r *running) stop() error {
	r.cancel()
	t := time.NewTimer(drainTimeout)
	defer t.Stop()
	select {
	case <-r.done:
		return r.err
	case <-t.C:
		return fmt.Errorf("%s: did not stop within %v", r.name, drainTimeout)
	}
}
