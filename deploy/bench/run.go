package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Options say how much is measured.
type Options struct {
	Rounds   int      // that count
	Meetings int      // in a round of the chain
	Size     int      // bytes of a meeting
	Backlog  int      // meetings; memory is compared with that of four times as many
	Waiting  int      // meetings of 1 KB; memory is measured while so many wait
	Largest  int      // bytes of the largest meeting whose cost is measured
	Orgs     int      // most organisations at which the cost of a meeting is measured
	Rate     float64  // meetings a second at which latency and memory are measured
	Chunks   int      // that are searched
	Share    float64  // of the time that each of two processes runs for
	Only     []string // of Parts; none: all
}

// Parts are what can be measured alone.
var Parts = []string{"intake", "stage", "chain", "latency", "sizes", "orgs", "sinks", "restore", "search", "process", "scale"}

// Run measures, and tells each row as soon as it is there. The first error ends
// it: a number whose output was wrong is none.
func Run(ctx context.Context, s *Site, o Options, tell func(Row)) (err error) {
	b := &bench{Site: s, Options: o, recorder: newRecorder(), tell: tell}
	if b.feed, err = s.feed(); err != nil {
		return err
	}
	defer b.feed.close()
	for _, part := range []struct {
		names []string
		do    func(context.Context) error
	}{
		{[]string{"stage"}, b.stages},
		{[]string{"chain", "latency", "sizes", "orgs", "sinks"}, b.chains},
		{[]string{"restore"}, b.restore},
		{[]string{"intake"}, b.intake}, // whose meetings the chain would be given too
		{[]string{"search"}, b.searches},
		{[]string{"scale"}, b.scale},
		{[]string{"process"}, b.process}, // leaves a backlog
	} {
		if !slices.ContainsFunc(part.names, b.wanted) {
			continue
		}
		if err := part.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// bench is a run.
type bench struct {
	*Site
	Options
	recorder *recorder
	feed     *feed
	tell     func(Row)
	programs int // that run
}

func (b *bench) wanted(part string) bool { return len(b.Only) == 0 || slices.Contains(b.Only, part) }

// measure compares and tells.
func (b *bench) measure(ctx context.Context, metrics []metric, leadline, yardstick side) ([]Row, error) {
	rows, err := compare(ctx, b.Rounds, metrics, leadline, yardstick)
	for _, r := range rows {
		b.tell(r)
	}
	return rows, err
}

// during measures while loops run.
func during(ctx context.Context, loops []func(context.Context) error, do func(context.Context) error) error {
	running, stop := background(ctx, loops...)
	err := do(running)
	return errors.Join(err, stop())
}

func throughput(what, unit string, goal float64) []metric {
	return []metric{{name: what, unit: unit + "/s", rate: true, goal: goal}, {name: what + ", processor time", unit: "ms/" + unit}}
}

func wrong(format string, args ...any) error { return fmt.Errorf("wrong output: "+format, args...) }
