package boot

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestARoleWaitsForWhatItNeedsAndReadyzSaysForWhat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := &Process{Log: slog.New(slog.NewTextHandler(&log, nil))}
		var up, runs atomic.Bool
		store := &Need{Name: "clickhouse", Check: func(context.Context) error {
			if !up.Load() {
				return errors.New("connecting:\nrefused")
			}
			return nil
		}}
		role := func(name string) Role {
			return Role{Name: name, Needs: []*Need{store}, Run: func(ctx context.Context) error {
				runs.Store(true)
				<-ctx.Done()
				return nil
			}}
		}
		free := Role{Name: "free", Run: func(ctx context.Context) error { <-ctx.Done(); return nil }}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx, []Role{free, role("sink"), role("another")}, nil) }()
		reg := prometheus.NewRegistry()
		reg.MustRegister(p)
		readyz := func() (int, string) {
			w := httptest.NewRecorder()
			p.Health(reg).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
			return w.Code, w.Body.String()
		}
		<-time.After(time.Hour)
		if code, text := readyz(); code != http.StatusServiceUnavailable || text != "waiting for clickhouse: connecting: refused\n" {
			t.Errorf("%d %q", code, text)
		}
		if runs.Load() || testutil.ToFloat64(p) != 1 || strings.Count(log.String(), "level=WARN") != 1 {
			t.Errorf("runs %t, metric %v, said %s", runs.Load(), testutil.ToFloat64(p), &log)
		}
		up.Store(true)
		<-time.After(10 * time.Second)
		if code, _ := readyz(); code != http.StatusOK || !runs.Load() || testutil.ToFloat64(p) != 0 {
			t.Errorf("%d, runs %t, metric %v", code, runs.Load(), testutil.ToFloat64(p))
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestAProcessEndsWhileItWaitsAndWhereWaitingIsHopeless(t *testing.T) {
	t.Parallel()
	for name, hopeless := range map[string]bool{"told to stop": false, "hopeless": true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			need := &Need{Name: "kafka", Check: func(context.Context) error {
				if hopeless {
					return &Hopeless{errors.New("too old")}
				}
				return errors.New("refused")
			}}
			role := Role{Name: "stage", Needs: []*Need{need}, Run: func(context.Context) error {
				t.Errorf("%s: it runs", name)
				return nil
			}}
			if !hopeless {
				time.AfterFunc(time.Minute, cancel)
			}
			err := new(Process).Run(ctx, []Role{role}, func() { t.Errorf("%s: started", name) })
			cancel()
			if (err != nil) != hopeless || (hopeless && err.Error() != "kafka: too old") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}
