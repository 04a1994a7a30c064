package sink_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"leadline/schemas"
	"leadline/sinks/sink"
)

func TestPoisonBecomesADeadLetterAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	whole := b.record(0, "k", 1, "text").Value
	version := []kgo.RecordHeader{schemas.VersionHeader(7), {Key: "trace", Value: []byte("abc")}}
	poison := []struct {
		name   string
		record *kgo.Record
		reason schemas.Reason
	}{
		{"not framed", &kgo.Record{Key: []byte("p0"), Value: []byte("{\"a\":1}"), Headers: version}, schemas.ReasonMalformed},
		{"empty, which is no tombstone", &kgo.Record{Key: []byte("p1"), Value: []byte{}, Headers: version}, schemas.ReasonMalformed},
		{"cut short", &kgo.Record{Key: []byte("p2"), Value: whole[:len(whole)-3], Headers: version}, schemas.ReasonMalformed},
		{"id that nobody knows", &kgo.Record{Key: []byte("p3"), Value: []byte{0, 0, 9, 9, 9, 1}, Headers: version}, schemas.ReasonUnknownSchema},
		{"no version", &kgo.Record{Key: []byte("p4"), Value: whole}, schemas.ReasonInvalid},
		{"version above what stores can compare", &kgo.Record{Key: []byte("p5"), Value: whole,
			Headers: []kgo.RecordHeader{schemas.VersionHeader(1 << 63)}}, schemas.ReasonInvalid},
		{"no key", &kgo.Record{Value: whole, Headers: version}, schemas.ReasonInvalid},
		{"refused by the store", b.record(0, "p7", 1, "refuse me"), schemas.ReasonTooLarge},
		{"died before", &kgo.Record{Key: []byte("p8"), Value: []byte("x"), Headers: append(version,
			kgo.RecordHeader{Key: schemas.HeaderReason, Value: []byte("invalid")})}, schemas.ReasonMalformed},
	}
	for i, p := range poison {
		b.put(0, fmt.Sprint("good", i), 1, "text")
		p.record.Topic = topic.Name
		b.produce(p.record)
	}
	b.put(0, "last", 1, "text")

	store := &memory{before: func(_ context.Context, _ int, batch sink.Batch[schemas.Entry]) error {
		bad := make(map[int]error)
		for i, r := range batch {
			if r.Value != nil && r.Value.Text == "refuse me" {
				bad[i] = schemas.Reject(schemas.ReasonTooLarge, errors.New("more than the store takes \xff"))
			}
		}
		if len(bad) > 0 {
			return &sink.Unstorable{Rows: bad}
		}
		return nil
	}}
	b.start(b.loop(store))
	b.untilCommitted(0, int64(2*len(poison)+1))

	if got := len(store.shows()); got != len(poison)+1 {
		t.Errorf("the store shows %d rows, want the %d good ones", got, len(poison)+1)
	}
	letters := b.deadLetters(len(poison))
	byOffset := make(map[string]*kgo.Record)
	for _, l := range letters {
		byOffset[schemas.Header(l, schemas.HeaderOffset)] = l
	}
	for i, p := range poison {
		l := byOffset[fmt.Sprint(2*i+1)]
		if l == nil {
			t.Errorf("%s: no dead letter", p.name)
			continue
		}
		if string(l.Key) != string(p.record.Key) || string(l.Value) != string(p.record.Value) || (l.Value == nil) != (p.record.Value == nil) {
			t.Errorf("%s: the dead letter is not the record byte for byte", p.name)
		}
		if got := schemas.Header(l, schemas.HeaderReason); got != string(p.reason) {
			t.Errorf("%s: reason %q, want %q", p.name, got, p.reason)
		}
		if got := schemas.Header(l, schemas.HeaderTopic) + schemas.Header(l, schemas.HeaderPartition) + schemas.Header(l, schemas.HeaderStage); got != topic.Name+"0test" {
			t.Errorf("%s: place and stage read %q", p.name, got)
		}
		if schemas.Header(l, schemas.HeaderError) == "" {
			t.Errorf("%s: no error for people", p.name)
		}
		for _, h := range p.record.Headers {
			if h.Key != schemas.HeaderReason && schemas.Header(l, h.Key) != string(h.Value) {
				t.Errorf("%s: header %s was lost", p.name, h.Key)
			}
		}
	}
	if got := b.counter("leadline_sink_dead_letters_total"); got != float64(len(poison)) {
		t.Errorf("counted %v dead letters, want %d", got, len(poison))
	}
}

func (b *bench) deadLetters(n int) []*kgo.Record {
	b.Helper()
	reader := b.client(kgo.ConsumeTopics(topic.DeadLetters()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
	defer cancel()
	var all []*kgo.Record
	for len(all) < n {
		fetches := reader.PollFetches(ctx)
		b.must(fetches.Err0())
		all = append(all, fetches.Records()...)
	}
	return all
}

func TestADeadLetterThatCannotBeKeptHoldsTheCommit(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	refused := b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic.DeadLetters(), Count: -1})
	b.produce(&kgo.Record{Topic: topic.Name, Key: []byte("k"), Value: []byte("poison")})
	b.start(b.loop(&memory{}))
	b.must(refused.Wait(t.Context(), 2))
	if got := b.committed(0); got != -1 {
		t.Errorf("offset %d was committed before the dead letter was kept", got)
	}
	refused.Remove()
	b.untilCommitted(0, 1)
	b.deadLetters(1)
}

func TestADeadLetterOfTheLargestRecordIsKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	largest := fmt.Sprint(schemas.MaxLetterBytes)
	_, err := kadm.NewClient(b.producer).AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Name: "max.message.bytes", Value: &largest}}, topic.DeadLetters())
	b.must(err)
	value := make([]byte, schemas.MaxRecordBytes-100) // with the batch around it, all that the topic takes
	if _, err := rand.Read(value); err != nil {       // nothing makes it smaller
		t.Fatal(err)
	}
	writer := b.client(kgo.ProducerBatchMaxBytes(schemas.MaxRecordBytes), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	b.must(writer.ProduceSync(t.Context(), &kgo.Record{Topic: topic.Name, Key: []byte("k"), Value: value}).FirstErr())
	b.put(0, "good", 1, "text")
	b.start(b.loop(&memory{}))
	b.untilCommitted(0, 2)
	if l := b.deadLetters(1)[0]; !bytes.Equal(l.Value, value) {
		t.Errorf("of %d bytes the dead letter has %d", len(value), len(l.Value))
	}
}
