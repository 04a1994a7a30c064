package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/chaos"
	"leadline/ingress/fathom/simulator"
	"leadline/schemas"
)

// faults are what is done to the site.
func (s *chaosSite) faults() []chaos.Fault {
	all := slices.Clone(s.crashes)
	for _, p := range s.processes {
		all = append(all, chaos.Kill(p), chaos.KillTwice(p), chaos.Restart(p), chaos.Freeze(p, time.Second, 4*time.Second))
	}
	if s.member != nil {
		all = append(all, chaos.Storm(s.member))
	}
	for _, p := range s.proxies {
		var provoke func() error
		switch {
		case strings.HasPrefix(p.Name, "recorder"):
			provoke = s.sync
		case strings.HasPrefix(p.Name, "Leadline"):
			provoke = s.source.again
		case p.Name == "registry":
			provoke = s.forget
		}
		all = append(all, chaos.Cut(p, provoke), chaos.Deafen(p, provoke), chaos.Slow(p, provoke))
	}
	if s.disk != "" {
		all = append(all, chaos.FillDisk(s.disk))
	}
	all = append(all, chaos.Fault{Name: "recorder answers 429", Inject: s.limit},
		chaos.Fault{Name: "poisoned records at the head of a partition", Inject: s.poison})
	if s.engines == "embedded" {
		all = append(all, chaos.Fault{Name: "a burst of dead letters halts the stage", Inject: s.burst})
	}
	return all
}

// forget makes a process that knows no schema yet: those that run ask the
// registry for nothing.
func (s *chaosSite) forget() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p := s.processes[slices.IndexFunc(s.processes, func(p *chaos.Process) bool { return p.Name == "processors-a" })]
	if err := errors.Join(p.Kill(), p.Start(ctx)); err != nil {
		return err
	}
	wait := time.NewTimer(3 * time.Second)
	defer wait.Stop()
	<-wait.C
	return nil
}

// sync asks for a sync, as somebody at a desk does: where Leadline has no time
// to answer, once more.
func (s *chaosSite) sync() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	return chaos.Until(ctx, 2*time.Minute, func() error { return s.command(ctx, nil, "sync", "--since", "2020-01-01") })
}

// limit lets the recorder take fewer calls than it says.
func (s *chaosSite) limit(ctx context.Context, _ *rand.Rand) error {
	before := s.source.refused.Load()
	if err := s.source.SetLimits(simulator.Limits{Calls: 1, Heavy: 1, Window: 20 * time.Second}); err != nil {
		return err
	}
	defer func() { _ = s.source.SetLimits(simulator.Limits{}) }()
	for range 5 {
		if err := s.sync(); err != nil {
			return err
		}
		err := polled(func(context.Context) error {
			if s.source.refused.Load() == before {
				return errors.New("no call was refused")
			}
			return nil
		})
		once, cancel := context.WithTimeout(ctx, 10*time.Second)
		last := err(once)
		cancel()
		if last == nil {
			return nil
		}
	}
	return errors.New("no call was refused")
}

// poisoned is what no processor can read.
const poisoned = "\x00no record of any kind: "

// poison puts records that cannot be read before those to come.
func (s *chaosSite) poison(ctx context.Context, random *rand.Rand) error {
	return s.produce(ctx, 1+random.IntN(5), random)
}

func (s *chaosSite) produce(ctx context.Context, n int, random *rand.Rand) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(s.brokers...), kgo.RecordPartitioner(schemas.Partitioner()))
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var records []*kgo.Record
	for range n {
		records = append(records, &kgo.Record{
			Topic: schemas.RawMeetings.Name, Key: []byte(s.org),
			Value: fmt.Appendf(nil, "%s%d", poisoned, random.Uint64()),
		})
	}
	return client.ProduceSync(ctx, records...).FirstErr()
}

// burstTime is what a machine that is busy with other things may take.
const burstTime = 5 * time.Minute

// burst is a writer gone mad: the stage stands still until somebody has looked,
// and lets the records become dead letters.
func (s *chaosSite) burst(ctx context.Context, random *rand.Rand) error {
	leadline := s.processes[0]
	if err := s.produce(ctx, 1000, random); err != nil {
		return err
	}
	halted, cancel := context.WithTimeout(ctx, burstTime)
	defer cancel()
	if err := polled(s.halted)(halted); err != nil {
		return fmt.Errorf("waiting for the halt: %w", err)
	}
	s.extra = []string{"LEADLINE_DEAD_LETTERS_IN_A_ROW=0"}
	err := errors.Join(leadline.Stop(), leadline.Start(ctx))
	s.extra = nil
	if err != nil {
		return err
	}
	through, cancel := context.WithTimeout(ctx, burstTime)
	defer cancel()
	if err := polled(func(ctx context.Context) error {
		// Of that stage alone: meetings go on ending, and the stages behind it may have enough to do.
		return s.metric(ctx, "leadline_stage_lag_records", `stage="normalize"`, "0")
	})(through); err != nil {
		return fmt.Errorf("waiting for the stage to get through: %w", err)
	}
	return errors.Join(leadline.Stop(), leadline.Start(ctx))
}

func (s *chaosSite) halted(ctx context.Context) error {
	return s.metric(ctx, "leadline_stage_halted", `stage="normalize"`, "1")
}

// metric wants a value of every series of the name that has the label.
func (s *chaosSite) metric(ctx context.Context, name, label, want string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.webhooks+"/metrics", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	found := false
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(line, name+"{") || !strings.Contains(line, label) {
			continue
		}
		found = true
		if value := strings.TrimSpace(line[strings.LastIndex(line, " "):]); value != want {
			return fmt.Errorf("%s", strings.TrimSpace(line))
		}
	}
	if !found {
		return fmt.Errorf("%s with %s is no metric", name, label)
	}
	return nil
}
