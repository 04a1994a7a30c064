package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/gofrs/flock"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A Part is a file of a snapshot: of what is at Path, below the snapshot's directory, the first Size bytes. The broker may append to
// it still, because it is the log's own file under a second name.
type Part struct {
	Path string `json:"path"` // with slashes
	Size int64  `json:"size"`
}

// Snapshot puts the log of this moment into a directory that exists, as a kill would leave it: whole batches, open transactions,
// committed offsets. The broker stands still meanwhile, and while `during` runs, so that what `during` takes belongs to the same
// moment. Both must be quick: nobody's request is answered until then.
func (e *Engines) Snapshot(ctx context.Context, to string, during func() error) (parts []Part, err error) {
	// Retention would be let in, too, and take away a segment between its listing and its second name.
	e.trimming.Lock()
	defer e.trimming.Unlock()
	still := e.still(ctx, func() error {
		if parts, err = linkLog(e.log, to); err != nil {
			return err
		}
		return during()
	})
	if still != nil {
		return nil, fmt.Errorf("taking a snapshot of the log: %w", still)
	}
	return parts, nil
}

// Stopped is a directory that no process has open, and none can open until Close.
type Stopped struct {
	lock *flock.Flock
	log  generation
}

// Hold takes a directory without starting anything on it. The error is ErrInUse where a process has it open.
func Hold(dir string) (_ *Stopped, err error) {
	s := new(Stopped)
	if s.lock, err = lockDir(dir); err != nil {
		return nil, err
	}
	if s.log, err = currentGeneration(dir); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Snapshot puts the log into a directory that exists, as the last process left it.
func (s *Stopped) Snapshot(to string) ([]Part, error) {
	parts, err := linkLog(s.log, to)
	if err != nil {
		return nil, fmt.Errorf("taking a snapshot of the log: %w", err)
	}
	return parts, nil
}

// Close gives the directory back.
func (s *Stopped) Close() error { return s.lock.Close() }

// unused is a request that no client of ours makes.
const unused = kmsg.DescribeUserSCRAMCredentials

// still runs do while the broker handles nothing. All that the broker writes, it writes between two requests, and it runs a control
// function in the place of one.
func (e *Engines) still(ctx context.Context, do func() error) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(e.Brokers()...))
	if err != nil {
		return err
	}
	defer client.Close()
	const begun, givenUp = 1, 2
	var state atomic.Int32
	done := make(chan error, 1)
	e.cluster.ControlKey(unused.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		e.cluster.DropControl()
		if state.CompareAndSwap(0, begun) {
			done <- do()
		}
		return nil, nil, false
	})
	request := kmsg.NewPtrDescribeUserSCRAMCredentialsRequest()
	if _, err := request.RequestWith(ctx, client); err != nil && state.CompareAndSwap(0, givenUp) {
		return err
	}
	return <-done
}

// linkLog gives the files of a log second names, and copies the schemas of its records. What a process leaves behind for the next one when
// it is stopped is left out: it would be removed at the start.
func linkLog(g generation, to string) (parts []Part, err error) {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return nil, err
	}
	err = filepath.WalkDir(g.dir(), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(g.root, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch name := e.Name(); {
		case e.IsDir():
			return os.MkdirAll(target, 0o700)
		case !e.Type().IsRegular(), filepath.Ext(name) == ".tmp", name == "session_state.json", name == "snapshot.json":
			return nil
		}
		if err := link(path, target); err != nil {
			return err
		}
		info, err := os.Stat(target)
		if err != nil {
			return err
		}
		parts = append(parts, Part{filepath.ToSlash(rel), info.Size()})
		return nil
	})
	if err != nil {
		return nil, err
	}
	schemas, err := os.ReadFile(filepath.Join(g.root, schemasFile))
	if errors.Is(err, fs.ErrNotExist) {
		return parts, nil
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(to, schemasFile), schemas, 0o600)
	}
	return append(parts, Part{schemasFile, int64(len(schemas))}), err
}
