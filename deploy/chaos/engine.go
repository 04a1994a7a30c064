package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"syscall"
	"time"
)

// comesBack is how long an engine may take to take connections again after it
// was started: one that was killed reads its logs first.
const comesBack = 3 * time.Minute

// Crash kills an engine and starts it again by a command for the shell: only
// whoever runs the campaign knows how. It has fired when the engine's address
// refused a connection while the command ran.
func Crash(name, address, command string) Fault {
	return Fault{"kill -9 of " + name, func(ctx context.Context, _ *rand.Rand) error {
		if err := dial(ctx, address); err != nil {
			return fmt.Errorf("before it is killed: %w", err)
		}
		done := make(chan error, 1)
		// What it starts is to outlive the campaign, and keeps no pipe of ours.
		cmd := exec.Command("sh", "-c", command) //nolint:gosec,noctx // see above
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			return err
		}
		go func() { done <- cmd.Wait() }()
		refused := false
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case err := <-done:
				tick.Stop()
				if err != nil {
					return fmt.Errorf("%q: %w", command, err)
				}
				if !refused {
					return fmt.Errorf("%q ended, and %s took connections all the while", command, address)
				}
				return Until(ctx, comesBack, func() error { return dial(ctx, address) })
			case <-ctx.Done():
				tick.Stop()
				return ctx.Err()
			case <-tick.C:
				refused = refused || errors.Is(dial(ctx, address), syscall.ECONNREFUSED)
			}
		}
	}}
}

func dial(ctx context.Context, address string) error {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}
