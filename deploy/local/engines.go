package local

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/twmb/franz-go/pkg/kfake"
)

// Engines are an open broker and an open registry on one directory.
type Engines struct {
	cfg          Config
	metrics      *metrics
	lock         *flock.Flock
	log          generation
	cluster      *kfake.Cluster
	brokers      []string
	registry     *registry
	bootID       string
	retention    map[string]int64 // of the topics that are trimmed, a partition
	trimInterval time.Duration
	trimming     sync.Mutex // held while segments are deleted, or must not be
	close        func() error
}

// Open takes the directory, mends what a kill left behind, folds the compacted topics when that pays, and starts the broker and
// the registry. It returns when both answer. The error is ErrInUse when another process holds the directory. ctx only covers the
// opening.
func Open(ctx context.Context, cfg Config) (_ *Engines, err error) {
	cfg, err = cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if _, err := newManifest(cfg.Schemas); err != nil {
		return nil, fmt.Errorf("schema manifest: %w", err)
	}
	e := &Engines{cfg: cfg, metrics: newMetrics(), retention: retentions(cfg.Topics), trimInterval: trimInterval,
		bootID: newBootID()}
	e.close = sync.OnceValue(e.closeOnce)
	defer func() {
		if err != nil {
			err = errors.Join(err, e.Close())
		}
	}()
	if e.lock, err = lockDir(cfg.Dir); err != nil {
		return nil, err
	}
	if err := e.metrics.register(cfg.Registerer); err != nil {
		e.cfg.Registerer = nil // What is registered belongs to somebody else.
		return nil, err
	}
	limitMemory(cfg.MaxLogBytes)
	if err := e.prepareLog(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("opening the embedded broker: %w", err)
	}
	blind, err := blindTails(e.log)
	if err != nil {
		return nil, err
	}
	if e.cluster, err = openBroker(cfg, e.log, e.metrics); err != nil {
		return nil, err
	}
	e.brokers = e.cluster.ListenAddrs()
	if err = closeTails(ctx, e.brokers, e.bootID, blind); err != nil {
		return nil, err
	}
	if err = unretain(ctx, e.brokers, e.retention); err != nil {
		return nil, err
	}
	manifest, err := keepSchemas(cfg.Dir, cfg.Schemas, cfg.Log)
	if err != nil {
		return nil, err
	}
	if e.registry, err = openRegistry(ctx, manifest, cfg.RegistryPort, cfg.Log); err != nil {
		return nil, err
	}
	// The broker has read every segment into memory to find the batches in it, and keeps about 80 bytes of each batch.
	debug.FreeOSMemory()
	cfg.Log.Info("embedded Kafka broker is a single node: at-least-once, not replicated", "dir", cfg.Dir, "brokers", e.brokers,
		"registry", e.RegistryURL())
	return e, nil
}

// prepareLog leaves e.log as the one generation there is, mended and folded.
func (e *Engines) prepareLog() (err error) {
	if e.log, err = currentGeneration(e.cfg.Dir); err != nil {
		return err
	}
	f := folder{compacted: names(e.cfg.Topics, isCompacted), minBytes: e.cfg.FoldBytes, step: func(string) {}}
	pays, err := f.worthwhile(e.log)
	if err != nil {
		return err
	}
	if pays {
		start := time.Now()
		next, err := f.fold(e.log)
		switch {
		case err == nil:
			e.metrics.foldSeconds.Observe(time.Since(start).Seconds())
		case next == e.log:
			// The log is whole but larger than it could be, which is no reason not to start.
			e.metrics.foldFailures.Inc()
			e.cfg.Log.Warn("compacted topics could not be folded", "error", err)
		default:
			return err
		}
		e.log = next
	}
	mended, err := repair(e.log)
	e.metrics.repairs.Add(float64(mended))
	if err != nil {
		return err
	}
	_, total, err := logSegments(e.log)
	e.metrics.logBytes.Set(float64(total))
	return err
}

// limitMemory makes the collector work harder while the log is read, so that the garbage of a start does not add up to several
// times the log. 1 GiB is for all the rest of the process. A limit that the user has set stays.
func limitMemory(maxLogBytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" && debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(maxLogBytes + 1<<30)
	}
}

func newBootID() string { return rand.Text()[:16] }

// Brokers returns the addresses of the broker, as Kafka clients take them.
func (e *Engines) Brokers() []string { return append([]string(nil), e.brokers...) }

// RegistryURL returns the base address of the schema registry.
func (e *Engines) RegistryURL() string { return e.registry.url() }

// BootID is new at each start and must be a part of every transactional id. The broker writes no end marker for a transaction
// that a kill cuts. If the next process used the same id, its first commit would commit what was cut.
func (e *Engines) BootID() string { return e.bootID }

// Close stops the registry and the broker and gives the directory back. All clients must be closed before, consumers first;
// otherwise what they were sending is lost and their own Close waits for a broker that is gone. It may be called twice.
func (e *Engines) Close() error { return e.close() }

func (e *Engines) closeOnce() error {
	var errs []error
	if e.registry != nil {
		errs = append(errs, e.registry.close())
	}
	if e.cluster != nil {
		e.cluster.Close()
	}
	if e.lock != nil {
		e.metrics.unregister(e.cfg.Registerer)
		if err := e.lock.Close(); err != nil {
			errs = append(errs, fmt.Errorf("unlocking data directory: %w", err))
		}
	}
	return errors.Join(errs...)
}
