package stage_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"leadline/processors/stage"
	"leadline/schemas"
)

// gathered returns a metric's series, each as its labels' values joined with
// slashes, in the order of the labels' names.
func gathered(t *testing.T, reg *prometheus.Registry, name string) map[string]float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
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
			found[strings.Join(labels, "/")] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return found
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for tick := time.NewTicker(10 * time.Millisecond); !is(); {
		select {
		case <-ctx.Done():
			t.Fatalf("not within 30 s: %s", what)
		case <-tick.C:
		}
	}
}

// A stage that cannot go on shows how far it is behind; one that has done
// everything shows 0, though the topic ends with a transaction's marker.
func TestLagIsThatOfNowAndZeroAtRest(t *testing.T) {
	onBrokers(t, func(t *testing.T, brokers []string) {
		r := newRig(t, brokers)
		reg := prometheus.NewRegistry()
		stuck := make(chan struct{})
		l := r.loop("a", t.TempDir(), r.counting(func(*kgo.Record) error {
			select {
			case <-stuck:
				return nil
			default:
				return errors.New("not yet")
			}
		}))
		l.Metrics = stage.NewMetrics(reg)
		began := time.Now().Add(-time.Minute)
		producer := r.client(kgo.TransactionalID(r.name + "-producer"))
		if err := producer.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			rec := &kgo.Record{Topic: r.in, Key: []byte("k"), Value: []byte("v"), Timestamp: began}
			if err := producer.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		if err := producer.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
			t.Fatal(err)
		}
		defer start(t, l)()
		behind := func(metric string) (most float64, series int) {
			all := gathered(t, reg, metric)
			for _, v := range all {
				most = max(most, v)
			}
			return most, len(all)
		}
		until(t, "the lag of what is stuck", func() bool {
			records, _ := behind("leadline_stage_lag_records")
			age, _ := behind("leadline_stage_lag_seconds")
			return records == 4 && age >= 60 && gathered(t, reg, "leadline_stage_retries_total")[r.name] > 0
		})
		close(stuck)
		until(t, "no lag at rest", func() bool {
			records, series := behind("leadline_stage_lag_records")
			age, _ := behind("leadline_stage_lag_seconds")
			return records == 0 && age == 0 && series == partitions
		})
	})
}

func TestCountersBeginAtZero(t *testing.T) {
	onBrokers(t, func(t *testing.T, brokers []string) {
		r := newRig(t, brokers)
		reg := prometheus.NewRegistry()
		l := r.loop("a", t.TempDir(), r.counting(nil))
		l.Metrics = stage.NewMetrics(reg)
		defer start(t, l)()
		until(t, "dead letters of each reason", func() bool {
			return len(gathered(t, reg, "leadline_stage_dead_letters_total")) == len(schemas.Reasons)
		})
		for _, name := range []string{"records", "emitted", "retries", "aborts", "restarts", "fetch_errors", "restored_records"} {
			if got := gathered(t, reg, "leadline_stage_"+name+"_total"); len(got) != 1 {
				t.Errorf("%s: %v", name, got)
			}
		}
	})
}

// What goes with a meeting reaches every record that it led to, in its trace; a
// dead letter stays as it was.
func TestHeadersAndTraceGoWithTheRecord(t *testing.T) {
	t.Parallel()
	for name, traced := range map[string]bool{"with traces": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			onBrokers(t, func(t *testing.T, brokers []string) {
				r := newRig(t, brokers)
				l := r.loop("a", t.TempDir(), r.counting(func(rec *kgo.Record) error {
					if string(rec.Key) == "bad" {
						return schemas.Reject(schemas.ReasonInvalid, errors.New("bad"))
					}
					return nil
				}))
				spans := tracetest.NewSpanRecorder()
				if traced {
					l.Tracing = sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))
				}
				const came = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
				headers := []kgo.RecordHeader{
					{Key: schemas.HeaderSource, Value: []byte("webhook")}, {Key: schemas.HeaderReceived, Value: []byte("2026-01-02T03:04:05.678Z")},
					{Key: schemas.HeaderTrace, Value: []byte(came)}, {Key: schemas.HeaderDelivery, Value: []byte("not handed on")},
				}
				producer := r.client()
				for _, key := range []string{"good", "bad"} {
					rec := &kgo.Record{Topic: r.in, Key: []byte(key), Value: []byte("v"), Headers: headers}
					if err := producer.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
						t.Fatal(err)
					}
				}
				stop := start(t, l)
				out := r.one(r.out)
				dead := r.one(r.in + ".dead")
				stop()
				if s, d := schemas.Header(out, schemas.HeaderSource), schemas.Header(out, schemas.HeaderDelivery); s != "webhook" || d != "" {
					t.Errorf("source %q, delivery %q", s, d)
				}
				if got := schemas.Header(dead, schemas.HeaderTrace); got != came {
					t.Errorf("the dead letter has %s", got)
				}
				if !traced {
					if got := schemas.Header(out, schemas.HeaderTrace); got != came {
						t.Errorf("without traces of its own it hands on %s", got)
					}
					return
				}
				of := schemas.TraceOf(out)
				if of.TraceID().String() != came[3:35] || of.SpanID().String() == came[36:52] {
					t.Errorf("handed on %v", of)
				}
				var own, linked bool
				for _, s := range spans.Ended() {
					own = own || s.SpanContext().SpanID() == of.SpanID() && s.Parent().SpanID().String() == came[36:52]
					for _, link := range s.Links() {
						linked = linked || link.SpanContext.Equal(trace.NewSpanContext(trace.SpanContextConfig{
							TraceID: of.TraceID(), SpanID: of.SpanID(), TraceFlags: of.TraceFlags(),
						}))
					}
				}
				if !own || !linked {
					t.Errorf("span of the record %t, link of the transaction %t", own, linked)
				}
			})
		})
	}
}

// one reads the first committed record of a topic.
func (r *rig) one(topic string) *kgo.Record {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	cl := r.client(kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	for ctx.Err() == nil {
		for _, rec := range cl.PollFetches(ctx).Records() {
			return rec
		}
	}
	r.t.Fatalf("%s stays empty", topic)
	return nil
}
