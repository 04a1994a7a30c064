package command

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"leadline/schemas"
)

// A registry that is starting, or that a network keeps apart, ends no role.
func TestARoleThatStartsWaitsForTheRegistry(t *testing.T) {
	t.Parallel()
	subjects, err := schemas.Subjects()
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"ingress", "poller", "processors", "sinks", "console"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			answered := make(chan struct{})
			registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				const troubles = 3
				switch n := asked.Add(1); n {
				case 1: // the connection is cut
					panic(http.ErrAbortHandler)
				case 2: // the answer is
					w.Header().Set("Content-Length", "100")
					fmt.Fprint(w, `{"id": 1`)
				case troubles:
					w.WriteHeader(http.StatusServiceUnavailable)
				default:
					fmt.Fprint(w, `{"id": 1}`)
					if n == troubles+int64(len(subjects)) {
						close(answered)
					}
				}
			}))
			defer registry.Close()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			cmd, _, stderr := leadline(ctx, role, "--data", t.TempDir())
			for _, v := range engineVariables {
				cmd.Env = append(cmd.Env, v+"=")
			}
			cmd.Env = append(cmd.Env, "KAFKA_BROKERS=127.0.0.1:1", "SCHEMA_REGISTRY_URL="+registry.URL, "LEADLINE_LISTEN=127.0.0.1:0", "LEADLINE_HEALTH_LISTEN=127.0.0.1:0",
				"CLICKHOUSE_DSN=clickhouse://127.0.0.1:1/x", "ELASTICSEARCH_URL=http://127.0.0.1:1", "LEADLINE_API_TOKEN=0123456789012345678901234")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			select {
			case <-answered:
				stop()
				<-ended
			case err := <-ended:
				t.Errorf("it ended after %d requests: %v\n%s", asked.Load(), err, stderr)
			case <-time.After(time.Minute):
				t.Errorf("after %d requests it asks no longer", asked.Load())
			}
		})
	}
}
