package local

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
)

// repair prepares a generation for the broker after whatever ended the last process, and returns how many files it mended.
// It can be run any number of times.
func repair(g generation) (mended int, err error) {
	// The session state holds group members and open transactions of a clean stop, and a snapshot the last stable offset
	// that they leave. Their clients lived in the process that is gone: members would be waited for until their session
	// times out (45 s), and an open transaction would hold back every read_committed reader until it times out (40 s by
	// default), or for ever when the next process is killed before that. Without these files the broker reads the segments
	// and counts every transaction without an end marker as aborted.
	if err := removeIfThere(filepath.Join(g.dir(), "session_state.json")); err != nil {
		return 0, err
	}
	for _, name := range []string{"groups.log", "pids.log"} {
		cut, err := cutTornTail(filepath.Join(g.dir(), name))
		if err != nil {
			return mended, fmt.Errorf("mending %s: %w", name, err)
		}
		if cut {
			mended++
		}
	}
	parts, err := g.partitions()
	if err != nil {
		return mended, err
	}
	for _, p := range parts {
		if err := removeIfThere(filepath.Join(p.dir, "snapshot.json")); err != nil {
			return mended, err
		}
		n, err := completeIndexes(p)
		mended += n
		if err != nil {
			return mended, fmt.Errorf("mending index of %s-%d: %w", p.topic, p.partition, err)
		}
	}
	return mended, nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("dropping state of the last process: %w", err)
	}
	return nil
}

// cutTornTail removes a half-written entry from the end of an append-only log. The broker skips such an entry when it loads but
// appends after it, and at the load after that it stops there: all commits made in between are forgotten.
func cutTornTail(path string) (bool, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if whole := wholeEntries(raw); whole < len(raw) {
		return true, os.Truncate(path, int64(whole))
	}
	return false, nil
}

// wholeEntries returns how many bytes of raw are whole entries: a length, a checksum, and as many bytes as the length says, of
// which the first two are a version. Numbers are little endian.
func wholeEntries(raw []byte) int {
	pos := 0
	for len(raw)-pos >= 10 {
		length := int64(binary.LittleEndian.Uint32(raw[pos:]))
		if length < 2 || length > int64(len(raw)-pos-8) {
			break
		}
		body := raw[pos+8 : pos+8+int(length)]
		if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(raw[pos+4:]) {
			break
		}
		pos += 8 + int(length)
	}
	return pos
}

// completeIndexes writes the index of a segment anew when it does not have one entry for each batch. The broker writes a batch
// first and its entry second; killed in between, it takes the batch for one outside any transaction, and readers of committed
// records get one that never was. Later entries would moreover belong to the wrong batches.
//
// Only the segment written last can be incomplete. It is the last or, when the last is empty, the one before.
func completeIndexes(p partitionDir) (mended int, err error) {
	segs, err := p.segments()
	if err != nil {
		return 0, err
	}
	for _, s := range segs[max(0, len(segs)-2):] {
		var index []byte
		err := eachBatch(p.dat(s), func(b batch) error {
			index = appendIndexEntry(index, b)
			return nil
		})
		if err != nil && !errors.Is(err, errTorn) {
			return mended, err
		}
		info, err := os.Stat(p.idx(s))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return mended, err
		}
		if err == nil && info.Size() == int64(len(index)) {
			continue
		}
		if err := replaceFile(p.idx(s), index); err != nil {
			return mended, err
		}
		mended++
	}
	return mended, nil
}

// replaceFile writes a file so that a kill leaves either the old content or the new. The broker removes a left-over ".tmp".
func replaceFile(path string, content []byte) error {
	f, err := os.Create(path + ".tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
