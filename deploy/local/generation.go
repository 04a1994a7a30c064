package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
)

var generationName = regexp.MustCompile(`^log-([0-9]{6,9})(\.tmp)?$`)

// A generation is one complete data directory of the broker. A fold writes the next one beside it; the rename that drops
// ".tmp" is the moment at which the next one counts.
type generation struct {
	root   string
	number int
}

func (g generation) dir() string      { return filepath.Join(g.root, fmt.Sprintf("log-%06d", g.number)) }
func (g generation) tmp() string      { return g.dir() + ".tmp" }
func (g generation) next() generation { return generation{g.root, g.number + 1} }

// currentGeneration returns the complete generation with the highest number, or the first when there is none, and removes all
// others. A process killed between the switch and the removal leaves two complete ones; both hold the same records, so that
// either would do, but only one may be written to from here on: they share files.
func currentGeneration(root string) (generation, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return generation{}, fmt.Errorf("reading data directory: %w", err)
	}
	current := generation{root: root}
	for _, e := range entries {
		if m := generationName.FindStringSubmatch(e.Name()); m != nil && m[2] == "" {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				return generation{}, fmt.Errorf("reading data directory: %w", err)
			}
			current.number = max(current.number, n)
		}
	}
	if current.number == 0 {
		current.number = 1
	}
	for _, e := range entries {
		path := filepath.Join(root, e.Name())
		if generationName.MatchString(e.Name()) && path != current.dir() {
			if err := os.RemoveAll(path); err != nil {
				return generation{}, fmt.Errorf("removing an old log: %w", err)
			}
		}
	}
	if err := os.MkdirAll(current.dir(), 0o750); err != nil {
		return generation{}, fmt.Errorf("creating the log: %w", err)
	}
	return current, nil
}

// syncDir makes the names in a directory durable. Without it a power cut can undo a rename whose files were synced. Windows has no
// such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
