package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// grace is how long a process may take to stop when it is told to: what
// Kubernetes gives a pod, unless told otherwise.
const grace = 30 * time.Second

// Process is one of the system's, which is killed and started again. It is not
// safe for concurrent use, but for Said.
type Process struct {
	Name string
	// Command makes it anew for each start.
	Command func() *exec.Cmd
	// Ready returns when the process that was just started does its work.
	Ready func(ctx context.Context) error

	cmd  *exec.Cmd
	over chan ended
	said tail
}

// ended is how a process ended.
type ended struct{ err error }

// Start starts it, and returns when it is ready.
func (p *Process) Start(ctx context.Context) error {
	cmd := p.Command()
	cmd.Stdout, cmd.Stderr = &p.said, &p.said
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", p.Name, err)
	}
	over := make(chan ended, 1)
	go func() { over <- ended{cmd.Wait()} }()
	p.cmd, p.over = cmd, over
	if p.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := p.Ready(ctx); err != nil {
		return fmt.Errorf("waiting for %s: %w: %s", p.Name, err, p.said.String())
	}
	return nil
}

// startTime is what a start may take on a machine that does other things too.
const startTime = 3 * time.Minute

// Kill ends it as kill -9 does.
func (p *Process) Kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("%s had ended by itself: %w: %s", p.Name, err, p.said.String())
	}
	err := (<-p.over).err
	p.cmd = nil
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		return errors.Join(fmt.Errorf("%s had ended by itself: %s", p.Name, p.said.String()), err)
	}
	return nil
}

// Stop tells it to stop, and wants it to do so in good order and time.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("%s had ended by itself: %w: %s", p.Name, err, p.said.String())
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case end := <-p.over:
		p.cmd = nil
		if end.err != nil {
			return fmt.Errorf("%s was told to stop: %w: %s", p.Name, end.err, p.said.String())
		}
		return nil
	case <-timer.C:
		p.End()
		p.cmd = nil
		return fmt.Errorf("%s did not stop within %v", p.Name, grace)
	}
}

// End ends it if it runs, whatever it is doing.
func (p *Process) End() {
	if p.cmd == nil || p.cmd.Process == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.over:
	case <-timer.C:
	}
}

// Freeze stops the process's clockwork: it keeps its connections and answers
// nothing, and finds itself in a later time when it goes on.
func (p *Process) Freeze(ctx context.Context, d time.Duration) error {
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return fmt.Errorf("freezing %s: %w", p.Name, err)
	}
	stopped := p.stopped(ctx)
	wait(ctx, d)
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		return fmt.Errorf("thawing %s: %w", p.Name, err)
	}
	return stopped
}

// stopped waits until the kernel says so.
func (p *Process) stopped(ctx context.Context) error {
	return Until(ctx, 5*time.Second, func() error {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
		if errors.Is(err, os.ErrNotExist) {
			return nil // no Linux: the signal was taken, and that is all one can know
		}
		if err != nil {
			return err
		}
		// pid (name) state …; the name may hold anything but is the last in parentheses.
		_, rest, _ := strings.Cut(string(raw), ") ")
		if !strings.HasPrefix(rest, "T") {
			return fmt.Errorf("%s is not frozen", p.Name)
		}
		return nil
	})
}

// tail keeps the last words of a process.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const tailBytes = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	if n := len(t.last) - tailBytes; n > 0 {
		t.last = bytes.Clone(t.last[n:])
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.last)
}

// wait returns after the time, or earlier when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// Until asks again until there is no error, and returns the last one when the
// time is over.
func Until(ctx context.Context, limit time.Duration, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}
