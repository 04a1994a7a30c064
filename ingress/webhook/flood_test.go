package webhook_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"leadline/deploy/boot"
	"leadline/ingress/webhook"
	"leadline/schemas"
)

const (
	// floodFactor is by how much the 99th percentile of legitimate deliveries may rise under each attack, where the
	// attackers have a machine of their own. Here they share two processors with the server and with other tests.
	floodFactor = 10
	floodMost   = 5 * time.Second

	slowSenders = 300
	flooders    = 8
)

// TestLegitimateDeliveriesGetThroughUnderAttack floods a real server on a real socket, and counts what becomes of the
// deliveries of an organisation that does nothing else than usual. LEADLINE_ABUSE_SECONDS=20 measures longer, and
// go test -v prints the table.
func TestLegitimateDeliveriesGetThroughUnderAttack(t *testing.T) {
	if testing.Short() {
		t.Skip("floods for some seconds")
	}
	span := 700 * time.Millisecond
	if seconds, err := strconv.ParseFloat(os.Getenv("LEADLINE_ABUSE_SECONDS"), 64); err == nil {
		span = time.Duration(seconds * float64(time.Second))
	}
	r := newRig(t, func(o *webhook.Options) { o.Limits = webhook.Limits{} })
	r.Connect(schemas.Connection{Org: "flooder", Provider: schemas.Fathom, Ingest: true}, "key", secret)
	if err := r.table.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.serve()
	r.deliver(span) // connections are made, keys are read
	quiet := r.deliver(2 * span)
	t.Logf("%-38s %6s %9s %9s %7s", "under", "sent", "median", "p99", "factor")
	t.Logf("%-38s %6d %9v %9v", "nothing", len(quiet), middle(quiet), p99(quiet))
	body := bytes.Repeat([]byte(" "), 64<<10)
	body[0], body[len(body)-1] = '{', '}'
	for _, attack := range []struct {
		name string
		run  func(ctx context.Context)
	}{
		{"300 heads that trickle", func(ctx context.Context) { r.trickle(ctx, "POST "+path+" HTTP/1.1\r\nHost: x\r\nX-Slow: ") }},
		{"300 bodies that trickle at its address", func(ctx context.Context) {
			r.trickle(ctx, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{")
		}},
		{"bad signatures at its address", func(ctx context.Context) { r.flood(ctx, path, other, body, http.StatusUnauthorized) }},
		{"another organisation's deliveries", func(ctx context.Context) {
			r.flood(ctx, strings.Replace(path, "lanternfish", "flooder", 1), secret, body, http.StatusAccepted)
		}},
	} {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			attack.run(ctx)
		}()
		took := r.deliver(2 * span)
		stop()
		<-ended
		factor := float64(p99(took)) / float64(p99(quiet))
		t.Logf("%-38s %6d %9v %9v %7.1f", attack.name, len(took), middle(took), p99(took), factor)
		if p99(took) > max(floodMost, floodFactor*p99(quiet)) {
			t.Errorf("%s: the 99th percentile is %v, of %v before", attack.name, p99(took), p99(quiet))
		}
	}
}

// serve puts the rig's handler behind the server that every role has.
func (r *rig) serve() {
	ln, err := new(net.ListenConfig).Listen(r.T.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		r.T.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- boot.Server("webhooks", ln, r.handler, nil).Run(ctx) }()
	r.T.Cleanup(func() {
		stop()
		testClient.CloseIdleConnections()
		if err := <-done; err != nil {
			r.T.Error(err)
		}
	})
	r.url = "http://" + ln.Addr().String()
}

// deliver sends some fifty deliveries a second, each of which must be stored, and returns how long each took, in order.
func (r *rig) deliver(span time.Duration) []time.Duration {
	r.T.Helper()
	var took []time.Duration
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < span; <-tick.C {
		sent := time.Now()
		resp, body := r.send(r.signed(path, secret, sent, meeting))
		if resp.StatusCode != http.StatusAccepted {
			r.T.Errorf("a legitimate delivery got %d %s", resp.StatusCode, body)
		}
		took = append(took, time.Since(sent).Round(10*time.Microsecond))
	}
	slices.Sort(took)
	return took
}

func middle(sorted []time.Duration) time.Duration { return sorted[len(sorted)/2] }
func p99(sorted []time.Duration) time.Duration    { return sorted[(len(sorted)-1)*99/100] }

// trickle holds connections that begin so and go on with a byte ten times a second. One that is cut is made again.
func (r *rig) trickle(ctx context.Context, head string) {
	var all sync.WaitGroup
	for range slowSenders {
		all.Go(func() {
			for ctx.Err() == nil {
				conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(r.url, "http://"))
				if err != nil {
					return
				}
				_, err = io.WriteString(conn, head)
				for tick := time.NewTicker(100 * time.Millisecond); err == nil; {
					select {
					case <-ctx.Done():
						tick.Stop()
						err = ctx.Err()
					case <-tick.C:
						_, err = conn.Write([]byte("x"))
					}
				}
				_ = conn.Close()
			}
		})
	}
	all.Wait()
}

// flood sends as fast as it can. What is answered otherwise than it wants, or than that it is too much, is an error.
func (r *rig) flood(ctx context.Context, path, secret string, body []byte, want int) {
	var all sync.WaitGroup
	for n := range flooders {
		all.Go(func() {
			for ctx.Err() == nil {
				req := r.signed(path, secret, time.Now(), append(fmt.Appendf(nil, `{"n":%d,"x":"`, n), append(bytes.Trim(body, "{}"), `"}`...)...))
				resp, err := testClient.Do(req.WithContext(ctx))
				if err != nil {
					return // it is over
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode != want && resp.StatusCode != http.StatusServiceUnavailable {
					r.T.Errorf("the flood got %d", resp.StatusCode)
				}
			}
		})
	}
	all.Wait()
}
