package boot

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMain lets this binary be the process that is looked at: what Undumpable does cannot be taken back.
func TestMain(m *testing.M) {
	if os.Getenv("LEADLINE_TEST_UNDUMPABLE") == "" {
		os.Exit(m.Run())
	}
	if err := Undumpable(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	var core unix.Rlimit
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err == nil {
		err = unix.Getrlimit(unix.RLIMIT_CORE, &core)
	}
	fmt.Println(dumpable, core.Cur, core.Max, err)
}

func TestMemoryIsInNoCoreFileAndNobodyElses(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self)
	child.Env = append(os.Environ(), "LEADLINE_TEST_UNDUMPABLE=1")
	if said, err := child.Output(); err != nil || strings.TrimSpace(string(said)) != "0 0 0 <nil>" {
		t.Errorf("%q, %v", said, err)
	}
}
