package tail_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"leadline/schemas"
)

// fetched counts the bytes that fetches bring.
type fetched struct{ bytes atomic.Int64 }

func (f *fetched) OnBrokerRead(_ kgo.BrokerMetadata, key int16, n int, _, _ time.Duration, _ error) {
	if key == kmsg.Fetch.Int16() {
		f.bytes.Add(int64(n))
	}
}

// counted makes the reader's fetches count.
func (r *rig) counted() *fetched {
	f := new(fetched)
	r.reader.Kafka = append(r.reader.Kafka[:len(r.reader.Kafka):len(r.reader.Kafka)], kgo.WithHooks(f))
	return f
}

// large are dead letters of an organisation with so many bytes each.
func (r *rig) large(of string, n, size int) {
	r.Helper()
	noise := make([]byte, size) // which nothing compresses
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	for i := range n {
		r.die(schemas.RawRecord(origin(of, i), noise))
	}
}

// elsewhere is an organisation whose records are in the other partition, or
// beside it in the same.
func elsewhere(same bool) string {
	place := func(of string) int {
		return schemas.Partitioner().ForTopic(schemas.RawMeetings.Name).Partition(&kgo.Record{Key: []byte(of)}, 2)
	}
	for i := 0; ; i++ {
		if of := fmt.Sprint("other", i); (place(of) == place(org)) == same {
			return of
		}
	}
}

func TestDeadLettersOfAnotherPartitionAreNotRead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.large(org, 1, 2)
	r.large(elsewhere(false), 20, 800<<10)
	read := r.counted()
	last, all, err := r.reader.DeadLetters(t.Context(), org, 10)
	if err != nil || len(last) != 1 || !all {
		t.Fatalf("%+v, all: %t, %v", last, all, err)
	}
	if n := read.bytes.Load(); n > 100<<10 {
		t.Errorf("%d bytes were read for one small letter", n)
	}
}

func TestLargeDeadLettersBesideOursAreReadWithinABound(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.large(elsewhere(true), 60, 800<<10)
	r.large(org, 1, 2)
	read := r.counted()
	last, all, err := r.reader.DeadLetters(t.Context(), org, 10)
	if err != nil || len(last) != 1 || all {
		t.Fatalf("%+v, all: %t, %v", last, all, err)
	}
	if n := read.bytes.Load(); n > 24<<20 {
		t.Errorf("%d bytes were read for one small letter", n)
	}
}

// The newest of many small ones are there, in their order, and no more than are
// wanted; where all are wanted all are there.
func TestTheNewestDeadLettersAreListed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for n := range 40 {
		record := schemas.RawRecord(origin(org, n), []byte("{broken"))
		record.Timestamp = origin(org, n).Received
		r.die(record, schemas.RawRecord(origin(elsewhere(true), n), []byte("{broken")))
	}
	last, all, err := r.reader.DeadLetters(t.Context(), org, 10)
	if err != nil || len(last) != 10 || all {
		t.Fatalf("%d, all: %t, %v", len(last), all, err)
	}
	for i, l := range last {
		if want := origin(org, 39-i).Received; !l.At.Equal(want) {
			t.Errorf("letter %d is of %s, want %s", i, l.At, want)
		}
	}
	if last, all, err = r.reader.DeadLetters(t.Context(), org, 100); err != nil || len(last) != 40 || !all {
		t.Errorf("%d, all: %t, %v", len(last), all, err)
	}
}
