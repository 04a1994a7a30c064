package chaos

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// listen makes this program an engine: it takes connections at the address.
const listen = "LEADLINE_TEST_LISTEN"

func TestMain(m *testing.M) {
	if address := os.Getenv(listen); address != "" {
		ln, err := net.Listen("tcp", address)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		time.AfterFunc(time.Minute, func() { os.Exit(0) }) // whatever became of the test
		for {
			if conn, err := ln.Accept(); err == nil {
				_ = conn.Close()
			}
		}
	}
	os.Exit(m.Run())
}

// engine is one that listens, and how it is started once more.
func engine(t *testing.T) (address, pid, start string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), listen+"="+address)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = cmd.Wait() }() // or it stays a zombie
	if err := Until(t.Context(), time.Minute, func() error { return dial(t.Context(), address) }); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "pid")
	t.Cleanup(func() {
		raw, err := os.ReadFile(again)
		if err != nil {
			return // it was not started again
		}
		if n, err := strconv.Atoi(strings.TrimSpace(string(raw))); err == nil {
			if p, err := os.FindProcess(n); err == nil {
				_ = p.Kill()
			}
		}
	})
	start = fmt.Sprintf("%s=%s '%s' >/dev/null 2>&1 & echo $! > '%s'", listen, address, os.Args[0], again)
	return address, strconv.Itoa(cmd.Process.Pid), start
}

func TestAnEngineThatIsKilledComesBack(t *testing.T) {
	t.Parallel()
	address, pid, start := engine(t)
	if err := Crash("engine", address, "kill -9 "+pid+"; sleep 0.3; "+start).Inject(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if err := dial(t.Context(), address); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}

// What killed nothing, failed, or had nothing to kill has not fired.
func TestACrashThatDidNotHappenIsNoFault(t *testing.T) {
	t.Parallel()
	address, pid, _ := engine(t)
	for command, want := range map[string]string{"true": "took connections all the while", "exit 3": "exit status 3"} {
		if err := Crash("engine", address, command).Inject(t.Context(), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", command, err, want)
		}
	}
	if err := exec.CommandContext(t.Context(), "kill", "-9", pid).Run(); err != nil {
		t.Fatal(err)
	}
	if err := Until(t.Context(), time.Minute, func() error {
		if dial(t.Context(), address) == nil {
			return fmt.Errorf("%s still listens", pid)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := Crash("engine", address, "true").Inject(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "before it is killed") {
		t.Errorf("of an engine that is not there: %v", err)
	}
}
