package sink_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// series returns a metric's series, each as its labels' values joined with
// slashes; of a histogram the number of observations.
func (b *bench) series(name string) map[string]float64 {
	b.Helper()
	families, err := b.metrics.Gather()
	b.must(err)
	found := make(map[string]float64)
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			found[strings.Join(labels, "/")] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return found
}

func TestLagIsSeenWhileTheStoreIsDownAndIsZeroAfterwards(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	var up atomic.Bool
	store := &memory{before: func(context.Context, int, sink.Batch[schemas.Entry]) error {
		if !up.Load() {
			return errors.New("down")
		}
		return nil
	}}
	old := b.record(0, "a", 1, "x")
	old.Timestamp = time.Now().Add(-time.Hour)
	b.produce(old, b.record(0, "b", 1, "y"))
	b.start(b.loop(store))
	lag := func(unit string) float64 { return b.series("leadline_sink_lag_" + unit)["0/test/"+topic.Name] }
	b.until("lag", func() bool { return lag("records") == 2 && lag("seconds") >= 3600 })
	up.Store(true)
	b.until("no lag", func() bool {
		_, told := b.series("leadline_sink_lag_records")["0/test/"+topic.Name]
		return told && lag("records") == 0 && lag("seconds") == 0
	})
}

func TestCountersBeginAtZero(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.start(b.loop(&memory{}))
	b.until("dead letters of each reason", func() bool {
		return len(b.series("leadline_sink_dead_letters_total")) == len(schemas.Reasons)
	})
	for _, name := range []string{"leadline_sink_rows_total", "leadline_sink_retries_total", "leadline_sink_untimed_total"} {
		if got := b.series(name); len(got) != 1 || got["test"] != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Meetings that a poll finds late, and replays, do not distort how long meetings
// take: the end counts for webhooks alone, and nothing counts after a day.
func TestLatencyIsThatOfMeetingsOnTheirWay(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for i, c := range []struct {
		source          string
		received, ended time.Duration // ago; 0: no header
		entries         int
	}{
		{"webhook", time.Second, time.Minute, 3},
		{"webhook", time.Second, 48 * time.Hour, 1}, // delivered again by hand
		{"webhook", -time.Minute, time.Minute, 1},   // the receiver's clock is ahead
		{"poll", time.Second, 90 * 24 * time.Hour, 2},
		{"manual", 30 * 24 * time.Hour, 31 * 24 * time.Hour, 1}, // a replay
		{"fetch", time.Second, time.Minute, 2},                  // Zoom announced it
		{"elsewhere", time.Second, time.Minute, 1},
		{"", 0, 0, 1}, // the directory changed
	} {
		for e := range c.entries {
			r := b.record(0, fmt.Sprintf("o/fathom/%d/e%d", i, e), 1, "x")
			if c.source != "" {
				at := schemas.EndedHeader(time.Now().Add(-c.received))
				at.Key = schemas.HeaderReceived
				r.Headers = append(r.Headers, at, schemas.EndedHeader(time.Now().Add(-c.ended)),
					kgo.RecordHeader{Key: schemas.HeaderSource, Value: []byte(c.source)})
			}
			b.produce(r)
		}
	}
	l := b.loop(&memory{})
	l.Limits.Rows = 100
	b.start(l)
	b.untilCommitted(0, 12)
	if got := b.series("leadline_sink_since_receipt_seconds"); len(got) != 3 || got["test/webhook"] < 3 || got["test/poll"] < 1 || got["test/fetch"] < 1 {
		t.Errorf("since receipt: %v", got)
	}
	if got := b.series("leadline_sink_since_meeting_end_seconds"); got["test"] < 2 || got["test"] > 4 {
		t.Errorf("since meeting end: %v", got)
	}
	if got := b.series("leadline_sink_untimed_total"); got["test"] != 2 {
		t.Errorf("untimed: %v", got)
	}
}

// Each meeting's trace goes on to the store, once however many entries it has;
// the batch's span has a link to each.
func TestAMeetingsTraceEndsInTheStore(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	spans := tracetest.NewSpanRecorder()
	l := b.loop(&memory{})
	l.Tracing = sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))
	parents := []string{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01"}
	var batch []*kgo.Record
	for i, parent := range append(parents, "", "00-2af7651916cd43dd8448eb211c80319c-d7ad6b7169203331-00") { // none, not sampled
		for e := range 3 {
			r := b.record(0, fmt.Sprintf("o/fathom/%d/e%d", i, e), 1, "x")
			if parent != "" {
				r.Headers = append(r.Headers, kgo.RecordHeader{Key: schemas.HeaderTrace, Value: []byte(parent)})
			}
			batch = append(batch, r)
		}
	}
	b.produce(batch...)
	stop := b.start(l)
	b.untilCommitted(0, int64(len(batch)))
	stop()
	got := make(map[string]int)
	links := make(map[string]bool)
	for _, s := range spans.Ended() {
		if s.Name() == "test batch" {
			for _, link := range s.Links() {
				links[link.SpanContext.TraceID().String()] = true
			}
			continue
		}
		got[s.SpanContext().TraceID().String()+"/"+s.Parent().SpanID().String()]++
	}
	for _, parent := range parents {
		if got[parent[3:35]+"/"+parent[36:52]] < 1 || !links[parent[3:35]] {
			t.Errorf("%s: spans %v, links %v", parent, got, links)
		}
	}
	if len(got) != len(parents) || len(links) != len(parents) {
		t.Errorf("spans %v, links %v", got, links)
	}
}
