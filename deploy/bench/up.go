package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// upProcess is a leadline up that runs.
type upProcess struct {
	pid     int
	brokers []string
	took    time.Duration // until it was ready
}

// up starts one on a directory of its own, and stops it when do returns.
func (b *bench) up(ctx context.Context, do func(*upProcess) error) (err error) {
	dir, err := os.MkdirTemp(b.Dir, "up-*")
	if err != nil {
		return fmt.Errorf("making a data directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, b.Binary, "up", "--data", dir, "--port=0", "--kafka-port=0", "--registry-port=0") //nolint:gosec // our own binary
	cmd.Stderr = &said
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting a process: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop := func() error {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		if err := <-ended; err != nil {
			return fmt.Errorf("leadline up: %w: %.500s", err, said.String())
		}
		return nil
	}
	brokers, err := ready(ctx, dir, ended)
	if err != nil {
		return errors.Join(err, stop())
	}
	err = do(&upProcess{pid: cmd.Process.Pid, brokers: brokers, took: time.Since(began)})
	return errors.Join(err, stop())
}

// ready waits until the process has written where it is, which it does when all
// its roles are ready, and answers there.
func ready(ctx context.Context, dir string, ended chan error) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true}
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case <-again.C:
		case err := <-ended:
			ended <- err
			return nil, errors.New("leadline up ended before it was ready")
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for leadline up: %w", ctx.Err())
		}
		raw, err := os.ReadFile(filepath.Join(dir, "place.json"))
		if err != nil {
			continue
		}
		var place struct {
			URL     string   `json:"url"`
			Brokers []string `json:"brokers"`
		}
		if err := json.Unmarshal(raw, &place); err != nil {
			return nil, fmt.Errorf("reading where leadline up runs: %w", err)
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, place.URL+"/readyz", nil)
		if err != nil {
			return nil, err
		}
		res, err := transport.RoundTrip(r)
		if err != nil {
			continue
		}
		if res.Body.Close() == nil && res.StatusCode == http.StatusOK {
			return place.Brokers, nil
		}
	}
}

// memory reads VmRSS, what is resident now, or VmHWM, the most that ever was,
// in MB.
func (u *upProcess) memory(field string) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", u.pid))
	if err != nil {
		return 0, fmt.Errorf("reading a process's memory: %w", err)
	}
	for line := range strings.Lines(string(raw)) {
		if value, found := strings.CutPrefix(line, field+":"); found {
			kB, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			return kB / 1024, err
		}
	}
	return 0, fmt.Errorf("/proc says no %s", field)
}
