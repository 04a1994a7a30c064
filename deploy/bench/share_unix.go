//go:build unix

package bench

import (
	"fmt"
	"syscall"
	"time"
)

// turn is how long a process runs and then is stopped for: well below what a
// broker or a stage waits for.
const turn = 10 * time.Millisecond

// hold stops a program where it is, for seconds at most: its groups do not wait
// for longer.
func (p *program) hold() error {
	if err := syscall.Kill(p.pid, syscall.SIGSTOP); err != nil {
		return fmt.Errorf("stopping process %d: %w", p.pid, err)
	}
	return nil
}

// release lets a program go on for a share of the time only, or again for all of
// it. Where engines and programs have the same cores, two at full speed would
// show who gets the cores, not what it costs to divide the work.
func (p *program) release(share float64) {
	if p.unthrottle != nil {
		p.unthrottle()
		p.unthrottle = nil
	}
	end, ended := make(chan struct{}), make(chan struct{})
	if share < 1 {
		p.unthrottle = func() { close(end); <-ended }
		go func() {
			defer close(ended)
			alternate(p.pid, share, end)
		}()
		return
	}
	_ = syscall.Kill(p.pid, syscall.SIGCONT) // whoever waits for it sees that it has ended
}

func alternate(pid int, share float64, end chan struct{}) {
	wait := time.NewTimer(0)
	<-wait.C
	for {
		for _, half := range []struct {
			signal syscall.Signal
			share  float64
		}{{syscall.SIGCONT, share}, {syscall.SIGSTOP, 1 - share}} {
			_ = syscall.Kill(pid, half.signal) // likewise
			wait.Reset(time.Duration(half.share * float64(turn)))
			select {
			case <-wait.C:
			case <-end:
				return
			}
		}
	}
}
