package local

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// partitionDir is one partition of a generation: segment files named by their first offset, with an index beside each.
type partitionDir struct {
	topic     string
	partition int32
	dir       string
}

// segment is one file of batches.
type segment struct {
	base int64
	size int64
}

func (p partitionDir) dat(s segment) string {
	return filepath.Join(p.dir, strconv.FormatInt(s.base, 10)+".dat")
}
func (p partitionDir) idx(s segment) string {
	return filepath.Join(p.dir, strconv.FormatInt(s.base, 10)+".idx")
}

// partitions lists what a generation holds. The broker names a partition's directory by its topic, escaped, and its number.
func (g generation) partitions() ([]partitionDir, error) {
	root := filepath.Join(g.dir(), "partitions")
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing partitions: %w", err)
	}
	var out []partitionDir
	for _, e := range entries {
		cut := strings.LastIndexByte(e.Name(), '-')
		if !e.IsDir() || cut < 0 {
			continue
		}
		topic, err := url.PathUnescape(e.Name()[:cut])
		if err != nil {
			continue
		}
		n, err := strconv.ParseInt(e.Name()[cut+1:], 10, 32)
		if err != nil {
			continue
		}
		out = append(out, partitionDir{topic, int32(n), filepath.Join(root, e.Name())})
	}
	return out, nil
}

// segments lists a partition's segments, oldest first. What the broker deletes meanwhile is left out.
func (p partitionDir) segments() ([]segment, error) {
	entries, err := os.ReadDir(p.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing segments: %w", err)
	}
	var out []segment
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".dat")
		if !ok {
			continue
		}
		base, err := strconv.ParseInt(name, 10, 64)
		if err != nil {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("listing segments: %w", err)
		}
		out = append(out, segment{base, info.Size()})
	}
	slices.SortFunc(out, func(a, b segment) int { return int(min(max(a.base-b.base, -1), 1)) })
	return out, nil
}

// indexEntryBytes is the size of an index entry, one for each batch: version, checksum, leader epoch, the largest timestamp so
// far, and whether the batch was written in a transaction.
const indexEntryBytes = 15

// appendIndexEntry makes the index entry of b from b itself. The broker computes the timestamp anew when it loads, so that it
// may be zero here.
func appendIndexEntry(to []byte, b batch) []byte {
	var e [indexEntryBytes]byte
	e[0] = 1
	binary.LittleEndian.PutUint32(e[2:], uint32(b.leaderEpoch()))
	if b.isTransactional() && !b.isControl() {
		e[14] = 1
	}
	e[1] = byte(crc32.Checksum(e[2:], castagnoli))
	return append(to, e[:]...)
}
