package stage

import (
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kgo"
)

// EmitRaw lets a test emit to a topic of its own.
func (tx *Tx) EmitRaw(r *kgo.Record) { tx.emitted = append(tx.emitted, r) }

// CrashAt makes the loop end as a kill would.
func (l *Loop) CrashAt(f func(step int) error) { l.crash = f }

// Halted says whether the stage stands still.
func (m *Metrics) Halted(stage string) bool {
	return testutil.ToFloat64(m.halted.WithLabelValues(stage)) == 1
}
