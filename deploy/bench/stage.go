package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
	"leadline/schemas"
)

// stageRecords are small: what the loop itself costs is not hidden behind the
// bytes that it carries.
const (
	stageRecords = 10_000
	stageBytes   = 1 << 10
)

// stages measures the loop around a stage that does nothing but say so: for
// each record it reports one event. The loop by hand writes the same event,
// made beforehand. With state, the stage also sets one key, and the loop by
// hand writes the same record of a changelog, but keeps no copy of it.
func (b *bench) stages(ctx context.Context) error {
	if err := b.stageLoop(ctx, "stage", false, 0.85); err != nil {
		return err
	}
	return b.stageLoop(ctx, "stage with state", true, 0)
}

func (b *bench) stageLoop(ctx context.Context, what string, keeps bool, goal float64) error {
	name := fmt.Sprintf("bench-stage-%t", keeps)
	ours := schemas.Spec{Name: "bench.in." + name, PartitionBy: schemas.ByMeeting}
	theirs, changelog := ours.Name+".hand", schemas.StateOf(name, ours).Name
	if err := b.topics(ctx, ours.Name, theirs, changelog); err != nil {
		return err
	}
	loop := &stage.Loop{
		Stage: stage.Stage{Name: name, Inputs: []stage.Input{stage.OnRaw(ours, func(_ context.Context, r *kgo.Record, tx *stage.Tx) error {
			if keeps {
				tx.Set(string(r.Key), r.Value[:64])
			}
			return tx.Report(string(r.Key), schemas.OutcomeDone, "")
		})}},
		Codec: b.Codec, Kafka: b.Kafka, TransactionalID: name + "-" + b.Incarnation, StateDir: b.Dir,
		Metrics: stage.NewMetrics(prometheus.NewRegistry()), Log: b.Log,
	}
	events := make([][]byte, 1_000) // as different as the stage's, or they would be compressed to nothing
	for i := range events {
		var err error
		events[i], err = schemas.Encode(b.Codec, schemas.MeetingProgress, &schemas.Progress{
			MeetingID: fmt.Sprint("bench1/fathom/", 1_000_000+i), Org: "bench1", Stage: name, Outcome: schemas.OutcomeDone,
			At: time.Now().Add(time.Duration(i) * time.Millisecond), Topic: ours.Name, Offset: int64(i),
		})
		if err != nil {
			return err
		}
	}
	byHand := b.transact(name+"-hand", theirs, func(r *kgo.Record) []*kgo.Record {
		all := []*kgo.Record{{Topic: schemas.MeetingProgress.Name, Key: r.Key, Value: events[int(r.Offset)%len(events)]}}
		if keeps {
			covers := kgo.RecordHeader{Key: schemas.HeaderCovers, Value: []byte(theirs + "=1000000")}
			all = append(all, &kgo.Record{Topic: changelog, Partition: r.Partition, Key: r.Key, Value: r.Value[:64], Headers: []kgo.RecordHeader{covers}})
		}
		return all
	})
	return during(ctx, []func(context.Context) error{loop.Run, byHand}, func(ctx context.Context) error {
		_, err := b.measure(ctx, throughput(what, "record", goal), b.stageSide(ours.Name), b.stageSide(theirs))
		return err
	})
}

// stageSide gives the loop that reads a topic its records, and waits for the
// event of each.
func (b *bench) stageSide(topic string) side {
	return func(ctx context.Context) ([]float64, error) {
		value := []byte(b.recorder.words(stageBytes))[:stageBytes]
		records := make([]*kgo.Record, stageRecords)
		missing := make(map[string]bool, stageRecords)
		for i := range records {
			b.recorder.last++
			key := schemas.MeetingID("bench1", schemas.Fathom, fmt.Sprint(b.recorder.last))
			records[i] = &kgo.Record{Topic: topic, Key: []byte(key), Value: value}
			missing[key] = true
		}
		events, err := b.arrivals(ctx, schemas.MeetingProgress.Name)
		if err != nil {
			return nil, err
		}
		defer events.close()
		if err := b.feed.put(ctx, records); err != nil {
			return nil, err
		}
		began := start()
		if err := b.feed.release(ctx); err != nil {
			return nil, err
		}
		all, err := events.collect(ctx, stageRecords)
		if err != nil {
			return nil, err
		}
		values := began.each(stageRecords)
		for _, r := range all {
			delete(missing, string(r.Key))
		}
		if len(all) != stageRecords || len(missing) > 0 {
			return nil, wrong("%d events of %d records, %d without one", len(all), stageRecords, len(missing))
		}
		return values, nil
	}
}
