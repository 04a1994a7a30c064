package bench

import (
	"bytes"
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// hops is how many stages a meeting goes through.
const hops = 4

func copied(hop int) string { return fmt.Sprintf("bench.copy.%d", hop) }

// chains measures what needs the whole chain: normalize, match, distill and
// index beside as many loops by hand that copy bytes.
func (b *bench) chains(ctx context.Context) error {
	if err := b.directory(ctx, 0, orgs); err != nil {
		return err
	}
	names := []string{copied(0)}
	var loops []func(context.Context) error
	for hop := range hops {
		names = append(names, copied(hop+1))
		loops = append(loops, b.transact(fmt.Sprintf("bench-copy-%d", hop), copied(hop), toTopic(copied(hop+1))))
	}
	if err := b.topics(ctx, names...); err != nil {
		return err
	}
	for _, role := range b.Processors {
		loops = append(loops, role.Run)
	}
	return during(ctx, loops, b.throughChain)
}

func (b *bench) throughChain(ctx context.Context) error {
	rates := []float64{b.Rate}
	if b.wanted("chain") {
		metrics := throughput(fmt.Sprintf("chain, %d KB", b.Size>>10), "meeting", 0.5)
		metrics[1].most = 3
		rows, err := b.measure(ctx, metrics, b.chainSide(b.Meetings, b.Size), b.copySide(b.Meetings, b.Size))
		if err != nil {
			return err
		}
		rates = append(rates, rows[0].Leadline/2)
	}
	if b.wanted("latency") {
		for _, rate := range rates {
			if err := b.latency(ctx, rate); err != nil {
				return err
			}
		}
	}
	if b.wanted("sizes") {
		if err := b.sizes(ctx); err != nil {
			return err
		}
	}
	if b.wanted("orgs") {
		if err := b.orgs(ctx); err != nil {
			return err
		}
	}
	if b.wanted("sinks") {
		return b.sinks(ctx)
	}
	return nil
}

// sizes measures what a meeting costs as its transcript grows.
func (b *bench) sizes(ctx context.Context) error {
	for size := 1 << 10; size <= b.Largest; size = larger(size, b.Largest) {
		// As many as have 4 MB together: enough to fill batches of the small ones.
		n := max(2, min(2*b.Meetings, (4<<20)/size))
		name := fmt.Sprintf("chain, %d KB", size>>10)
		if _, err := b.measure(ctx, throughput(name, "meeting", 0), b.chainSide(n, size), b.copySide(n, size)); err != nil {
			return err
		}
	}
	return nil
}

// larger goes on by eights, and ends with the largest.
func larger(size, largest int) int {
	if size < largest {
		return min(8*size, largest)
	}
	return largest + 1
}

// passed is what meetings became.
type passed struct {
	rows    map[string]*schemas.MeetingRow
	entries []*kgo.Record
	rowsRaw []*kgo.Record
}

// chainSide takes meetings from the raw topic to rows and entries.
func (b *bench) chainSide(n, size int) side {
	return func(ctx context.Context) ([]float64, error) {
		values, _, err := b.through(ctx, n, size)
		return values, err
	}
}

func (b *bench) through(ctx context.Context, n, size int) ([]float64, *passed, error) {
	meetings, records, err := b.input(n, size, schemas.RawMeetings.Name)
	if err != nil {
		return nil, nil, err
	}
	out, err := b.arrivals(ctx, schemas.MeetingRows.Name, schemas.KnowledgeEntries.Name)
	if err != nil {
		return nil, nil, err
	}
	defer out.close()
	if err := b.feed.put(ctx, records); err != nil {
		return nil, nil, err
	}
	began := start()
	if err := b.feed.release(ctx); err != nil {
		return nil, nil, err
	}
	p := &passed{rows: make(map[string]*schemas.MeetingRow)}
	var rejected error
	wanted := 0 // entries
	err = out.until(ctx, func(r *kgo.Record) bool {
		if r.Topic == schemas.KnowledgeEntries.Name {
			p.entries = append(p.entries, r)
		} else {
			row, err := schemas.Decode(b.Codec, schemas.MeetingRows, r.Value)
			if err != nil {
				rejected = err
				return true
			}
			p.rows[row.ID], p.rowsRaw = row, append(p.rowsRaw, r)
			wanted += int(row.Entries)
		}
		return len(p.rows) == n && len(p.entries) >= wanted
	})
	if err != nil {
		return nil, nil, err
	}
	values := began.each(n)
	if rejected != nil {
		return nil, nil, rejected
	}
	return values, p, p.check(meetings, wanted)
}

func (p *passed) check(meetings []recorded, wanted int) error {
	if len(p.rowsRaw) != len(meetings) || len(p.entries) != wanted {
		return wrong("%d rows of %d meetings, %d entries where the rows count %d", len(p.rowsRaw), len(meetings), len(p.entries), wanted)
	}
	for _, m := range meetings {
		switch row := p.rows[m.id]; {
		case row == nil:
			return wrong("no row of %s", m.id)
		case int(row.Turns) != m.turns || row.Entries == 0 || len(row.Links) == 0:
			return wrong("%s has %d turns of %d, %d entries, %d links", m.id, row.Turns, m.turns, row.Entries, len(row.Links))
		}
	}
	return nil
}

// copySide takes the same bytes over as many hops.
func (b *bench) copySide(n, size int) side {
	return func(ctx context.Context) ([]float64, error) {
		_, records, err := b.input(n, size, copied(0))
		if err != nil {
			return nil, err
		}
		out, err := b.arrivals(ctx, copied(hops))
		if err != nil {
			return nil, err
		}
		defer out.close()
		if err := b.feed.put(ctx, records); err != nil {
			return nil, err
		}
		began := start()
		if err := b.feed.release(ctx); err != nil {
			return nil, err
		}
		all, err := out.collect(ctx, n)
		if err != nil {
			return nil, err
		}
		values := began.each(n)
		arrived := make(map[string][]byte, n)
		for _, r := range all {
			arrived[schemas.Header(r, schemas.HeaderRecording)] = r.Value
		}
		for _, r := range records {
			if id := schemas.Header(r, schemas.HeaderRecording); !bytes.Equal(arrived[id], r.Value) {
				return nil, wrong("the bytes of %s are not those that were copied", id)
			}
		}
		return values, nil
	}
}

// input is meetings, and records of a topic that hold them.
func (b *bench) input(n, size int, topic string) ([]recorded, []*kgo.Record, error) {
	meetings, err := b.recorder.meetings(n, size)
	if err != nil {
		return nil, nil, err
	}
	records := make([]*kgo.Record, n)
	for i, m := range meetings {
		records[i] = m.raw
		m.raw.Topic = topic
	}
	return meetings, records, nil
}
