package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// latency measures how long a meeting takes from the raw topic to where sinks
// see it, at so many a second.
func (b *bench) latency(ctx context.Context, rate float64) error {
	name := fmt.Sprintf("latency at %.0f meetings/s", rate)
	metrics := []metric{{name: name + ", median", unit: "ms"}, {name: name + ", p99", unit: "ms"}}
	if rate == b.Rate {
		metrics[1].most = 250
	}
	n := max(100, min(400, int(10*rate))) // fewer have no 99th of a hundred
	_, err := b.measure(ctx, metrics,
		b.latencySide(n, rate, schemas.RawMeetings.Name, schemas.KnowledgeEntries.Name, func(r *kgo.Record) string {
			meeting, _, _ := schemas.SplitEntryKey(string(r.Key))
			return meeting
		}),
		b.latencySide(n, rate, copied(0), copied(hops), func(r *kgo.Record) string {
			return schemas.MeetingID(schemas.Header(r, schemas.HeaderOrg), schemas.Fathom, schemas.Header(r, schemas.HeaderRecording))
		}))
	return err
}

func (b *bench) latencySide(n int, rate float64, from, to string, id func(*kgo.Record) string) side {
	return func(ctx context.Context) ([]float64, error) {
		meetings, _, err := b.input(n, b.Size, from)
		if err != nil {
			return nil, err
		}
		out, err := b.arrivals(ctx, to)
		if err != nil {
			return nil, err
		}
		defer out.close()
		client, err := b.client()
		if err != nil {
			return nil, err
		}
		defer client.Close()
		var (
			mu   sync.Mutex
			sent = make(map[string]time.Time, n)
		)
		ctx, fail := context.WithCancelCause(ctx)
		defer fail(nil)
		go func() {
			tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
			defer tick.Stop()
			for _, m := range meetings {
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
				mu.Lock()
				sent[m.id] = time.Now()
				mu.Unlock()
				client.Produce(ctx, m.raw, func(_ *kgo.Record, err error) {
					if err != nil {
						fail(err)
					}
				})
			}
		}()
		took := make(map[string]float64, n)
		err = out.until(ctx, func(r *kgo.Record) bool {
			now := time.Now()
			mu.Lock()
			defer mu.Unlock()
			if at, known := sent[id(r)]; known {
				took[id(r)] = milliseconds(now.Sub(at))
			}
			return len(took) == n
		})
		if err != nil {
			return nil, err
		}
		values := make([]float64, 0, n)
		for _, ms := range took {
			values = append(values, ms)
		}
		return []float64{percentile(values, 50), percentile(values, 99)}, nil
	}
}
