package local

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// batchHeaderBytes is the size of a record batch without records, in version 2 of Kafka's message format
// (https://kafka.apache.org/documentation/#recordbatch). The broker's segment files are such batches, one after the other.
const batchHeaderBytes = 61

const (
	codecBits        = 0x07
	timestampTypeBit = 0x08
	transactionalBit = 0x10
	controlBit       = 0x20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errTorn says that a segment does not end with a whole batch.
var errTorn = errors.New("segment is torn")

// batch is one encoded record batch with its header.
type batch []byte

func (b batch) firstOffset() int64 { return int64(binary.BigEndian.Uint64(b[0:])) }
func (b batch) leaderEpoch() int32 { return int32(binary.BigEndian.Uint32(b[12:])) }
func (b batch) attributes() uint16 { return binary.BigEndian.Uint16(b[21:]) }
func (b batch) lastOffset() int64 {
	return b.firstOffset() + int64(int32(binary.BigEndian.Uint32(b[23:])))
}
func (b batch) firstTimestamp() int64 { return int64(binary.BigEndian.Uint64(b[27:])) }
func (b batch) producerID() int64     { return int64(binary.BigEndian.Uint64(b[43:])) }
func (b batch) numRecords() int32     { return int32(binary.BigEndian.Uint32(b[57:])) }
func (b batch) payload() []byte       { return b[batchHeaderBytes:] }
func (b batch) isControl() bool       { return b.attributes()&controlBit != 0 }
func (b batch) isTransactional() bool { return b.attributes()&transactionalBit != 0 }
func (b batch) crcOK() bool {
	return binary.BigEndian.Uint32(b[17:]) == crc32.Checksum(b[21:], castagnoli)
}
func (b batch) setMaxTimestamp(ms int64) { binary.BigEndian.PutUint64(b[35:], uint64(ms)) }

// commits reports whether a control batch ends its transaction with a commit. The key of a control record is a version and a
// type, two bytes each; type 1 is commit. What cannot be read is an abort, as in the broker.
func (b batch) commits() bool {
	commit := false
	err := eachRecord(b.payload(), b.numRecords(), func(r record) error {
		commit = len(r.key) >= 4 && binary.BigEndian.Uint16(r.key[2:]) == 1
		return nil
	})
	return err == nil && commit
}

// plain returns a copy of b that stands outside any transaction, with other records under the same offsets. The last offset of
// a batch stays though its last record may be gone: the partition's next offset is computed from it.
func (b batch) plain(records []byte, codec uint16, count int32) batch {
	out := make(batch, batchHeaderBytes, batchHeaderBytes+len(records))
	copy(out, b[:batchHeaderBytes])
	out = append(out, records...)
	binary.BigEndian.PutUint32(out[8:], uint32(len(out)-12))
	binary.BigEndian.PutUint16(out[21:], b.attributes()&timestampTypeBit|codec)
	for i := 43; i < 57; i++ {
		out[i] = 0xff // Producer id, epoch and first sequence are all -1: no producer.
	}
	binary.BigEndian.PutUint32(out[57:], uint32(count))
	return out
}

func (b batch) seal() { binary.BigEndian.PutUint32(b[17:], crc32.Checksum(b[21:], castagnoli)) }

// eachBatch calls fn with every whole batch of the segment file at path. The batch is only valid during the call. It returns
// errTorn when something other than a whole batch with a right checksum follows; the broker cuts such a tail off.
func eachBatch(path string, fn func(batch) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading segment: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading segment: %w", err)
	}
	if err := readBatches(f, info.Size(), fn); err != nil {
		return fmt.Errorf("reading segment %s: %w", path, err)
	}
	return nil
}

func readBatches(from io.Reader, left int64, fn func(batch) error) error {
	r := bufio.NewReaderSize(from, 256<<10)
	var buf []byte
	for left > 0 {
		head, err := r.Peek(12)
		if err != nil {
			return tornOr(err)
		}
		// A wrong length can say anything: compare it with what is left of the file before allocating.
		size := 12 + int64(binary.BigEndian.Uint32(head[8:]))
		if size < batchHeaderBytes || size > left {
			return errTorn
		}
		if int64(cap(buf)) < size {
			buf = make([]byte, size)
		}
		buf = buf[:size]
		if _, err := io.ReadFull(r, buf); err != nil {
			return tornOr(err)
		}
		b := batch(buf)
		if !b.crcOK() || b.lastOffset() < b.firstOffset() {
			return errTorn
		}
		if err := fn(b); err != nil {
			return err
		}
		left -= size
	}
	return nil
}

func tornOr(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTorn
	}
	return err
}
