package elasticsearch

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	purgeEvery = 24 * time.Hour
	// purgeFirst is how long after the start at most: a process that is replaced
	// every day purges too.
	purgeFirst = time.Hour
	purgeTime  = time.Hour
)

// Purging purges a Store once a day.
type Purging struct {
	purge    func(ctx context.Context, before time.Time) (int, error)
	keep     time.Duration
	log      *slog.Logger
	purged   prometheus.Counter
	failures prometheus.Counter
	last     prometheus.Gauge
}

// NewPurging registers the leadline_purge_* metrics. keep is how old a tombstone
// gets; see Purge.
func NewPurging(s *Store, keep time.Duration, reg prometheus.Registerer, log *slog.Logger) *Purging {
	return newPurging(s.Purge, keep, reg, log)
}

func newPurging(purge func(context.Context, time.Time) (int, error), keep time.Duration, reg prometheus.Registerer, log *slog.Logger) *Purging {
	p := &Purging{
		purge: purge, keep: keep, log: log,
		purged: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_purge_tombstones_total", Help: "Tombstones of entries and their vectors removed because they were old.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_purge_failures_total", Help: "Purges that failed; the next one is a day later.",
		}),
		last: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "leadline_purge_last_success_timestamp_seconds", Help: "When a purge was last through; 0: not since the start.",
		}),
	}
	reg.MustRegister(p.purged, p.failures, p.last)
	return p
}

// Run purges until ctx ends. Processes do it at times of their own, and two at
// the same time do no harm.
func (p *Purging) Run(ctx context.Context) error {
	pause := rand.N(purgeFirst) //nolint:gosec // no secret
	for {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		p.once(ctx)
		pause = purgeEvery*9/10 + rand.N(purgeEvery/5) //nolint:gosec // likewise
	}
}

func (p *Purging) once(ctx context.Context) {
	try, cancel := context.WithTimeout(ctx, purgeTime)
	defer cancel()
	n, err := p.purge(try, time.Now().Add(-p.keep))
	p.purged.Add(float64(n))
	switch {
	case ctx.Err() != nil:
	case err != nil:
		p.failures.Inc()
		p.log.Warn("old tombstones stay for another day", "err", err)
	default:
		p.last.SetToCurrentTime()
	}
}
