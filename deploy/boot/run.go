package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
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
	// Needs are met before Run is called. Roles may share one.
	Needs []*Need
}

// drainTimeout is how long a role may take to finish. A stage's last
// transaction and a sink's last batch have 20 s each; what takes longer is
// given up, and done again after the next start.
const drainTimeout = 30 * time.Second

// Process runs roles.
type Process struct {
	Log *slog.Logger // nil: silent

	ready   atomic.Bool
	mu      sync.Mutex
	waiting map[string]string // need -> why it is not met; "": it is
}

// Ready says whether every role does its work and no stop has been asked for.
func (p *Process) Ready() bool { return p.ready.Load() }

// Run starts the roles in order and returns when ctx has ended and all of them
// have stopped, last started first: whoever takes work in stops before whoever
// it is handed to. started is called once, when all are ready.
func (p *Process) Run(ctx context.Context, roles []Role, started func()) error {
	all := needs(roles)
	failed := make(chan error, len(roles)+len(all))
	running := make([]*running, 0, len(roles))
	ready := make(chan error, 1)
	readyCtx, cancelReady := context.WithCancel(ctx)
	defer cancelReady()
	met := make(map[*Need]chan struct{})
	for _, n := range all {
		done := make(chan struct{})
		met[n] = done
		p.wait(n, errors.New("not asked yet"))
		go func() {
			if err := p.await(readyCtx, n); err != nil {
				failed <- err
			} else if readyCtx.Err() == nil {
				close(done)
			}
		}()
	}
	for _, role := range roles {
		running = append(running, start(role, met, failed))
	}
	go func() {
		for _, role := range roles {
			if !role.met(readyCtx, met) {
				return // the process is about to end
			}
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

// met blocks until the role's needs are; false means that ctx has ended before.
func (r Role) met(ctx context.Context, met map[*Need]chan struct{}) bool {
	for _, n := range r.Needs {
		select {
		case <-met[n]:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func start(role Role, met map[*Need]chan struct{}, failed chan<- error) *running {
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{name: role.Name, cancel: cancel, done: make(chan struct{})}
	go func() {
		var err error
		if role.met(ctx, met) {
			err = role.Run(ctx)
		}
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
