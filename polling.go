package main

import (
	"fmt"
	"time"
)

// polling is how connections are read.
type polling struct {
	PollInterval   time.Duration `env:"LEADLINE_POLL_INTERVAL" default:"1h" help:"How often each connection is polled."`
	CompleteWithin time.Duration `env:"LEADLINE_COMPLETE_WITHIN" default:"48h" help:"How long after its end a meeting without transcript or summary is asked for again."`
}

// check names the flag that is wrong.
func (p polling) check() error {
	switch {
	case p.PollInterval < time.Minute:
		return fmt.Errorf("--poll-interval=%v: want 1m or more", p.PollInterval)
	case p.CompleteWithin < time.Minute || p.CompleteWithin > 30*24*time.Hour:
		return fmt.Errorf("--complete-within=%v: want 1m to 720h", p.CompleteWithin)
	}
	return nil
}
