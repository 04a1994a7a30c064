package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot"
	"leadline/schemas"
	"leadline/sinks/sink"
)

// rebuilding is how leadline replay is told to fill a store anew.
type rebuilding struct {
	Store      string   `enum:"clickhouse,elasticsearch,embedded," default:"" help:"Empty this store and fill it again from Kafka: clickhouse, elasticsearch or embedded."`
	Part       []string `enum:"meetings,progress,usage,hits,directory,entries" help:"With --store: only these parts of it: meetings, progress, usage, hits, directory, entries. Default: all that it has."`
	Yes        bool     `help:"With --store: do it. Without, it is only said what would be done."`
	AcceptLoss bool     `help:"With --store: also where the topics no longer have all that the store holds."`
}

func (r rebuilding) check() error {
	if r.Store == "" && (len(r.Part) > 0 || r.Yes || r.AcceptLoss) {
		return errors.New("--part, --yes and --accept-loss go with --store")
	}
	return nil
}

// partsOf are what each store has, and filledBy the topics that fill it.
var (
	partsOf = map[string][]sink.Part{
		"clickhouse":    {sink.PartMeetings, sink.PartProgress, sink.PartUsage, sink.PartHits, sink.PartDirectory},
		"elasticsearch": {sink.PartEntries},
		"embedded":      {sink.PartMeetings, sink.PartProgress, sink.PartUsage, sink.PartHits, sink.PartDirectory, sink.PartEntries},
	}
	filledBy = map[sink.Part]schemas.Spec{
		sink.PartMeetings: schemas.MeetingRows.Spec, sink.PartProgress: schemas.MeetingProgress.Spec, sink.PartUsage: schemas.DistillationUsage.Spec,
		sink.PartHits: schemas.RuleHits.Spec, sink.PartDirectory: schemas.Directory.Spec, sink.PartEntries: schemas.KnowledgeEntries.Spec,
	}
)

// parts are those that were asked for, of the store that was.
func (r rebuilding) parts() ([]sink.Part, error) {
	all := partsOf[r.Store]
	if len(r.Part) == 0 {
		return all, nil
	}
	var some []sink.Part
	for _, name := range r.Part {
		if !slices.Contains(all, sink.Part(name)) {
			return nil, &usageError{fmt.Errorf("--part=%s: %s has none; it has %v", name, r.Store, all)}
		}
		some = append(some, sink.Part(name))
	}
	return some, nil
}

// emptied is a store that can be filled anew. Empty may be called again; after
// an error of it a part of what was there may be gone.
type emptied interface {
	Count(ctx context.Context, part sink.Part) (int, error)
	Empty(ctx context.Context, part sink.Part) error
}

// refill empties parts of a store and reads their topics from the beginning.
type refill struct {
	store string
	parts []sink.Part
	// whole says that a compacted topic has the latest record of every key
	// although the broker's cleanup is not compaction: the embedded one folds.
	whole bool
	admin *kadm.Client
	roles []boot.Role // of all sinks of the store
	plant *plant
}

// held is what a part and its topic have before anything is done.
type held struct {
	part      sink.Part
	topic     schemas.Spec
	group     string
	starts    kadm.ListedOffsets
	ends      kadm.ListedOffsets
	compacted bool
	stored    int
}

func (h held) records() (n int64) {
	h.starts.Each(func(start kadm.ListedOffset) {
		if end, ok := h.ends.Lookup(start.Topic, start.Partition); ok {
			n += end.Offset - start.Offset
		}
	})
	return n
}

// losing says what could not be filled again. A compacted topic begins with the
// latest record of each key, wherever that is; any other has lost what was
// before its beginning.
func (h held) losing() error {
	switch {
	case h.stored == 0:
		return nil
	case h.records() == 0:
		return fmt.Errorf("%s: the store holds %d, and %s nothing", h.part, h.stored, h.topic.Name)
	case h.compacted:
		return nil
	}
	var err error
	h.starts.Each(func(start kadm.ListedOffset) {
		if start.Offset > 0 && err == nil {
			err = fmt.Errorf("%s: %s no longer has its oldest records, partition %d begins at %d", h.part, start.Topic, start.Partition, start.Offset)
		}
	})
	return err
}

// look asks for everything before anything changes.
func (r *refill) look(ctx context.Context, store emptied) ([]held, error) {
	all := make([]held, len(r.parts))
	for i, part := range r.parts {
		h := held{part: part, topic: filledBy[part], group: "sink-" + r.store + "-" + string(part), compacted: r.whole && filledBy[part].Compacted}
		var err error
		if h.starts, err = r.admin.ListStartOffsets(ctx, h.topic.Name); err == nil {
			err = h.starts.Error()
		}
		if err == nil {
			if h.ends, err = r.admin.ListEndOffsets(ctx, h.topic.Name); err == nil {
				err = h.ends.Error()
			}
		}
		if err != nil {
			return nil, fmt.Errorf("asking what %s has: %w", h.topic.Name, err)
		}
		if h.topic.Compacted && !r.whole {
			if h.compacted, err = r.compacts(ctx, h.topic.Name); err != nil {
				return nil, err
			}
		}
		if h.stored, err = store.Count(ctx, part); err != nil {
			return nil, err
		}
		all[i] = h
	}
	return all, nil
}

func (r *refill) compacts(ctx context.Context, topic string) (bool, error) {
	configs, err := r.admin.DescribeTopicConfigs(ctx, topic)
	if err != nil {
		return false, fmt.Errorf("reading the settings of %s: %w", topic, err)
	}
	config, err := configs.On(topic, nil)
	if err = errors.Join(err, config.Err); err != nil {
		return false, fmt.Errorf("reading the settings of %s: %w", topic, err)
	}
	return slices.ContainsFunc(config.Configs, func(c kadm.Config) bool {
		return c.Key == "cleanup.policy" && c.MaybeValue() == "compact"
	}), nil
}

// plan says what would be done, and what would be lost by it.
func (r *refill) plan(all []held) error {
	var lost []error
	for _, h := range all {
		fmt.Printf("%-10s the store holds %d; %s has %d records\n", h.part, h.stored, h.topic.Name, h.records())
		if err := h.losing(); err != nil {
			lost = append(lost, err)
		}
	}
	return errors.Join(lost...)
}

// emptyWithin is for members of a group that were killed, which a broker counts
// for 45 s more, and for those that come back under their name for as long.
const emptyWithin = time.Minute

// idle waits until nobody is in the groups.
func (r *refill) idle(ctx context.Context, all []held) error {
	deadline := time.Now().Add(emptyWithin)
	for told := false; ; told = true {
		var busy []string
		for _, h := range all {
			groups, err := r.admin.DescribeGroups(ctx, h.group)
			if err == nil {
				err = groups.Error()
			}
			if errors.Is(err, kerr.GroupIDNotFound) { // nobody was ever in it, or Kafka has forgotten it
				continue
			}
			if err != nil {
				return fmt.Errorf("asking who is in the group %s: %w", h.group, err)
			}
			if len(groups[h.group].Members) > 0 {
				busy = append(busy, h.group)
			}
		}
		switch {
		case len(busy) == 0:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("sinks still run in the groups %s: stop them first; nothing was changed", strings.Join(busy, ", "))
		case !told:
			fmt.Fprintln(os.Stderr, "Sinks that were stopped just now count as running for up to a minute; waiting for them.")
		}
		pause := time.NewTimer(time.Second)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}

// run rewinds first and empties then: killed in between, the sinks read again
// what the store still has, which changes nothing. The other way round it would
// stay empty.
func (r *refill) run(ctx context.Context, store emptied, all []held) error {
	if err := r.idle(ctx, all); err != nil {
		return err
	}
	began := time.Now()
	if err := r.rewind(ctx, all); err != nil {
		return err
	}
	for _, h := range all {
		if err := store.Empty(ctx, h.part); err != nil {
			return fmt.Errorf("%w (run it again)", err)
		}
	}
	if err := r.fill(ctx, all); err != nil {
		return err
	}
	var fewer []error
	for _, h := range all {
		now, err := store.Count(ctx, h.part)
		if err != nil {
			return err
		}
		fmt.Printf("%-10s the store holds %d, from %d records\n", h.part, now, h.records())
		if now < h.stored {
			fewer = append(fewer, fmt.Errorf("%s: the store held %d, and now %d", h.part, h.stored, now))
		}
	}
	fmt.Printf("Filled again in %v.\n", time.Since(began).Round(time.Millisecond))
	return errors.Join(fewer...)
}

func (r *refill) rewind(ctx context.Context, all []held) error {
	for _, h := range all {
		if err := r.admin.CommitAllOffsets(ctx, h.group, h.starts.Offsets()); err != nil {
			return fmt.Errorf("rewinding the group %s: %w", h.group, err)
		}
	}
	return nil
}

// fill runs the sinks until they have read what there was.
func (r *refill) fill(ctx context.Context, all []held) error {
	names := make([]string, len(all))
	for i, h := range all {
		names[i] = r.store + "-" + string(h.part)
	}
	roles, err := only(r.roles, names)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	process := &boot.Process{Log: r.plant.log}
	go func() { ended <- process.Run(running, roles, nil) }()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	shown := time.Now()
	for {
		select {
		case err := <-ended:
			if err = errors.Join(err, ctx.Err()); err == nil {
				err = errors.New("the sinks ended by themselves")
			}
			return fmt.Errorf("%w (it goes on where it was when the sinks start; run it again to begin anew)", err)
		case <-tick.C:
		}
		left, err := r.left(running, all)
		if ctx.Err() != nil || err != nil {
			continue // the sinks wait for a broker that is away; so does this
		}
		if left == 0 {
			stop()
			return <-ended
		}
		if time.Since(shown) > 5*time.Second {
			shown = time.Now()
			fmt.Fprintf(os.Stderr, "%d records are still to be read\n", left)
		}
	}
}

// left is how many records the groups have not read of those that there were.
func (r *refill) left(ctx context.Context, all []held) (n int64, err error) {
	for _, h := range all {
		read, err := r.admin.FetchOffsets(ctx, h.group)
		if err != nil {
			return 0, err
		}
		h.ends.Each(func(end kadm.ListedOffset) {
			at, _ := read.Lookup(end.Topic, end.Partition)
			n += max(0, end.Offset-max(0, at.At))
		})
	}
	return n, nil
}

// rebuild fills the store again.
func (c *replayCommand) rebuild(ctx context.Context, g *Globals) error {
	if c.Store == "embedded" {
		return c.rebuildEmbedded(ctx, g)
	}
	parts, err := c.parts()
	if err != nil {
		return err
	}
	p, err := c.visit(ctx, g)
	if err != nil {
		return err
	}
	s, err := c.open()
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	var store emptied
	switch {
	case c.Store == "clickhouse" && s.Store != nil:
		store = s.Store
	case c.Store == "elasticsearch" && s.knowledge != nil:
		store = s.knowledge
	default:
		return &usageError{fmt.Errorf("--store=%s wants CLICKHOUSE_DSN or ELASTICSEARCH_URL, whichever it is", c.Store)}
	}
	client, err := kgo.NewClient(p.kafka...)
	if err != nil {
		return fmt.Errorf("building Kafka's client: %w", err)
	}
	defer client.Close()
	if err := boot.Reach(ctx, p.kafka); err != nil {
		return err
	}
	p.mostRejected, p.endAtBurst = c.MostRejected, true
	r := &refill{store: c.Store, parts: parts, admin: kadm.NewClient(client), roles: s.sinks(p, 0), plant: p}
	all, err := c.planned(ctx, r, store)
	if err != nil || all == nil {
		return err
	}
	return r.run(ctx, store, all)
}

// planned is nil where nothing is to be done.
func (c *replayCommand) planned(ctx context.Context, r *refill, store emptied) ([]held, error) {
	all, err := r.look(ctx, store)
	if err != nil {
		return nil, err
	}
	if lost := r.plan(all); lost != nil {
		if !c.AcceptLoss {
			return nil, fmt.Errorf("%w; nothing was changed: name the other parts with --part, or say --accept-loss", lost)
		}
		fmt.Println("What is lost was accepted:", lost)
	}
	if !c.Yes {
		fmt.Println("Nothing was changed; --yes does it.")
		return nil, nil
	}
	return all, nil
}
