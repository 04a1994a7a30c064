package bench

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot"
	"leadline/schemas"
)

// process measures leadline up as users start it: until it is ready, how much
// memory it takes then, and how much when it is given more than it can do at
// once. Memory is read from /proc.
func (b *bench) process(ctx context.Context) error {
	if b.Binary == "" {
		return nil
	}
	if _, err := b.measure(ctx, []metric{{name: "start-up; beside --version", unit: "ms"}}, b.startUp, b.version); err != nil {
		return err
	}
	if _, err := b.measure(ctx, []metric{{name: "memory, idle", unit: "MB"}}, b.idle, nil); err != nil {
		return err
	}
	name := fmt.Sprintf("peak memory, burst of %d meetings; beside %d", 4*b.Backlog, b.Backlog)
	_, err := b.measure(ctx, []metric{{name: name, unit: "MB"}}, b.burst(4*b.Backlog), b.burst(b.Backlog))
	return err
}

func (b *bench) startUp(ctx context.Context) (values []float64, err error) {
	err = b.up(ctx, func(u *upProcess) error {
		values = []float64{milliseconds(u.took)}
		return nil
	})
	return values, err
}

func (b *bench) idle(ctx context.Context) (values []float64, err error) {
	err = b.up(ctx, func(u *upProcess) error {
		resident, err := u.memory("VmRSS")
		values = []float64{resident}
		return err
	})
	return values, err
}

// version is the least that the binary can do: be loaded and say a word.
func (b *bench) version(ctx context.Context) ([]float64, error) {
	began := time.Now()
	if err := exec.CommandContext(ctx, b.Binary, "--version").Run(); err != nil { //nolint:gosec // our own binary
		return nil, fmt.Errorf("starting %s --version: %w", b.Binary, err)
	}
	return []float64{milliseconds(time.Since(began))}, nil
}

// burst returns the peak of a process that is given so many meetings at once.
func (b *bench) burst(n int) side {
	return func(ctx context.Context) (values []float64, err error) {
		err = b.up(ctx, func(u *upProcess) error {
			if err := b.give(ctx, u, n); err != nil {
				return err
			}
			peak, err := u.memory("VmHWM")
			values = []float64{peak}
			return err
		})
		return values, err
	}
}

// give writes meetings to the process's broker and waits for their rows.
func (b *bench) give(ctx context.Context, u *upProcess, n int) error {
	theirs := *b.Site
	theirs.Kafka = boot.Kafka{Brokers: u.brokers, ClientID: "bench"}.Options(prometheus.NewRegistry(), b.Log)
	rows, err := theirs.arrivals(ctx, schemas.MeetingRows.Name)
	if err != nil {
		return err
	}
	defer rows.close()
	missing := make(map[string]bool, n)
	const most = 100 // at a time: they are held here meanwhile
	for left := n; left > 0; left -= most {
		meetings, records, err := b.input(min(left, most), b.Size, schemas.RawMeetings.Name)
		if err != nil {
			return err
		}
		for _, m := range meetings {
			missing[m.id] = true
		}
		if err := theirs.produce(ctx, records); err != nil {
			return fmt.Errorf("giving meetings to a process: %w", err)
		}
	}
	return rows.until(ctx, func(r *kgo.Record) bool {
		delete(missing, string(r.Key))
		return len(missing) == 0
	})
}
