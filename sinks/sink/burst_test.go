package sink_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// refusing is a store that can never store what the test says.
func refusing(what func(row) bool) *memory {
	return &memory{before: func(_ context.Context, _ int, batch sink.Batch[schemas.Entry]) error {
		bad := make(map[int]error)
		for i, r := range batch {
			if what(r) {
				bad[i] = errors.New("no such column")
			}
		}
		if len(bad) == 0 {
			return nil
		}
		return &sink.Unstorable{Rows: bad}
	}}
}

func entryKey(meeting, entry int) string {
	return schemas.EntryKey(fmt.Sprintf("org/fathom/%d", meeting), fmt.Sprintf("fathom:%d:transcript:%d", meeting, entry))
}

// A store that refuses everything, because somebody changed it, gets the records
// once it is mended: they wait in their topic.
func TestABurstOfDeadLettersHaltsTheSink(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	first := []string{"text 0", "text 1", "text 2", "text 3", "text 4"}
	good, refused := len(first), 40
	for m := range good + refused {
		b.put(0, entryKey(m, 0), 1, fmt.Sprint("text ", m))
	}
	loop := b.loop(refusing(func(r row) bool { return !slices.Contains(first, r.Value.Text) }))
	loop.MostRejected = 10
	loop.Limits.Rows = 3 // the row goes over several batches
	stop := b.start(loop)
	b.until("halted", func() bool { return b.gauge("leadline_sink_halted") == 1 })
	if n := b.counter("leadline_sink_dead_letters_total"); n > 10 {
		t.Errorf("%v dead letters", n)
	}
	stop()
	if b.gauge("leadline_sink_halted") != 0 {
		t.Error("a sink that has ended is still halted")
	}

	before := b.counter("leadline_sink_dead_letters_total")
	mended := &memory{}
	loop = b.loop(mended)
	loop.MostRejected = 10
	b.start(loop)
	b.untilCommitted(0, int64(good+refused))
	if got, want := len(mended.shows()), refused-int(before); got < want {
		t.Errorf("%d rows after the store was mended, want at least %d", got, want)
	}
	if after := b.counter("leadline_sink_dead_letters_total"); after != before {
		t.Errorf("%v dead letters more", after-before)
	}
}

// A store with a changed mapping may still take tombstones, which have next to no
// fields: they say nothing of it.
func TestTombstonesBetweenDeadLettersDoNotEndABurst(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for m := range 40 {
		b.put(0, entryKey(m, 0), 1, "refused")
		b.put(0, entryKey(m, 1), 1, "")
	}
	loop := b.loop(refusing(func(r row) bool { return r.Value != nil }))
	b.haltsAtTen(loop)
}

// Of a topic that is not of meetings each record counts: with one organisation
// the whole directory is of one origin.
func TestABurstOfOneOrganisationsDirectoryHaltsTheSink(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for m := range 40 {
		b.put(0, fmt.Sprint("org/company/", m), 1, "refused")
	}
	loop := b.loop(refusing(func(row) bool { return true }))
	loop.Topic.PartitionBy = schemas.Directory.PartitionBy
	b.haltsAtTen(loop)
}

// What has no key is of no meeting.
func TestABurstOfRecordsWithoutAKeyHaltsTheSink(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for range 40 {
		b.put(0, "", 1, "text")
	}
	loop := b.loop(&memory{})
	loop.MostRejected = 10
	b.start(loop)
	b.until("halted", func() bool { return b.gauge("leadline_sink_halted") == 1 })
}

// A meeting that the store refuses has many entries, and holds up nobody else.
func TestOneMeetingsEntriesAreNoBurst(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const entries = 40
	for _, meeting := range []int{1, 2, 3} {
		for e := range entries {
			b.put(0, entryKey(meeting, e), 1, fmt.Sprint("of ", meeting))
		}
	}
	store := refusing(func(r row) bool { return r.Value.Text != "of 3" })
	loop := b.loop(store)
	loop.MostRejected = 2
	b.start(loop)
	b.untilCommitted(0, 3*entries)
	if got := len(store.shows()); got != entries {
		t.Errorf("%d rows, want the %d of the good meeting", got, entries)
	}
	b.deadLetters(2 * entries)
}

// One that fails now and then is no burst, however often.
func TestDeadLettersBetweenGoodRecordsAreNoBurst(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const meetings = 60
	for m := range meetings {
		b.put(0, entryKey(m, 0), 1, fmt.Sprint("text ", m%3))
	}
	store := refusing(func(r row) bool { return r.Value.Text != "text 2" })
	loop := b.loop(store)
	loop.MostRejected = 2
	loop.Limits.Rows = 4
	b.start(loop)
	b.untilCommitted(0, meetings)
	if got := len(store.shows()); got != meetings/3 {
		t.Errorf("%d rows, want %d", got, meetings/3)
	}
}

// haltsAtTen starts a loop that may make ten dead letters in a row.
func (b *bench) haltsAtTen(l sink.Loop[schemas.Entry]) {
	b.Helper()
	l.MostRejected, l.Limits.Rows = 10, 3
	b.start(l)
	b.until("halted", func() bool { return b.gauge("leadline_sink_halted") == 1 })
	if n := b.counter("leadline_sink_dead_letters_total"); n > 10 {
		b.Errorf("%v dead letters", n)
	}
}
