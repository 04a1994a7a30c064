package browser

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Wire stands between a browser and a server, and can be cut.
type Wire struct {
	Address string // host and port to connect to

	mu    sync.Mutex
	to    string
	whole bool
	open  map[net.Conn]bool
}

// NewWire leads to an address, whole, until the test ends.
func NewWire(t *testing.T, to string) *Wire {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens for as long as the test lasts
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{Address: ln.Addr().String(), to: to, whole: true, open: make(map[net.Conn]bool)}
	var carried sync.WaitGroup
	t.Cleanup(func() {
		_ = ln.Close() // nothing is left to be told of it
		w.Cut()
		carried.Wait()
	})
	carried.Go(func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			carried.Go(func() { w.carry(near) })
		}
	})
	return w
}

// To leads somewhere else from the next connection on.
func (w *Wire) To(address string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = address
}

// Cut ends what is connected, and lets nothing through.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.whole = false
	for conn := range w.open {
		_ = conn.Close() // likewise
	}
}

// Mend lets through again.
func (w *Wire) Mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.whole = true
}

// keep says whether the wire is whole, and has the connection cut with it.
func (w *Wire) keep(conn net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.whole {
		w.open[conn] = true
	}
	return w.whole
}

func (w *Wire) drop(conn net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, conn)
	_ = conn.Close() // it may have been cut
}

func (w *Wire) carry(near net.Conn) {
	defer w.drop(near)
	if !w.keep(near) {
		return
	}
	w.mu.Lock()
	to := w.to
	w.mu.Unlock()
	far, err := net.Dial("tcp", to) //nolint:noctx // on this machine
	if err != nil {
		return
	}
	defer w.drop(far)
	if !w.keep(far) {
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(near, far) // it ends with either
		_ = near.Close()
	})
	_, _ = io.Copy(far, near)
	_ = far.Close()
	back.Wait()
}
