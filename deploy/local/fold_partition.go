package local

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
)

var codecs = map[uint16]kgo.CompressionCodec{
	1: kgo.GzipCompression(), 2: kgo.SnappyCompression(), 3: kgo.Lz4Compression(), 4: kgo.ZstdCompression(),
}

// partitionFold reads one partition three times, batch by batch, so that a start needs memory for the keys and not for the log:
// first for how each transaction ended, then for the latest offset of each key, then to write what stays.
type partitionFold struct {
	from    partitionDir
	segs    []segment
	invalid map[int64]bool   // first offsets of batches whose transaction was aborted or never ended
	latest  map[string]int64 // offset of the latest record of each key
	first   int64            // first offset of the first batch
	last    int64            // and of the last
	decomp  kgo.Decompressor
}

// foldPartition writes what stays of p into the directory to, and returns how many bytes that is.
func (f folder) foldPartition(p partitionDir, to string) (int64, error) {
	segs, err := p.segments()
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(to, 0o750); err != nil {
		return 0, err
	}
	pf := &partitionFold{from: p, segs: segs, first: -1, last: -1, decomp: kgo.DefaultDecompressor()}
	if err := pf.findInvalid(); err != nil {
		return 0, err
	}
	if pf.first < 0 {
		return 0, nil
	}
	if err := pf.findLatest(); err != nil {
		return 0, err
	}
	f.step("rewrite")
	w := &segmentWriter{to: partitionDir{p.topic, p.partition, to}, step: f.step}
	err = pf.each(func(b batch) error {
		kept, err := pf.reduce(b)
		if err != nil || kept == nil {
			return err
		}
		return w.append(kept)
	})
	if err := errors.Join(err, w.close()); err != nil {
		return 0, err
	}
	return w.total, nil
}

// each calls fn with all batches. The last segment may be torn, as the broker leaves it when it is killed; what is behind the
// tear was never acknowledged. A tear anywhere else is damage that a fold must not make final.
func (pf *partitionFold) each(fn func(batch) error) error {
	for i, s := range pf.segs {
		err := eachBatch(pf.from.dat(s), fn)
		if errors.Is(err, errTorn) && i == len(pf.segs)-1 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (pf *partitionFold) findInvalid() error {
	pf.invalid = make(map[int64]bool)
	open := make(map[int64][]int64) // by producer id
	drop := func(offsets []int64) {
		for _, o := range offsets {
			pf.invalid[o] = true
		}
	}
	err := pf.each(func(b batch) error {
		if pf.first < 0 {
			pf.first = b.firstOffset()
		}
		pf.last = b.firstOffset()
		switch {
		case b.isControl():
			if !b.commits() {
				drop(open[b.producerID()])
			}
			delete(open, b.producerID())
		case b.isTransactional():
			open[b.producerID()] = append(open[b.producerID()], b.firstOffset())
		}
		return nil
	})
	for _, offsets := range open {
		drop(offsets)
	}
	return err
}

func (pf *partitionFold) findLatest() error {
	pf.latest = make(map[string]int64)
	return pf.each(func(b batch) error {
		return pf.records(b, func(offset int64, r record) error {
			if r.key != nil {
				pf.latest[string(r.key)] = offset
			}
			return nil
		})
	})
}

// records calls fn with each record of b that readers of committed records see.
func (pf *partitionFold) records(b batch, fn func(int64, record) error) error {
	if b.isControl() || pf.invalid[b.firstOffset()] {
		return nil
	}
	payload, err := pf.decomp.Decompress(b.payload(), kgo.CompressionCodecType(b.attributes()&codecBits))
	if err != nil {
		return fmt.Errorf("decompressing batch %d: %w", b.firstOffset(), err)
	}
	if err := eachRecord(payload, b.numRecords(), func(r record) error { return fn(b.firstOffset()+r.offsetDelta, r) }); err != nil {
		return fmt.Errorf("batch %d: %w", b.firstOffset(), err)
	}
	return nil
}

// reduce returns what stays of b, or nil. What stays is outside any transaction, because the marker that would end it is gone.
// The first and the last batch stay even when they are empty: they hold the partition's first and next offset.
func (pf *partitionFold) reduce(b batch) (batch, error) {
	var kept []byte
	var count, total int32
	newest := b.firstTimestamp()
	err := pf.records(b, func(offset int64, r record) error {
		total++
		if r.key != nil && pf.latest[string(r.key)] != offset {
			return nil
		}
		count++
		kept = append(kept, r.raw...)
		newest = max(newest, b.firstTimestamp()+r.timestampDelta)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out batch
	switch {
	case count == 0 && b.firstOffset() != pf.first && b.firstOffset() != pf.last:
		return nil, nil
	case count == 0:
		out = b.plain(nil, 0, 0)
		out.setMaxTimestamp(-1) // No search by time may end at a batch without records.
	case count == total:
		out = b.plain(b.payload(), b.attributes()&codecBits, count)
	default:
		payload, codec, err := compress(kept, b.attributes()&codecBits)
		if err != nil {
			return nil, err
		}
		out = b.plain(payload, codec, count)
		if b.attributes()&timestampTypeBit == 0 {
			out.setMaxTimestamp(newest)
		}
	}
	out.seal()
	return out, nil
}

// compress packs with the codec that the producer had chosen. Left unpacked, a fold could make the log larger.
func compress(records []byte, codec uint16) ([]byte, uint16, error) {
	c, ok := codecs[codec]
	if !ok {
		return records, 0, nil
	}
	compressor, err := kgo.DefaultCompressor(c)
	if err != nil {
		return nil, 0, fmt.Errorf("compressing: %w", err)
	}
	packed, used := compressor.Compress(new(bytes.Buffer), records)
	return packed, uint16(used), nil
}
