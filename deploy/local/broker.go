package local

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
)

func openBroker(cfg Config, log generation, m *metrics) (*kfake.Cluster, error) {
	opts := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.ClusterID("leadline-embedded"),
		kfake.DataDir(log.dir()),
		kfake.SyncWrites(),
		kfake.BrokerConfigs(brokerConfigs()),
		kfake.WithLogger(&brokerLogger{cfg.Log, m.brokerWarnings}),
	}
	if cfg.KafkaPort != 0 {
		opts = append(opts, kfake.Ports(cfg.KafkaPort))
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		return nil, fmt.Errorf("opening the embedded broker: %w", err)
	}
	g := &guard{compacted: names(cfg.Topics, isCompacted), log: log, refused: m.refused}
	g.watch(cluster)
	return cluster, nil
}

func names(topics []Topic, which func(Topic) bool) map[string]bool {
	out := make(map[string]bool)
	for _, t := range topics {
		if which(t) {
			out[t.Name] = true
		}
	}
	return out
}

func isCompacted(t Topic) bool { return t.Compacted }

// retentions are of the topics that are trimmed.
func retentions(topics []Topic) map[string]int64 {
	out := make(map[string]int64)
	for _, t := range topics {
		if !t.Compacted && t.RetentionBytes > 0 {
			out[t.Name] = max(t.RetentionBytes, minRetentionBytes)
		}
	}
	return out
}

// brokerLogger passes on the broker's warnings and errors.
type brokerLogger struct {
	log      *slog.Logger
	warnings prometheus.Counter
}

func (l *brokerLogger) Logf(level kfake.LogLevel, format string, args ...any) {
	// Ending a transaction takes more than the 5 ms at which the broker warns whenever it syncs to a disk.
	if level > kfake.LogLevelWarn || strings.HasPrefix(format, "txn: EndTxn slow") {
		return
	}
	l.warnings.Inc()
	l.log.Warn("embedded broker", "message", fmt.Sprintf(format, args...))
}
