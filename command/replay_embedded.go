package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot"
	"leadline/deploy/local"
	"leadline/sinks/embedded"
)

// copyFile is what a replay fills.
func copyFile(data string) string { return storeFile(data) + ".new" }

// rebuildEmbedded fills a copy of the store, and puts it in the store's place
// when it is whole. Killed before, the store is as it was, and its sinks read
// again what it has.
func (c *replayCommand) rebuildEmbedded(ctx context.Context, g *Globals) (err error) {
	parts, err := c.parts()
	if err != nil {
		return err
	}
	if _, err := os.Stat(g.Data); err != nil {
		return &usageError{fmt.Errorf("there is no Leadline in %s: %w", g.Data, err)}
	}
	p := newPlant(g)
	const largest = 1 << 40 // nothing is cut off here: only leadline up knows its cap
	engines, err := openEngines(ctx, local.Config{Dir: g.Data, MaxLogBytes: largest, Log: p.log, Registerer: p.registry})
	if errors.Is(err, local.ErrInUse) {
		return fmt.Errorf("%w: the embedded store is filled again while leadline up does not run", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engines.Close()) }()
	k := boot.Kafka{Brokers: engines.Brokers(), RegistryURL: engines.RegistryURL(), ClientID: "leadline-replay"}
	p.kafka = k.Options(p.registry, p.log)
	if p.codec, err = k.Codec(ctx); err != nil {
		return err
	}
	if err := rereadAfterReplay(ctx, p); err != nil {
		return err
	}
	next := copyFile(g.Data)
	store, err := copyStore(ctx, storeFile(g.Data), next)
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(p.kafka...)
	if err != nil {
		return errors.Join(fmt.Errorf("building Kafka's client: %w", err), store.Close())
	}
	p.mostRejected, p.endAtBurst = c.MostRejected, true
	r := &refill{store: "embedded", parts: parts, whole: true, admin: kadm.NewClient(client), roles: p.sinks(store), plant: p}
	all, err := c.planned(ctx, r, store)
	if err == nil && all != nil {
		err = r.run(ctx, store, all)
	}
	client.Close() // before the broker
	if err = errors.Join(err, store.Close()); err != nil {
		again, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return errors.Join(err, rereadAfterReplay(again, p))
	}
	if all == nil {
		return os.Remove(next)
	}
	return os.Rename(next, storeFile(g.Data))
}

// rereadAfterReplay removes the copy of a replay that failed or was killed, and
// has the store's sinks read again: what they had read into the copy counts as
// read, and the store may never have had it.
func rereadAfterReplay(ctx context.Context, p *plant) error {
	if _, err := os.Stat(copyFile(p.data)); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("looking for what a replay left: %w", err)
	}
	client, err := kgo.NewClient(p.kafka...)
	if err != nil {
		return fmt.Errorf("building Kafka's client: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	groups, err := admin.ListGroups(ctx)
	if err != nil {
		return fmt.Errorf("listing the sinks: %w", err)
	}
	for _, group := range groups.Groups() {
		if !strings.HasPrefix(group, "sink-embedded-") {
			continue
		}
		at, err := admin.FetchOffsets(ctx, group)
		if err = errors.Join(err, at.Error()); err != nil {
			return fmt.Errorf("asking how far %s is: %w", group, err)
		}
		if len(at) == 0 {
			continue
		}
		starts, err := admin.ListStartOffsets(ctx, slices.Collect(maps.Keys(at))...)
		if err = errors.Join(err, starts.Error()); err != nil {
			return fmt.Errorf("finding where %s begins: %w", group, err)
		}
		if err := admin.CommitAllOffsets(ctx, group, starts.Offsets()); err != nil {
			return fmt.Errorf("rewinding %s: %w", group, err)
		}
	}
	return errors.Join(dropped(copyFile(p.data)), dropped(copyFile(p.data)+"-wal"), dropped(copyFile(p.data)+"-shm"))
}

// copyStore opens a copy of the store, or an empty one where there is none. The
// store itself is opened and closed once, so that what a kill left in its
// write-ahead log is in the file: the log is not to be found beside the copy
// that takes its place.
func copyStore(ctx context.Context, path, to string) (_ *embedded.Store, err error) {
	if err := errors.Join(dropped(to), dropped(to+"-wal"), dropped(to+"-shm")); err != nil { // of one that was cut off
		return nil, err
	}
	if _, err := os.Stat(path); err == nil {
		old, err := embedded.Open(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("%w (move the file away, and it is made anew)", err)
		}
		if err := errors.Join(old.Copy(ctx, to), old.Close()); err != nil {
			return nil, err
		}
	} else if err := errors.Join(dropped(path+"-wal"), dropped(path+"-shm")); err != nil { // of a file that is lost
		return nil, err
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		return nil, fmt.Errorf("%s-wal is still there: another process reads the store, end it first", path)
	}
	return embedded.Open(ctx, to)
}

func dropped(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
