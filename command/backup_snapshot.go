package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"leadline/deploy/local"
	"leadline/sinks/embedded"
)

// snapshot is a folder inside the data directory, with the parts of that
// directory as they were at one moment.
//
// The moment matters. The broker's log holds how far each sink has read, and a
// store that is older than that would never get what is in between. A store
// that is newer would hold versions that the log knows nothing of, and refuse
// those that the stages give out next. So the store is held while the broker
// stands still: all it has came from the log, and it has all that the log says
// was written. The keyset is read then, too, because a rotation drops a key
// when nothing in the log is sealed with it any more. The state of the stages is
// left out: it is read again from its changelogs.
type snapshot struct {
	Dir   string       `json:"dir"` // its name in the data directory
	Parts []local.Part `json:"parts"`

	data    string
	store   *embedded.Moment
	stopped *local.Stopped // nil beside a Leadline that runs
}

const snapshotPrefix = "snapshot-"

func newSnapshot(data string) (*snapshot, error) {
	dir, err := os.MkdirTemp(data, snapshotPrefix)
	if err != nil {
		return nil, fmt.Errorf("making a snapshot: %w", err)
	}
	return &snapshot{Dir: filepath.Base(dir), data: data}, nil
}

func (s *snapshot) path(name ...string) string {
	return filepath.Join(append([]string{s.data, s.Dir}, name...)...)
}

// hold takes what belongs to the same moment as the log. It is quick.
func (s *snapshot) hold(ctx context.Context) error {
	for _, file := range []string{keysFile(s.data), tokenFile(s.data)} {
		raw, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the keyset may be in the environment
		}
		if err == nil {
			err = os.WriteFile(s.path(filepath.Base(file)), raw, 0o600)
		}
		if err != nil {
			return fmt.Errorf("making a snapshot: %w", err)
		}
	}
	store, err := embedded.Freeze(ctx, storeFile(s.data))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the sinks make it, and it holds nothing that they have written
	}
	if err == nil {
		s.store = store
	}
	return err
}

// complete copies what was held, and lists it. log are the parts of the log.
func (s *snapshot) complete(log []local.Part) error {
	for _, p := range log {
		p.Path = "kafka/" + p.Path
		s.Parts = append(s.Parts, p)
	}
	if s.store != nil {
		if err := s.store.CopyTo(s.path("store.db")); err != nil {
			return err
		}
	}
	for _, name := range []string{"store.db", "keys.json", "token"} {
		info, err := os.Stat(s.path(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("making a snapshot: %w", err)
		}
		s.Parts = append(s.Parts, local.Part{Path: name, Size: info.Size()})
	}
	return nil
}

// release lets the store go, and its log of writes be cut again.
func (s *snapshot) release() (err error) {
	if s.store != nil {
		err, s.store = s.store.Close(), nil
	}
	return err
}

// remove also lets another process start, where none ran.
func (s *snapshot) remove() error {
	err := errors.Join(s.release(), os.RemoveAll(s.path()))
	if s.stopped != nil {
		err = errors.Join(err, s.stopped.Close())
	}
	return err
}

// takeRunning makes a snapshot beside everything that this process does.
func takeRunning(ctx context.Context, data string, engines *local.Engines) (*snapshot, error) {
	return take(data, func(s *snapshot) ([]local.Part, error) {
		return engines.Snapshot(ctx, s.path("kafka"), func() error { return s.hold(ctx) })
	})
}

// takeStopped makes one where no Leadline runs, and none can start until it is
// removed: a start mends files of which this has second names. The error is
// local.ErrInUse where one runs.
func takeStopped(ctx context.Context, data string) (*snapshot, error) {
	stopped, err := local.Hold(filepath.Join(data, "kafka"))
	if err != nil {
		return nil, err
	}
	s, err := take(data, func(s *snapshot) ([]local.Part, error) {
		log, err := stopped.Snapshot(s.path("kafka"))
		return log, errors.Join(err, s.hold(ctx))
	})
	if err != nil {
		return nil, errors.Join(err, stopped.Close())
	}
	s.stopped = stopped
	return s, nil
}

func take(data string, of func(*snapshot) ([]local.Part, error)) (_ *snapshot, err error) {
	s, err := newSnapshot(data)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.remove())
		}
	}()
	log, err := of(s)
	if err == nil {
		err = s.complete(log)
	}
	return s, errors.Join(err, s.release())
}

// dropSnapshots removes those that a kill has left.
func dropSnapshots(data string) error {
	entries, err := os.ReadDir(data)
	if err != nil {
		return fmt.Errorf("reading the data directory: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), snapshotPrefix) {
			if err := os.RemoveAll(filepath.Join(data, e.Name())); err != nil {
				return fmt.Errorf("removing a snapshot that was left: %w", err)
			}
		}
	}
	return nil
}
