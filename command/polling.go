package command

import (
	"fmt"
	"time"

	"leadline/ingress/fathom"
	"leadline/ingress/recorder"
	"leadline/ingress/zoom"
)

// polling is how connections are read.
type polling struct {
	PollInterval   time.Duration `env:"LEADLINE_POLL_INTERVAL" default:"1h" help:"How often each connection is polled."`
	CompleteWithin time.Duration `env:"LEADLINE_COMPLETE_WITHIN" default:"48h" help:"How long after its end a meeting without transcript or summary is asked for again."`
	Calls          int           `env:"LEADLINE_CALLS" default:"60" help:"Calls a minute and connection to Fathom; its limit."`
	HeavyCalls     int           `env:"LEADLINE_HEAVY_CALLS" default:"30" help:"Calls that bring transcripts, likewise."`
	ZoomPlan       zoom.Plan     `env:"LEADLINE_ZOOM_PLAN" default:"pro" help:"What the Zoom account pays for: free, pro or business; half of its calls a second are used."`
}

// recorders are those that can be polled, within these limits. Empty is Fathom's own address.
func (p polling) recorders(fathomURL string) recorder.Table {
	return recorders(fathom.Recorder{API: fathomURL, Calls: p.Calls, Heavy: p.HeavyCalls}, p.ZoomPlan)
}

// check names the flag that is wrong.
func (p polling) check() error {
	switch {
	case p.PollInterval < time.Minute:
		return fmt.Errorf("--poll-interval=%v: want 1m or more", p.PollInterval)
	case p.Calls < 1 || p.HeavyCalls < 1:
		return fmt.Errorf("--calls=%d --heavy-calls=%d: want 1 or more", p.Calls, p.HeavyCalls)
	case p.CompleteWithin < time.Minute || p.CompleteWithin > 30*24*time.Hour:
		return fmt.Errorf("--complete-within=%v: want 1m to 720h", p.CompleteWithin)
	}
	return nil
}
