package boot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// open runs a server for at most so many connections, and returns its address and its crowd.
func open(t *testing.T, most int, h http.HandlerFunc) (string, *crowd) {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connections := newCrowd("test", most, prometheus.NewRegistry())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serverOf("test", ln, h, connections).Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String(), connections
}

func dial(t *testing.T, address, first string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, first); err != nil {
		t.Fatal(err)
	}
	return conn
}

// Hundreds that send their heads slowly push each other out: who sends one at once is answered.
func TestSlowHeadsShutNobodyOut(t *testing.T) {
	t.Parallel()
	const most = 20
	address, connections := open(t, most, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	var slow []net.Conn
	for i := range 10 * most {
		slow = append(slow, dial(t, address, fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: x\r\n", i)))
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	for range 5 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || string(body) != "hello" {
			t.Fatalf("%q, %v", body, err)
		}
	}
	if err := slow[0].SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := slow[0].Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the first of the slow ones is not cut: %v", err)
	}
	if cut := testutil.ToFloat64(connections.cuts); cut < 9*most {
		t.Errorf("%v were cut", cut)
	}
}

// A request that is under way is not cut for a newcomer: that is turned away.
func TestARequestUnderWayIsNotCut(t *testing.T) {
	t.Parallel()
	began, finish := make(chan struct{}, 2), make(chan struct{})
	address, _ := open(t, 2, func(w http.ResponseWriter, _ *http.Request) {
		began <- struct{}{}
		<-finish
		_, _ = io.WriteString(w, "done")
	})
	var busy []net.Conn
	for range 2 {
		busy = append(busy, dial(t, address, "GET / HTTP/1.0\r\n\r\n"))
		<-began
	}
	// Written or not, it is closed.
	late, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = late.Close() }()
	if err := late.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := late.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the third one: %v", err)
	}
	close(finish)
	for _, conn := range busy {
		if answer, err := io.ReadAll(conn); err != nil || len(answer) == 0 {
			t.Errorf("one under way: %q, %v", answer, err)
		}
	}
}

func isTimeout(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded)
}
