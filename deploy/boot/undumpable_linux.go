package boot

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Undumpable keeps this process's memory, which holds keys in clear while they are used, from core files and from other
// processes of the same user: no debugger of theirs attaches, and /proc/PID/mem and environ are root's (prctl(2),
// PR_SET_DUMPABLE). Root reads it all the same. Call it before anything secret is read.
func Undumpable() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbidding core files: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("hiding the memory from other processes: %w", err)
	}
	return nil
}
