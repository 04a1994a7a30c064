package webhook_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"leadline/ingress/webhook"
)

// begin sends the head of a request and the beginning of its body, and leaves it at that.
func (r *rig) begin(path, rest string) net.Conn {
	r.T.Helper()
	conn, err := new(net.Dialer).DialContext(r.T.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		r.T.Fatal(err)
	}
	r.T.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\n%s", path, rest); err != nil {
		r.T.Fatal(err)
	}
	return conn
}

// ending is the status that a connection is answered with before it is closed, within the time that a test has for it.
func ending(t *testing.T, conn net.Conn, within time.Duration) int {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	from := bufio.NewReader(conn)
	resp, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Errorf("no answer: %v", err)
		return 0
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Error(err)
	}
	if _, err := from.ReadByte(); err != io.EOF {
		t.Errorf("after %d the connection is not closed: %v", resp.StatusCode, err)
	}
	return resp.StatusCode
}

// A body that announces its length and does not come is given up whatever its request was answered with: net/http would
// wait for it, for as long as nobody sets a limit.
func TestNoConnectionWaitsForTheRestOfABodyThatIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *webhook.Options) { o.Limits.ReadTime = 300 * time.Millisecond })
	for name, c := range map[string]struct {
		path, rest string
		status     int
	}{
		"slow body":                  {path, "Content-Length: 1000\r\n\r\n{", 408},
		"slow body in chunks":        {path, "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", 408},
		"nobody's address":           {"/api/integrations/fathom/webhook/nobody", "Content-Length: 1000\r\n\r\n{", 404},
		"nobody's, in chunks":        {"/api/integrations/fathom/webhook/nobody", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", 404},
		"encoded":                    {path, "Content-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n{", 415},
		"announces more than it may": {path, "Content-Length: 99999999\r\n\r\n{", 413},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ending(t, r.begin(c.path, c.rest), 20*time.Second); got != c.status {
				t.Errorf("status %d, want %d", got, c.status)
			}
		})
	}
}

// Of an organisation's deliveries, the one that is being read for longest makes room.
func TestWhoTricklesABodyKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *webhook.Options) { o.Limits.Requests, o.Limits.ReadTime = 4, time.Minute })
	var slow []net.Conn
	for range 4 {
		slow = append(slow, r.begin(path, "Content-Length: 1000\r\n\r\n{"))
		r.Until("it is being read", func() bool { return r.value("leadline_webhook_in_flight_bytes") == float64(len(slow)*64<<10) })
	}
	resp, body := r.send(r.signed(path, secret, time.Now(), meeting))
	if resp.StatusCode != http.StatusAccepted {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if got := ending(t, slow[0], 20*time.Second); got != http.StatusServiceUnavailable {
		t.Errorf("the first one: %d", got)
	}
	r.Until("the others are still being read", func() bool { return r.value("leadline_webhook_in_flight_bytes") == 3*64<<10 })
}
