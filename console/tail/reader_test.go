package tail_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/console/tail"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

const org = "harbour"

// rig is a broker with all topics in two partitions.
type rig struct {
	*testing.T
	kafka  []kgo.Opt
	reader *tail.Reader
	client *kgo.Client
}

func newRig(t *testing.T) *rig {
	t.Helper()
	var names []string
	for _, s := range schemas.Topics() {
		names = append(names, s.Name)
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, names...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	r := &rig{T: t, kafka: []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(schemas.Partitioner())}}
	r.reader = &tail.Reader{Kafka: r.kafka, Codec: schematest.Codec(t)}
	if r.client, err = kgo.NewClient(r.kafka...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.client.Close)
	return r
}

func (r *rig) produce(records ...*kgo.Record) {
	r.Helper()
	if err := r.client.ProduceSync(r.Context(), records...).FirstErr(); err != nil {
		r.Fatal(err)
	}
}

// die makes dead letters of records that were produced.
func (r *rig) die(records ...*kgo.Record) {
	r.Helper()
	for _, record := range records {
		letter := schemas.DeadLetter(record, "normalize", &schemas.Rejected{Reason: schemas.ReasonMalformed, Err: errors.New("no JSON")})
		r.produce(letter)
	}
}

// first reads records of a topic from its start.
func (r *rig) first(topic string, n int) []*kgo.Record {
	r.Helper()
	client, err := kgo.NewClient(append(r.kafka, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		r.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	var all []*kgo.Record
	for len(all) < n {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			r.Fatalf("%d records of %s, want %d", len(all), topic, n)
		}
		all = append(all, fetches.Records()...)
	}
	return all
}

func origin(of string, n int) schemas.Origin {
	return schemas.Origin{
		Event: schemas.FathomMeetingReceived, Provider: schemas.Fathom, Org: of, Connection: "default", Source: schemas.SourceWebhook,
		Delivery: fmt.Sprint("msg_", n), Received: time.Date(2026, 9, 1, 9, n, 0, 0, time.UTC), Recording: fmt.Sprint(n),
	}
}

func TestDeliveriesAreOneConnectionsAndTheNewestFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if none, err := r.reader.Deliveries(t.Context(), org, schemas.Fathom, "default", 5); err != nil || len(none) != 0 {
		t.Fatalf("of an empty topic: %v, %v", none, err)
	}
	for n := range 7 {
		r.produce(schemas.RawRecord(origin(org, n), []byte("{}")), schemas.RawRecord(origin("other", n), []byte("{}")))
		second := origin(org, n)
		second.Connection = "second"
		r.produce(schemas.RawRecord(second, nil))
	}
	got, err := r.reader.Deliveries(t.Context(), org, schemas.Fathom, "default", 5)
	if err != nil || len(got) != 5 {
		t.Fatalf("%d, %v", len(got), err)
	}
	for i, d := range got {
		if want := fmt.Sprint("msg_", 6-i); d.ID != want || d.Bytes != 2 || d.Source != schemas.SourceWebhook {
			t.Errorf("delivery %d is %+v, want %s", i, d, want)
		}
	}
}

func TestADeadLetterIsReplayedAsItWasAndByItsOwnersAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ours, theirs := schemas.RawRecord(origin(org, 1), []byte("{broken")), schemas.RawRecord(origin("other", 2), []byte("theirs"))
	r.produce(ours, theirs)
	r.die(ours, theirs)
	all, _, err := r.reader.DeadLetters(t.Context(), org, 10)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	l, err := r.reader.DeadLetter(t.Context(), org, all[0].Place)
	if err != nil || string(l.Payload) != "{broken" || l.Reason != schemas.ReasonMalformed || l.Error != "no JSON" || l.Stage != "normalize" ||
		l.From != (tail.Place{Topic: schemas.RawMeetings.Name, Partition: ours.Partition, Offset: ours.Offset}) {
		t.Errorf("%+v, %v", l, err)
	}
	for _, wrong := range []tail.Place{
		{Topic: schemas.APITokens.Name}, {Topic: schemas.RawMeetings.Name}, {Topic: all[0].Topic, Partition: all[0].Partition, Offset: 99}, {},
	} {
		if _, err := r.reader.DeadLetter(t.Context(), org, wrong); !errors.Is(err, tail.ErrNoDeadLetter) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	if err := r.reader.Replay(t.Context(), "other", []tail.Place{l.Place}); !errors.Is(err, tail.ErrNoDeadLetter) {
		t.Errorf("another organisation replays it: %v", err)
	}
	if err := r.reader.Replay(t.Context(), org, []tail.Place{l.Place}); err != nil {
		t.Fatal(err)
	}
	var again *kgo.Record
	for _, record := range r.first(schemas.RawMeetings.Name, 3) {
		if string(record.Key) == org && record.Offset != ours.Offset {
			again = record
		}
	}
	if again == nil || string(again.Value) != "{broken" || again.Partition != ours.Partition || len(again.Headers) != len(ours.Headers) {
		t.Fatalf("replayed is %+v", again)
	}
	if schemas.OriginOf(again) != schemas.OriginOf(ours) || schemas.Header(again, schemas.HeaderReason) != "" {
		t.Errorf("its headers are %v, want %v", again.Headers, ours.Headers)
	}
}

func TestVersionsAreThoseOfTheMeeting(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for n, title := range []string{"first", "other", "second", ""} {
		id := schemas.MeetingID(org, schemas.Fathom, "1")
		if title == "other" {
			id = schemas.MeetingID(org, schemas.Fathom, "2")
		}
		record := &kgo.Record{Topic: schemas.MeetingRows.Name, Key: []byte(id), Headers: []kgo.RecordHeader{schemas.VersionHeader(uint64(n + 1))}}
		if title != "" {
			value, err := schemas.Encode(r.reader.Codec, schemas.MeetingRows, &schemas.MeetingRow{ID: id, Title: title})
			if err != nil {
				t.Fatal(err)
			}
			record.Value = value
		}
		r.produce(record)
	}
	got, err := r.reader.Versions(t.Context(), schemas.MeetingID(org, schemas.Fathom, "1"))
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got[0].Row != nil || got[0].Number != 4 || got[1].Row.Title != "second" || got[2].Row.Title != "first" || got[2].Number != 1 {
		t.Errorf("%+v", got)
	}
}
