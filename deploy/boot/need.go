package boot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// Need is something outside of the process that roles wait for before they run:
// what starts at the same time, or is being mended, is waited for rather than
// given up, and /readyz and a metric say so.
type Need struct {
	Name string
	// Check returns nil when the need is met. It is called until then, with pauses
	// of up to 5 s, and has 10 s each time. Hopeless ends the process.
	Check func(ctx context.Context) error
}

// Hopeless is an error of a check that waiting does not mend.
type Hopeless struct{ Err error }

func (h *Hopeless) Error() string { return h.Err.Error() }

// Unwrap returns the error.
func (h *Hopeless) Unwrap() error { return h.Err }

// needs are those of all roles, each once.
func needs(roles []Role) []*Need {
	var all []*Need
	for _, r := range roles {
		for _, n := range r.Needs {
			if !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	return all
}

// await returns nil when the need is met or ctx has ended.
func (p *Process) await(ctx context.Context, n *Need) error {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = 200*time.Millisecond, 5*time.Second
	for told := false; ; told = true {
		try, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := n.Check(try)
		cancel()
		if ctx.Err() != nil {
			return nil
		}
		p.wait(n, err)
		if err == nil {
			return nil
		}
		if !told && p.Log != nil {
			p.Log.Warn("waits before it starts", "for", n.Name, "err", err)
		}
		if hopeless := (*Hopeless)(nil); errors.As(err, &hopeless) {
			return fmt.Errorf("%s: %w", n.Name, err)
		}
		timer := time.NewTimer(pauses.NextBackOff())
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// wait notes the last answer to a need.
func (p *Process) wait(n *Need, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := ""
	if err != nil {
		// An error may quote what a server said; here it gets one line.
		text = strings.Join(strings.Fields(err.Error()), " ")
	}
	if p.waiting == nil {
		p.waiting = make(map[string]string)
	}
	p.waiting[n.Name] = text
}

// waits are the needs that are not met, each with why.
func (p *Process) waits() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for name, why := range p.waiting {
		if why != "" {
			all = append(all, name+": "+why)
		}
	}
	slices.Sort(all)
	return all
}

var waitingDesc = prometheus.NewDesc("leadline_start_waiting", "1 while roles wait for it before they run, 0 when it was there.", []string{"need"}, nil)

// Describe is for Prometheus.
func (p *Process) Describe(to chan<- *prometheus.Desc) { to <- waitingDesc }

// Collect is for Prometheus.
func (p *Process) Collect(to chan<- prometheus.Metric) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, why := range p.waiting {
		value := 0.0
		if why != "" {
			value = 1
		}
		to <- prometheus.MustNewConstMetric(waitingDesc, prometheus.GaugeValue, value, name)
	}
}
