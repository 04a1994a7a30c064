package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Fault disturbs the system once, and mends what it broke. An error says that
// it could not be shown to have fired, or that the system took it badly; the
// campaign has failed then.
type Fault struct {
	Name   string
	Inject func(ctx context.Context, random *rand.Rand) error
}

// between is a random time.
func between(random *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(random.Int64N(int64(most-least)))
}

// Kill ends a process as kill -9 does, and starts it again.
func Kill(p *Process) Fault {
	return Fault{"kill -9 of " + p.Name, func(ctx context.Context, _ *rand.Rand) error {
		return errors.Join(p.Kill(), p.Start(ctx))
	}}
}

// KillTwice kills a process again while it recovers from the first time.
func KillTwice(p *Process) Fault {
	return Fault{"kill -9 of " + p.Name + " while it starts", func(ctx context.Context, random *rand.Rand) error {
		if err := p.Kill(); err != nil {
			return err
		}
		half := &Process{Name: p.Name, Command: p.Command}
		if err := half.Start(ctx); err != nil {
			return err
		}
		wait(ctx, between(random, time.Millisecond, 900*time.Millisecond))
		if err := half.Kill(); err != nil {
			return err
		}
		return p.Start(ctx)
	}}
}

// Restart tells a process to stop, and starts it again.
func Restart(p *Process) Fault {
	return Fault{"restart of " + p.Name, func(ctx context.Context, _ *rand.Rand) error {
		if err := p.Stop(); err != nil {
			return err
		}
		return p.Start(ctx)
	}}
}

// Freeze stops a process for a while without ending it. One that is frozen for
// longer than its group waits comes back as a zombie: others have its work.
func Freeze(p *Process, least, most time.Duration) Fault {
	return Fault{fmt.Sprintf("freeze of %s for %v or more", p.Name, least), func(ctx context.Context, random *rand.Rand) error {
		return p.Freeze(ctx, between(random, least, most))
	}}
}

// Storm starts and stops one more member over and over: each time the group
// rebalances.
func Storm(extra *Process) Fault {
	return Fault{"rebalance storm", func(ctx context.Context, random *rand.Rand) error {
		for range 3 {
			if err := extra.Start(ctx); err != nil {
				return err
			}
			wait(ctx, between(random, 200*time.Millisecond, 2*time.Second))
			if err := extra.Kill(); err != nil {
				return err
			}
		}
		return nil
	}}
}

// fires is how long traffic may take to meet a fault: longer than a group waits
// for a member that was killed, which has its partitions until then.
const fires = 2 * time.Minute

// Cut closes every connection through a proxy at one moment. provoke, which may
// be nil, sees to it that there are some.
func Cut(p *Proxy, provoke func() error) Fault {
	return Fault{"connections cut: " + p.Name, func(ctx context.Context, _ *rand.Rand) error {
		return Until(ctx, fires, func() error {
			if p.Cut() > 0 {
				return nil
			}
			if provoke != nil {
				if err := provoke(); err != nil {
					return err
				}
			}
			return fmt.Errorf("%s had no connection to cut", p.Name)
		})
	}}
}

// Deafen loses answers after what they answer has been done.
func Deafen(p *Proxy, provoke func() error) Fault {
	return Fault{"answers lost: " + p.Name, func(ctx context.Context, random *rand.Rand) error {
		before, _ := p.Disturbed()
		p.Deafen(true)
		defer p.Deafen(false)
		wait(ctx, between(random, 200*time.Millisecond, time.Second))
		return Until(ctx, fires, func() error {
			if dropped, _ := p.Disturbed(); dropped > before {
				return nil
			}
			if provoke != nil {
				if err := provoke(); err != nil {
					return err
				}
			}
			return fmt.Errorf("%s had no answer to lose", p.Name)
		})
	}}
}

// Slow lets every answer take its time.
func Slow(p *Proxy, provoke func() error) Fault {
	return Fault{"slow: " + p.Name, func(ctx context.Context, random *rand.Rand) error {
		_, before := p.Disturbed()
		p.Slow(between(random, 100*time.Millisecond, time.Second))
		defer p.Slow(0)
		wait(ctx, between(random, time.Second, 3*time.Second))
		return Until(ctx, fires, func() error {
			if _, delayed := p.Disturbed(); delayed > before {
				return nil
			}
			if provoke != nil {
				if err := provoke(); err != nil {
					return err
				}
			}
			return fmt.Errorf("%s had no answer to delay", p.Name)
		})
	}}
}

// FillDisk fills the file system that a directory is on, which must be small
// and the campaign's own, and then makes room again.
func FillDisk(dir string) Fault {
	return Fault{"disk full", func(ctx context.Context, random *rand.Rand) error {
		ballast := filepath.Join(dir, "ballast")
		f, err := os.OpenFile(ballast, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		defer func() {
			_ = f.Close()
			_ = os.Remove(ballast)
		}()
		for block := make([]byte, 64<<10); ; {
			_, err := f.Write(block)
			if errors.Is(err, syscall.ENOSPC) {
				break
			}
			if err != nil {
				return fmt.Errorf("filling the disk: %w", err)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		wait(ctx, between(random, time.Second, 3*time.Second))
		return nil
	}}
}
