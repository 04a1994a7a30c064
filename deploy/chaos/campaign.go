package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Campaign is one run.
type Campaign struct {
	Seed   uint64
	For    time.Duration // faults are injected for so long
	Faults []Fault
	// Traffic goes on until ctx ends: meetings that end, are edited, come again.
	Traffic func(ctx context.Context, random *rand.Rand) error
	// Settle is called when everything is mended, and returns when the system has
	// taken in all that the recorder has.
	Settle func(ctx context.Context) error
	// Judge compares what there is with what there should be. Each difference is a
	// sentence.
	Judge func(ctx context.Context) ([]string, error)
	// Say is called at each fault.
	Say func(format string, args ...any)
}

// Report is what came of a campaign.
type Report struct {
	Seed        uint64         `json:"seed"`
	Seconds     float64        `json:"seconds"`
	Faults      int            `json:"faults"`
	Fired       map[string]int `json:"fired"` // by kind
	Differences []string       `json:"differences"`
}

// Run injects faults until the time is over, every kind at least once, and then
// judges. An error says that the campaign could not be carried through, or that
// a fault did not fire.
func (c *Campaign) Run(ctx context.Context) (Report, error) {
	report := Report{Seed: c.Seed, Fired: make(map[string]int), Differences: []string{}}
	began := time.Now()
	random := rand.New(rand.NewPCG(c.Seed, 0)) //nolint:gosec // a campaign is to be repeated, not to be kept secret
	busy, stop := context.WithCancel(ctx)
	defer stop()
	sent := make(chan error, 1)
	go func() {
		sent <- c.Traffic(busy, rand.New(rand.NewPCG(c.Seed, 1))) //nolint:gosec // likewise
	}()
	err := c.disturb(ctx, random, began, &report)
	stop()
	if err := errors.Join(err, <-sent); err != nil {
		return report, err
	}
	c.Say("mended; settling")
	if err := c.Settle(ctx); err != nil {
		return report, fmt.Errorf("settling: %w", err)
	}
	differences, err := c.Judge(ctx)
	if err != nil {
		return report, fmt.Errorf("judging: %w", err)
	}
	report.Differences = append(report.Differences, differences...)
	report.Seconds = time.Since(began).Seconds()
	return report, nil
}

// disturb deals the faults like cards: each of the pack before any comes again.
func (c *Campaign) disturb(ctx context.Context, random *rand.Rand, began time.Time, report *Report) error {
	for first := true; first || time.Since(began) < c.For; first = false {
		pack := slices.Clone(c.Faults)
		random.Shuffle(len(pack), func(i, j int) { pack[i], pack[j] = pack[j], pack[i] })
		for _, fault := range pack {
			if !first && time.Since(began) >= c.For {
				return nil
			}
			wait(ctx, between(random, 100*time.Millisecond, 1500*time.Millisecond))
			if err := fault.Inject(ctx, random); err != nil {
				return fmt.Errorf("%s: %w", fault.Name, err)
			}
			report.Faults++
			report.Fired[fault.Name]++
			c.Say("%6.1f s  %s", time.Since(began).Seconds(), fault.Name)
		}
	}
	return nil
}
