package boot

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The second answer has 64 MiB in some 64 KiB.
func TestAnswersAreReadUpToTheirLimit(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bomb" {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			for range 64 {
				if _, err := io.WriteString(packed, strings.Repeat(" ", 1<<20)); err != nil {
					return // who reads has hung up
				}
			}
			_ = packed.Close()
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 1000))
	}))
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	for _, c := range []struct {
		path     string
		most     int64
		got      int
		tooLarge bool
	}{{"/", 1000, 1000, false}, {"/", 999, 999, true}, {"/bomb", 1 << 20, 1 << 20, true}} {
		client := &http.Client{Transport: LimitAnswers(transport, c.most)}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if _, tooLarge := errors.AsType[*AnswerTooLargeError](err); tooLarge != c.tooLarge || len(body) != c.got {
			t.Errorf("%s of at most %d: %d bytes, %v", c.path, c.most, len(body), err)
		}
	}
}
