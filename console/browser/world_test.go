package browser_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"leadline/console/browser"
	"leadline/console/pages/oidctest"
	"leadline/deploy/demo"
	"leadline/ingress/fathom/simulator"
)

// world is the demonstration, with a sign-in service and a second account of
// Fathom beside it.
type world struct {
	*testing.T
	program, data string
	process       *exec.Cmd
	said          *bytes.Buffer
	service       *oidctest.Service
	console       *browser.Wire // between the browser and the console
	fathom        *browser.Wire // between the console and the second account
	brokers       []string
	org           string
}

// secondKey opens the second account.
const secondKey = "second-account-4c1b7f"

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, program: filepath.Join(t.TempDir(), "leadline"), data: t.TempDir(), service: oidctest.New(t)}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", w.program, "leadline")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	w.fathom = browser.NewWire(t, secondAccount(t))
	w.console = browser.NewWire(t, "127.0.0.1:1")
	w.start()
	t.Cleanup(w.stop)
	return w
}

// secondAccount is a Fathom with two meetings that the demonstration has not.
func secondAccount(t *testing.T) string {
	t.Helper()
	meetings := make(fstest.MapFS)
	for _, name := range []string{"910001", "910016"} {
		raw, err := fs.ReadFile(demo.Meetings(), name+".json")
		if err != nil {
			t.Fatal(err)
		}
		other := strings.Replace(name, "91", "92", 1)
		// Of another year, or they were recordings of the same calls.
		raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte(name), []byte(other)), []byte(`"2026-`), []byte(`"2025-`))
		meetings[other+".json"] = &fstest.MapFile{Data: raw}
	}
	s, err := simulator.New(simulator.Options{Keys: map[string]string{secondKey: ""}, Meetings: meetings})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- s.Run(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

// url is where the browser finds the console.
func (w *world) url() string { return "http://" + w.console.Address }

// start runs the program, and leads the wire to it.
func (w *world) start() {
	w.Helper()
	_ = os.Remove(filepath.Join(w.data, "place.json")) // of the run before, if there was one
	w.said = new(bytes.Buffer)
	w.process = exec.CommandContext(context.WithoutCancel(w.Context()), w.program, "up", "--demo", "--data", w.data,
		"--port", "0", "--kafka-port", "0", "--registry-port", "0", "--fathom-base-url", "http://"+w.fathom.Address+simulator.BasePath,
		"--oidc-issuer", w.service.URL, "--oidc-client-id", oidctest.ClientID, "--oidc-client-secret", oidctest.ClientSecret,
		"--oidc-name", "Harbour ID", "--console-url", w.url())
	w.process.Stderr = w.said
	if err := w.process.Start(); err != nil {
		w.Fatal(err)
	}
	var place struct {
		URL     string
		Org     string
		Brokers []string
	}
	w.poll("it runs", func() bool {
		raw, err := os.ReadFile(filepath.Join(w.data, "place.json"))
		return err == nil && json.Unmarshal(raw, &place) == nil
	})
	w.brokers, w.org = place.Brokers, place.Org
	w.console.To(strings.TrimPrefix(place.URL, "http://"))
}

// stop ends it as somebody at the keyboard does.
func (w *world) stop() {
	if w.process == nil {
		return
	}
	_ = w.process.Process.Signal(os.Interrupt)
	if err := w.process.Wait(); err != nil {
		w.Errorf("it ended with %v\n%.4000s", err, w.said)
	}
	w.process = nil
}

// link is a new one for the operator.
func (w *world) link() string {
	w.Helper()
	out, err := exec.CommandContext(w.Context(), w.program, "signin", "--data", w.data).Output()
	if err != nil {
		w.Fatal(err)
	}
	_, path, found := strings.Cut(strings.TrimSpace(string(out)), "/signin?")
	if !found {
		w.Fatalf("the link is %q", out)
	}
	return w.url() + "/signin?" + path
}

// poll waits for what has no page to tell it.
func (w *world) poll(what string, done func() bool) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	for tick := time.NewTicker(50 * time.Millisecond); !done(); {
		select {
		case <-ctx.Done():
			w.Fatalf("waited too long until %s", what)
		case <-tick.C:
		}
	}
}

// metric is the value of one without labels.
func (w *world) metric(name string) string {
	w.Helper()
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(w.Context(), http.MethodGet, w.url()+"/metrics", nil)
	if err != nil {
		w.Fatal(err)
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(res.Body); err != nil {
		w.Fatal(err)
	}
	for line := range strings.Lines(body.String()) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			return strings.TrimSpace(value)
		}
	}
	w.Fatalf("there is no metric %s", name)
	return ""
}

// reports fails where browsers have told of another number of breaches of the
// pages' policy.
func (w *world) reports(want int) {
	w.Helper()
	w.poll(fmt.Sprintf("there are %d reports of breaches", want), func() bool {
		return w.metric("leadline_pages_csp_reports_total") == fmt.Sprint(want)
	})
}
