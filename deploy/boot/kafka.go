package boot

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kslog"

	"leadline/schemas"
)

// Kafka says how to reach the broker and the registry.
type Kafka struct {
	Brokers     []string
	RegistryURL string // of one that asks for nothing; else use Registry
	ClientID    string
}

// Options are what every client of the process starts from. Nobody else builds
// any: a limit or a credential that is set here holds everywhere.
func (k Kafka) Options(reg prometheus.Registerer, log *slog.Logger) []kgo.Opt {
	// Made once: kgo.NewClient rewrites the list that kgo.ProducerBatchCompression
	// takes, and clients that share these options are made at the same time. The
	// error is that of a codec that does not exist.
	//
	// Snappy: a meeting is compressed and read again on each of four hops, which
	// with zstd is half of what the whole chain takes of the processor. It leaves
	// 1.5 times the bytes of zstd (docs/benchmarks.md).
	compressor, _ := kgo.DefaultCompressor(kgo.SnappyCompression(), kgo.NoCompression())
	return []kgo.Opt{
		kgo.SeedBrokers(k.Brokers...),
		kgo.ClientID(k.ClientID),
		kgo.RecordPartitioner(schemas.Partitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		// Twice the largest record: the client's limit counts bytes before
		// compression and the batch around them.
		kgo.ProducerBatchMaxBytes(schemas.MaxRecordBytes),
		kgo.MaxBufferedBytes(4 * schemas.MaxRecordBytes),
		kgo.BrokerMaxReadBytes(8 * schemas.MaxRecordBytes),
		kgo.WithCompressor(compressor),
		// The default waits for more records; our batches are made before they
		// are produced.
		kgo.ProducerLinger(0),
		// A partition that moves is found again in seconds, not in the default
		// of five minutes' staleness.
		kgo.MetadataMaxAge(time.Minute),
		kgo.WithHooks(newTraffic(reg)),
		kgo.WithLogger(kslog.New(slog.New(minLevel{log.Handler(), slog.LevelWarn}))),
	}
}

// Reach asks one broker for a sign of life, once. A role waits for brokers, for
// days if it must; a command that somebody typed rather says what is wrong: the
// address, the certificate, the password.
func Reach(ctx context.Context, kafka []kgo.Opt) error {
	opts := append(slices.Clone(kafka),
		kgo.RequestRetries(0),
		kgo.WithLogger(kslog.New(slog.New(slog.DiscardHandler)))) // the error says it
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return fmt.Errorf("building Kafka's client: %w", err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	if err := client.Ping(ctx); err != nil {
		return fmt.Errorf("reaching Kafka: %w", err)
	}
	return nil
}

// reachTimeout is for a broker that takes the connection and says nothing.
const reachTimeout = 15 * time.Second

// Codec asks the registry for this build's schemas.
func (k Kafka) Codec(ctx context.Context) (*schemas.Codec, error) {
	return Registry{URL: k.RegistryURL}.Codec(ctx)
}

// minLevel lets only what matters through: the client tells of each rebalance
// and metadata update, which is normal operation.
type minLevel struct {
	slog.Handler
	level slog.Level
}

func (m minLevel) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= m.level && m.Handler.Enabled(ctx, l)
}
