package local

import (
	"bufio"
	"errors"
	"fmt"
	"os"
)

// segmentWriter writes batches as a partition's segments with their indexes, each synced before the next begins.
type segmentWriter struct {
	to    partitionDir
	step  func(string)
	total int64

	current segment
	file    *os.File
	buf     *bufio.Writer
	index   []byte
}

func (w *segmentWriter) append(b batch) error {
	if w.file != nil && w.current.size >= segmentBytes {
		if err := w.close(); err != nil {
			return err
		}
	}
	if w.file == nil {
		w.step("segment")
		w.current = segment{base: b.firstOffset()}
		f, err := os.Create(w.to.dat(w.current))
		if err != nil {
			return fmt.Errorf("writing segment: %w", err)
		}
		w.file, w.buf = f, bufio.NewWriterSize(f, 256<<10)
	}
	if _, err := w.buf.Write(b); err != nil {
		return fmt.Errorf("writing segment: %w", err)
	}
	w.index = appendIndexEntry(w.index, b)
	w.current.size += int64(len(b))
	w.total += int64(len(b))
	return nil
}

func (w *segmentWriter) close() error {
	if w.file == nil {
		return nil
	}
	w.step("index")
	err := errors.Join(w.buf.Flush(), w.file.Sync(), w.file.Close(), replaceFile(w.to.idx(w.current), w.index))
	w.file, w.index = nil, w.index[:0]
	if err != nil {
		return fmt.Errorf("writing segment: %w", err)
	}
	return nil
}
