package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// ErrInUse says that another process holds the directory. The wrapping error names both.
var ErrInUse = errors.New("directory is in use")

// lockDir takes the directory for this process. Without it two brokers on one directory both start, and both append to the
// same segments. The operating system drops the lock when the process ends, however it ends.
//
// The process id is in a file of its own because Windows does not let others read a locked file.
func lockDir(dir string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("creating data directory: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	pidFile := filepath.Join(dir, "lock.pid")
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking data directory %s: %w", dir, err)
	}
	if !got {
		return nil, fmt.Errorf("%w: %s is held by process %s; stop that process or choose another directory",
			ErrInUse, dir, readPID(pidFile))
	}
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("writing process id: %w", err), lock.Unlock())
	}
	return lock, nil
}

func readPID(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return "(unknown)"
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return "(unknown)"
	}
	return strconv.Itoa(pid)
}
