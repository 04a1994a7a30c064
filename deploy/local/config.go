package local

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// maxBatchBytes is the largest record batch the broker takes. Kafka's default of 1 MB is less than a long meeting with
	// its transcript; producers must raise ProducerBatchMaxBytes to match.
	maxBatchBytes = 16 << 20

	// segmentBytes is how much is deleted at once. A segment is deleted whole, so 16 MiB is also by how much a partition
	// exceeds its retention.
	segmentBytes = 16 << 20

	// minRetentionBytes is two of the largest batches. With less than one, retention by bytes removes even the last batch,
	// and a partition without a batch restarts at offset 0: every consumer group then skips what comes next.
	minRetentionBytes = 2 * maxBatchBytes

	defaultMaxLogBytes = 1 << 30
	defaultFoldBytes   = 32 << 20
)

// Topic is what this package needs to know of a topic: how it is kept small.
type Topic struct {
	Name string
	// Compacted says that only the latest record of each key counts. Such a topic is folded at start and never trimmed.
	Compacted bool
	// RetentionBytes is how much of each partition is kept, in bytes, beside what a consumer group has still to read; 0 keeps all.
	// Less than 32 MiB is read as 32 MiB.
	RetentionBytes int64
}

// Schema is one line of the append-only schema manifest. An id belongs to one version of one subject for ever.
type Schema struct {
	Subject     string
	Version, ID int
	Text        string // Avro, as JSON
}

// Config is what Open needs. Only Dir is required.
type Config struct {
	// Dir is the directory that everything lives in. It is created if it does not exist.
	Dir string
	// KafkaPort and RegistryPort are TCP ports on 127.0.0.1; 0 takes any free one, and may take another at each start.
	KafkaPort, RegistryPort int
	// Topics says which topics are folded and trimmed. A topic that is not named here is left alone.
	Topics []Topic
	// Schemas is the whole content of the registry.
	Schemas []Schema
	// MaxLogBytes caps the log of all topics together; 0 means 1 GiB. A start reads the whole log into memory.
	MaxLogBytes int64
	// FoldBytes is how much the compacted topics must hold before a start folds them; 0 means 32 MiB.
	FoldBytes int64
	// Log gets warnings and one line at start; nil discards them.
	Log *slog.Logger
	// Registerer gets the leadline_local_* metrics; nil registers none.
	Registerer prometheus.Registerer
}

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" {
		return c, errors.New("local engines: no directory given")
	}
	if c.MaxLogBytes == 0 {
		c.MaxLogBytes = defaultMaxLogBytes
	}
	if c.FoldBytes == 0 {
		c.FoldBytes = defaultFoldBytes
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	seen := make(map[string]bool, len(c.Topics))
	for _, t := range c.Topics {
		if t.Name == "" || seen[t.Name] {
			return c, fmt.Errorf("local engines: topic %q is empty or named twice", t.Name)
		}
		seen[t.Name] = true
	}
	return c, nil
}

// TopicConfig returns the settings with which every topic must be created on the embedded broker: cleanup.policy=delete and no
// retention. Folding takes the place of the broker's compaction, which loses the whole partition when it is killed half way, and
// retention.go that of its retention, which deletes what nobody has read.
func TopicConfig() map[string]*string {
	value := func(n int64) *string { s := strconv.FormatInt(n, 10); return &s }
	policy := "delete"
	return map[string]*string{
		"cleanup.policy":    &policy,
		"retention.ms":      value(-1),
		"retention.bytes":   value(-1),
		"segment.bytes":     value(segmentBytes),
		"max.message.bytes": value(maxBatchBytes),
	}
}

// brokerConfigs are settings of the whole broker. The guard refuses to change them on a running one.
func brokerConfigs() map[string]string {
	return map[string]string{
		// The default of 7 days applies to all topics as soon as one topic has any retention, and empties them.
		"log.retention.ms":  "-1",
		"log.segment.bytes": strconv.Itoa(segmentBytes),
		"message.max.bytes": strconv.Itoa(maxBatchBytes),
		// A year. With the default of 7 days, a laptop that was closed for a week forgets how far it had read.
		"offsets.retention.minutes": "525600",
	}
}
