package elasticsearch

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestTombstonesArePurgedDailyAndFailuresDoNotEndIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const keep, days = 90 * 24 * time.Hour, 10
		var calls []time.Time
		var log bytes.Buffer
		p := newPurging(func(_ context.Context, before time.Time) (int, error) {
			if want := time.Now().Add(-keep); !before.Equal(want) {
				t.Errorf("before %v, want %v", before, want)
			}
			if calls = append(calls, time.Now()); len(calls) == 2 {
				return 1, errors.New("down")
			}
			return 3, nil
		}, keep, prometheus.NewRegistry(), slog.New(slog.NewTextHandler(&log, nil)))
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), days*24*time.Hour)
		defer cancel()
		if err := p.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if len(calls) < days-1 || len(calls) > days+2 || calls[0].Sub(began) > time.Hour {
			t.Fatalf("%d purges, the first after %v", len(calls), calls[0].Sub(began))
		}
		for i := range calls[1:] {
			if d := calls[i+1].Sub(calls[i]); d < 21*time.Hour || d > 27*time.Hour {
				t.Errorf("%v between two purges", d)
			}
		}
		if n := testutil.ToFloat64(p.purged); n != float64(3*len(calls)-2) {
			t.Errorf("%v tombstones in %d purges", n, len(calls))
		}
		if testutil.ToFloat64(p.failures) != 1 || strings.Count(log.String(), "level=WARN") != 1 || testutil.ToFloat64(p.last) == 0 {
			t.Errorf("%v failures, last %v, said %s", testutil.ToFloat64(p.failures), testutil.ToFloat64(p.last), &log)
		}
	})
}
