package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// foldFile remembers, inside a generation, how small its compacted topics were when it was made.
const foldFile = "leadline-fold.json"

type foldState struct {
	CompactedBytes int64 `json:"compacted_bytes"`
}

// A folder keeps compacted topics small, before the broker opens. It writes a new generation in which they hold the latest
// committed record of each key, and switches to it by one rename; a kill at any moment leaves the old generation or the new one.
//
// Offsets stay as they are and gaps appear, as in a real compacted topic, so that committed offsets and checkpoints stay valid.
// A tombstone is kept: a reader that is behind must still see it, however long the program was not running.
type folder struct {
	compacted map[string]bool
	minBytes  int64
	step      func(string) // called before each step that a kill could cut; tests kill the process in it
}

// worthwhile reports whether folding g would pay: the compacted topics hold enough, and twice what the last fold left. Without
// the second condition a large state that cannot shrink would be written anew at every start.
func (f folder) worthwhile(g generation) (bool, error) {
	if len(f.compacted) == 0 {
		return false, nil
	}
	size, err := f.compactedBytes(g)
	if err != nil {
		return false, err
	}
	var last foldState
	raw, err := os.ReadFile(filepath.Join(g.dir(), foldFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false, fmt.Errorf("reading the last fold: %w", err)
	default:
		if err := json.Unmarshal(raw, &last); err != nil {
			last = foldState{} // A file that cannot be read costs one fold too many.
		}
	}
	return size >= f.minBytes && size >= 2*last.CompactedBytes, nil
}

func (f folder) compactedBytes(g generation) (int64, error) {
	parts, err := g.partitions()
	if err != nil {
		return 0, err
	}
	var size int64
	for _, p := range parts {
		if !f.compacted[p.topic] {
			continue
		}
		segs, err := p.segments()
		if err != nil {
			return 0, err
		}
		for _, s := range segs {
			size += s.size
		}
	}
	return size, nil
}

// fold writes the generation after g and returns it. On an error g is as it was. Files that do not change are linked and not
// copied: nothing writes to either generation until one of them is gone.
func (f folder) fold(g generation) (generation, error) {
	next := g.next()
	if err := os.RemoveAll(next.tmp()); err != nil {
		return g, fmt.Errorf("folding: %w", err)
	}
	if err := f.write(g, next.tmp()); err != nil {
		return g, fmt.Errorf("folding: %w", errors.Join(err, os.RemoveAll(next.tmp())))
	}
	f.step("rename")
	if err := os.Rename(next.tmp(), next.dir()); err != nil {
		return g, fmt.Errorf("folding: %w", err)
	}
	f.step("sync")
	if err := syncDir(g.root); err != nil {
		return next, fmt.Errorf("folding: %w", err)
	}
	f.step("remove")
	if err := os.RemoveAll(g.dir()); err != nil {
		return next, fmt.Errorf("removing the log before the fold: %w", err)
	}
	return next, nil
}

func (f folder) write(g generation, to string) error {
	parts, err := g.partitions()
	if err != nil {
		return err
	}
	folded := make(map[string]partitionDir)
	for _, p := range parts {
		if f.compacted[p.topic] {
			folded[p.dir] = p
		}
	}
	var state foldState
	err = filepath.WalkDir(g.dir(), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(g.dir(), path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		f.step(rel)
		switch p, ok := folded[path]; {
		case ok:
			n, err := f.foldPartition(p, target)
			if err != nil {
				return fmt.Errorf("topic %s, partition %d: %w", p.topic, p.partition, err)
			}
			state.CompactedBytes += n
			return fs.SkipDir
		case e.IsDir():
			return os.MkdirAll(target, 0o750)
		case rel == foldFile || strings.HasSuffix(rel, ".tmp"):
			return nil
		default:
			return link(path, target)
		}
	})
	if err != nil {
		return err
	}
	f.step("state")
	raw, err := json.Marshal(state)
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(to, foldFile), raw); err != nil {
		return err
	}
	// The files were synced when they were written; here their names are. A missing name after a power cut would be a
	// missing segment in a generation that counts as complete.
	return filepath.WalkDir(to, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return syncDir(path)
	})
}

// link gives a file a second name, or copies it where the file system has no hard links.
func link(from, to string) error {
	if err := os.Link(from, to); err == nil {
		return nil
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return replaceFile(to, content)
}
