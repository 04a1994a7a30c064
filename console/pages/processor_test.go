//go:build unix

package pages_test

import (
	"syscall"
	"testing"
	"time"
)

// processor is the time that this process has had of one. A machine that does other things as well takes nothing from it.
func processor(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
