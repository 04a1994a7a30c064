package local

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

func seedSegments(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "kfake-*", "log-*", "partitions", "*", "*.dat"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no segments in testdata: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add(raw[:len(raw)-3])
	}
}

// Whatever a disk returns, reading stops at the first byte that is not part of a whole batch and never reads outside one.
func FuzzSegment(f *testing.F) {
	seedSegments(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var whole []byte
		err := readBatches(bytes.NewReader(raw), int64(len(raw)), func(b batch) error {
			whole = append(whole, b...)
			return nil
		})
		if err != nil && !errors.Is(err, errTorn) {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(raw, whole) || (err == nil) != (len(whole) == len(raw)) {
			t.Errorf("%d of %d bytes are whole batches, and the error is %v", len(whole), len(raw), err)
		}
	})
}

// A fold of a segment with any content fails, or gives a segment that folds to itself and keeps the first and the next offset.
func FuzzFoldPartition(f *testing.F) {
	seedSegments(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		resealed := reseal(raw)
		root := t.TempDir()
		dirs := make([]partitionDir, 3)
		for i := range dirs {
			dirs[i] = partitionDir{"state", 0, filepath.Join(root, string(rune('a'+i)))}
			if err := os.Mkdir(dirs[i].dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(dirs[0].dat(segment{}), resealed, 0o600); err != nil {
			t.Fatal(err)
		}
		fold := folder{step: func(string) {}}
		if _, err := fold.foldPartition(dirs[0], dirs[1].dir); err != nil {
			return
		}
		if _, err := fold.foldPartition(dirs[1], dirs[2].dir); err != nil {
			t.Fatalf("folding what was folded: %v", err)
		}
		before, once, twice := bounds(t, dirs[0]), bounds(t, dirs[1]), bounds(t, dirs[2])
		if before.first != once.first || before.next != once.next || once != twice {
			t.Errorf("unfolded %+v, folded %+v, folded again %+v", before, once, twice)
		}
	})
}

// reseal gives every batch a right checksum, so that the fuzzer gets past it.
func reseal(raw []byte) []byte {
	out := bytes.Clone(raw)
	for rest := out; len(rest) >= batchHeaderBytes; {
		size := 12 + int64(rest[8])<<24 + int64(rest[9])<<16 + int64(rest[10])<<8 + int64(rest[11])
		if size < batchHeaderBytes || size > int64(len(rest)) {
			break
		}
		batch(rest[:size]).seal()
		rest = rest[size:]
	}
	return out
}

type offsetBounds struct {
	first, next int64
	records     int32
}

func bounds(t *testing.T, p partitionDir) offsetBounds {
	t.Helper()
	out := offsetBounds{first: -1}
	pf := &partitionFold{from: p, decomp: kgo.DefaultDecompressor()}
	var err error
	if pf.segs, err = p.segments(); err != nil {
		t.Fatal(err)
	}
	err = pf.each(func(b batch) error {
		if out.first < 0 {
			out.first = b.firstOffset()
		}
		out.next = b.lastOffset() + 1
		out.records += b.numRecords()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func FuzzAppendLog(f *testing.F) {
	raw, err := os.ReadFile(filepath.Join("testdata", "kfake-20260918", "log-000001", "groups.log"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(raw[:len(raw)-1])
	f.Fuzz(func(t *testing.T, raw []byte) {
		whole := wholeEntries(raw)
		if whole < 0 || whole > len(raw) || wholeEntries(raw[:whole]) != whole {
			t.Errorf("%d of %d bytes are whole", whole, len(raw))
		}
	})
}
