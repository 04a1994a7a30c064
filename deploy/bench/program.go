package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/deploy/boot"
)

// program is a leadline that runs as a process of its own.
type program struct {
	pid  int
	site *Site         // whose broker it reads
	took time.Duration // until it was ready

	unthrottle func() // ends that it runs for a share of the time; nil: it does not
}

// run starts one on a directory of its own, and stops it when do returns.
func (b *bench) run(ctx context.Context, do func(*program) error) (err error) {
	dir, err := os.MkdirTemp(b.Dir, "process-*")
	if err != nil {
		return fmt.Errorf("making a data directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	health, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, b.Binary, b.arguments(dir)...) //nolint:gosec // our own binary
	b.programs++
	defer func() { b.programs-- }()
	cmd.Env = append(slices.Concat(os.Environ(), b.Environment), "LEADLINE_HEALTH_LISTEN="+health, "LEADLINE_INSTANCE="+b.replica(b.programs))
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
			return fmt.Errorf("leadline %s: %w: %.500s", b.arguments(dir)[0], err, said.String())
		}
		return nil
	}
	p := &program{pid: cmd.Process.Pid, site: b.Site}
	find := func() (string, error) { return "http://" + health, nil }
	if b.Environment == nil {
		find = func() (string, error) { return p.place(dir) }
	}
	if err := ready(ctx, find, ended); err != nil {
		return errors.Join(err, stop())
	}
	p.took = time.Since(began)
	return errors.Join(do(p), stop())
}

// replica names the nth program that runs, which has the place in its groups of
// the nth that ran before it.
func (b *bench) replica(n int) string { return fmt.Sprintf("%s-%d", b.Incarnation, n) }

// freeAddress may be taken by the time it is listened on; then the process says so.
func freeAddress(ctx context.Context) (string, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	return ln.Addr().String(), ln.Close()
}

// place reads where a leadline up is, which it writes when all its roles are
// ready; "" until then.
func (p *program) place(dir string) (url string, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, "place.json"))
	if err != nil {
		return "", nil //nolint:nilerr // not yet
	}
	var place struct {
		URL     string   `json:"url"`
		Brokers []string `json:"brokers"`
	}
	if err := json.Unmarshal(raw, &place); err != nil {
		return "", fmt.Errorf("reading where leadline up runs: %w", err)
	}
	if !slices.Equal(p.site.brokers, place.Brokers) {
		theirs := *p.site
		theirs.brokers = place.Brokers
		theirs.Kafka = boot.Kafka{Brokers: place.Brokers, ClientID: "bench"}.Options(prometheus.NewRegistry(), theirs.Log)
		p.site = &theirs
	}
	return place.URL, nil
}

// ready waits until a process answers that it is.
func ready(ctx context.Context, find func() (url string, err error), ended chan error) error {
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
			return errors.New("the process ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("waiting for a process: %w", ctx.Err())
		}
		url, err := find()
		if err != nil {
			return err
		}
		if url == "" {
			continue
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
		if err != nil {
			return err
		}
		res, err := transport.RoundTrip(r)
		if err != nil {
			continue
		}
		if res.Body.Close() == nil && res.StatusCode == http.StatusOK {
			return nil
		}
	}
}

// memory reads VmRSS, what is resident now, or VmHWM, the most that ever was,
// in MB.
func (p *program) memory(field string) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
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
