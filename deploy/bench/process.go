package bench

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

const (
	// waitingBytes is of a meeting of the backlog.
	waitingBytes = 1 << 10
	// waitedFor is how many meetings of the backlog are done when memory is read.
	waitedFor = 20_000
	// steady is how long meetings come one by one.
	steady = 10 * time.Second
	// burstMB is what a process may take of a burst.
	burstMB = 300
)

// process measures leadline as it is started: leadline up, or leadline
// processors on real engines. Until it is ready, how much memory it takes then,
// how much while meetings come one by one, and how much when it is given more
// than it can do at once. Memory is read from /proc.
func (b *bench) process(ctx context.Context) error {
	if b.Binary == "" {
		return nil
	}
	size := fmt.Sprintf("%d KB", b.Size>>10)
	for _, row := range []struct {
		metric
		leadline, yardstick side
	}{
		{metric{name: "start-up; beside --version", unit: "ms"}, b.startUp, b.version},
		{metric{name: "memory, idle", unit: "MB"}, b.memory("VmRSS", nil), nil},
		{
			metric{name: fmt.Sprintf("peak memory, %.0f meetings/s of %s", b.Rate, size), unit: "MB"},
			b.memory("VmHWM", b.oneByOne), nil,
		},
		{
			metric{name: fmt.Sprintf("peak memory, burst of %d meetings of %s; beside %d", 4*b.Backlog, size, b.Backlog), unit: "MB", most: burstMB},
			b.memory("VmHWM", b.burst(4*b.Backlog)), b.memory("VmHWM", b.burst(b.Backlog)),
		},
	} {
		if _, err := b.measure(ctx, []metric{row.metric}, row.leadline, row.yardstick); err != nil {
			return err
		}
	}
	return b.backlog(ctx)
}

func (b *bench) startUp(ctx context.Context) (values []float64, err error) {
	err = b.run(ctx, func(p *program) error {
		values = []float64{milliseconds(p.took)}
		return nil
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

// memory reads a field of what a process takes after it was given something.
func (b *bench) memory(field string, give func(context.Context, *Site) error) side {
	return func(ctx context.Context) (values []float64, err error) {
		err = b.run(ctx, func(p *program) error {
			if give != nil {
				if err := give(ctx, p.site); err != nil {
					return err
				}
			}
			taken, err := p.memory(field)
			values = []float64{taken}
			return err
		})
		return values, err
	}
}

func (b *bench) burst(n int) func(context.Context, *Site) error {
	return func(ctx context.Context, to *Site) error { return b.give(ctx, to, n, b.Size, n, nil) }
}

func (b *bench) oneByOne(ctx context.Context, to *Site) error {
	tick := time.NewTicker(time.Duration(float64(time.Second) / b.Rate))
	defer tick.Stop()
	n := max(1, int(steady.Seconds()*b.Rate))
	return b.give(ctx, to, n, b.Size, n, tick.C)
}

// backlog measures memory while so many meetings wait that they could not be
// held. It is measured once, and last: on a real broker most of them stay.
func (b *bench) backlog(ctx context.Context) error {
	row := Row{Name: fmt.Sprintf("peak memory, backlog of %d meetings of 1 KB", b.Waiting), Unit: "MB", Most: burstMB, Rounds: 1}
	if b.Environment != nil { // it is there before the process is
		if err := b.give(ctx, b.Site, b.Waiting, waitingBytes, 0, nil); err != nil {
			return err
		}
	}
	values, err := b.memory("VmHWM", func(ctx context.Context, to *Site) error {
		done := min(b.Waiting, waitedFor)
		if b.Environment != nil {
			return b.await(ctx, to, done, nil)
		}
		return b.give(ctx, to, b.Waiting, waitingBytes, done, nil)
	})(ctx)
	if err != nil {
		return err
	}
	row.Leadline = values[0]
	b.tell(row)
	return nil
}

// give writes meetings to a broker, one with each tick or as fast as they are
// made, and waits for the rows of some of them.
func (b *bench) give(ctx context.Context, to *Site, n, size, wait int, tick <-chan time.Time) error {
	const most = 100 // at a time: they are held here meanwhile
	client, err := to.client()
	if err != nil {
		return err
	}
	defer client.Close()
	write := func(ctx context.Context) error {
		at := most
		if tick != nil {
			at = 1
		}
		for left := n; left > 0; left -= at {
			_, records, err := b.input(min(left, at), size, schemas.RawMeetings.Name)
			if err != nil {
				return err
			}
			if tick != nil {
				<-tick
			}
			if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
				return fmt.Errorf("giving meetings to a process: %w", err)
			}
		}
		return nil
	}
	if wait == 0 {
		return write(ctx)
	}
	return b.await(ctx, to, wait, write)
}

// await waits for so many rows that come after it was called.
func (b *bench) await(ctx context.Context, from *Site, n int, meanwhile func(context.Context) error) error {
	rows, err := from.arrivals(ctx, schemas.MeetingRows.Name)
	if err != nil {
		return err
	}
	defer rows.close()
	if meanwhile != nil {
		if err := meanwhile(ctx); err != nil {
			return err
		}
	}
	arrived := make(map[string]bool, n)
	return rows.until(ctx, func(r *kgo.Record) bool {
		arrived[string(r.Key)] = true
		return len(arrived) >= n
	})
}

// arguments are of the process that does everything, or of the one that has the
// stages.
func (b *bench) arguments(dir string) []string {
	if b.Environment == nil {
		return []string{"up", "--data", dir, "--port=0", "--kafka-port=0", "--registry-port=0", "--distiller", b.Distiller}
	}
	return []string{"processors", "--data", dir, "--distiller", b.Distiller}
}
