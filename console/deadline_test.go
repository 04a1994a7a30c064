package console_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// timed is a connection that is told until when it may send and be sent to.
type timed struct {
	*httptest.ResponseRecorder
	read time.Time
}

func (w *timed) SetReadDeadline(t time.Time) error { w.read = t; return nil }

func (w *timed) SetWriteDeadline(time.Time) error { return nil }

// The server reads the rest of a body before it answers: for as long as the
// connection may send.
func TestOnlyWhoMaySendMuchGetsTimeForIt(t *testing.T) {
	t.Parallel()
	h, _ := openDesk(t)
	const path = "/api/v1/orgs/harbour/directory_import"
	ask := func(path, token string) *timed {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("type,id\n"))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "text/csv")
		w := &timed{ResponseRecorder: httptest.NewRecorder()}
		h.ServeHTTP(w, r)
		return w
	}
	if w := ask(path, token); w.Code != http.StatusOK || time.Until(w.read) < 20*time.Minute {
		t.Errorf("who may: %d, and %s to send", w.Code, time.Until(w.read))
	}
	for name, w := range map[string]*timed{
		"a stranger": ask(path, "guess"), "a stranger who simulates": ask("/api/v1/orgs/harbour/match/simulate", "guess"), "elsewhere": ask("/api/v1/nowhere", "guess"),
	} {
		if w.Code != http.StatusUnauthorized || w.read.IsZero() || time.Until(w.read) > 5*time.Second {
			t.Errorf("%s: %d, and %s to send", name, w.Code, time.Until(w.read))
		}
	}
}

func TestAStrangerWhoSendsNothingMoreIsAnsweredAllTheSame(t *testing.T) {
	t.Parallel()
	h, _ := openDesk(t)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // the server may have been first
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	const head = "POST /api/v1/orgs/harbour/directory_import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer guess\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\nt"
	if _, err := fmt.Fprint(conn, head); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("%d, %v", answer.StatusCode, err)
	}
}
