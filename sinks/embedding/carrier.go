package embedding

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Carrier carries entries' vectors into a store.
type Carrier struct {
	Name     string // of the sink
	Space    Space
	Store    Store
	Endpoint *Endpoint
	Codec    *schemas.Codec
	Metrics  *Metrics
	Sinks    *sink.Metrics
	Log      *slog.Logger
	// MostRejected is of sink.Loop.
	MostRejected int
}

// A batch is small, because a slow model takes a second for two texts, and a
// member that does not come back within the group's 60 s is expelled.
const (
	batchRows = 16
	batchTime = 40 * time.Second
	// pause is between two looks at what is to be done by now.
	pause = 2 * time.Second
)

// Run carries until ctx ends.
func (c *Carrier) Run(ctx context.Context, kafka ...kgo.Opt) error {
	group, err := c.begin(ctx)
	if err != nil || ctx.Err() != nil {
		return err
	}
	admin, err := kgo.NewClient(kafka...)
	if err != nil {
		return fmt.Errorf("building the admin client of %s: %w", c.Name, err)
	}
	defer admin.Close()
	watching, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.serve(watching, kadm.NewClient(admin), group)
	}()
	loop := sink.Loop[schemas.Entry]{
		Name: c.Name, Group: group, Topic: schemas.KnowledgeEntries, Codec: c.Codec, Sink: c,
		Version: sink.ByHeader, Metrics: c.Sinks, Log: c.Log, Limits: sink.Limits{Rows: batchRows, Try: batchTime},
		MostRejected: c.MostRejected,
	}
	err = loop.Run(ctx, kafka...)
	stop()
	<-done
	return err
}

// begin waits for the store, and names the group.
func (c *Carrier) begin(ctx context.Context) (group string, err error) {
	for warned := false; ctx.Err() == nil; {
		generation, err := c.Store.BeginVectors(ctx, c.Space)
		if err == nil {
			return "sink-" + c.Name + "-" + c.Space.ID() + "-" + generation, nil
		}
		c.Metrics.failures.Inc()
		if !warned && ctx.Err() == nil {
			c.Log.Warn("the store has no room for vectors yet, and is asked again", "sink", c.Name, "err", schemas.Excerpt(err.Error()))
			warned = true
		}
		wait(ctx)
	}
	return "", nil
}

// serve lets searches use the space when every entry that there is has been
// carried.
func (c *Carrier) serve(ctx context.Context, admin *kadm.Client, group string) {
	for ctx.Err() == nil {
		if done, err := through(ctx, admin, group); err == nil && done {
			if err = c.Store.ServeVectors(ctx, c.Space); err == nil {
				c.Metrics.serving.Set(1)
				c.dropGroups(ctx, admin, group)
				return
			}
			c.Metrics.failures.Inc()
		}
		wait(ctx)
	}
}

// dropGroups removes the groups of spaces that are removed. Nobody reads for
// them any more, and whoever waits until each sink has read an erasure would
// wait for them. One that still has members stays, and Kafka forgets it later.
func (c *Carrier) dropGroups(ctx context.Context, admin *kadm.Client, own string) {
	all, err := admin.ListGroups(ctx)
	others := slices.DeleteFunc(all.Groups(), func(name string) bool {
		return name == own || !strings.HasPrefix(name, "sink-"+c.Name+"-")
	})
	var dropped kadm.DeleteGroupResponses
	if err == nil && len(others) > 0 {
		dropped, err = admin.DeleteGroups(ctx, others...)
	}
	if err = errors.Join(err, dropped.Error()); err != nil && ctx.Err() == nil {
		c.Log.Warn("the group of a model before stays: erasures wait for it until Kafka forgets it", "sink", c.Name, "err", err)
	}
}

// through says whether the group has committed up to the topic's ends.
func through(ctx context.Context, admin *kadm.Client, group string) (bool, error) {
	topic := schemas.KnowledgeEntries.Name
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err != nil {
		return false, err
	}
	ends, err := admin.ListCommittedOffsets(ctx, topic)
	if err != nil {
		return false, err
	}
	committed, err := admin.FetchOffsetsForTopics(ctx, group, topic)
	if err != nil {
		return false, err
	}
	partitions := 0
	behind := false
	ends.Each(func(end kadm.ListedOffset) {
		partitions++
		start, _ := starts.Lookup(topic, end.Partition)
		at := start.Offset
		if o, ok := committed.Lookup(topic, end.Partition); ok && o.Err == nil {
			at = max(at, o.At)
		}
		behind = behind || end.Err != nil || start.Err != nil || at < end.Offset
	})
	return partitions > 0 && !behind, nil
}

func wait(ctx context.Context) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// Write is of sink.Sink. What the sink of entries makes dead letters of is left
// out here.
func (c *Carrier) Write(ctx context.Context, b sink.Batch[schemas.Entry]) error {
	bad := sink.Check(b, sink.Entry)
	all := make([]Vector, 0, len(b))
	var digests []string
	for i, r := range b {
		if bad[i] != nil {
			continue
		}
		v := Vector{Key: r.Key, Version: r.Version, Entry: r.Value}
		if r.Value != nil {
			v.Digest = Digest(r.Value.Text)
			digests = append(digests, v.Digest)
		}
		all = append(all, v)
	}
	known, err := c.Store.KnownVectors(ctx, c.Space, digests)
	if err != nil {
		return fmt.Errorf("looking for known vectors: %w", err)
	}
	if known, err = c.embed(ctx, all, known); err != nil {
		return err
	}
	for i, v := range all {
		if v.Entry == nil {
			continue
		}
		if all[i].Values = known[v.Digest]; all[i].Values == nil {
			all[i].Entry = nil // none: what an older version had goes
		}
	}
	err = c.Store.PutVectors(ctx, c.Space, all)
	var never *sink.Unstorable
	switch {
	case errors.As(err, &never):
		c.Log.Warn("the store does not take some vectors; the sink of entries keeps such entries as dead letters", "sink", c.Name, "vectors", len(never.Rows))
	case err != nil:
		return fmt.Errorf("writing vectors: %w", err)
	}
	return nil
}

// embed adds what is not known yet.
func (c *Carrier) embed(ctx context.Context, all []Vector, known map[string][]float32) (map[string][]float32, error) {
	if known == nil {
		known = make(map[string][]float32)
	}
	var texts, digests []string
	asked := make(map[string]bool)
	for _, v := range all {
		switch {
		case v.Entry == nil || asked[v.Digest]:
		case known[v.Digest] != nil:
			c.Metrics.known.Inc()
		default:
			asked[v.Digest] = true
			texts, digests = append(texts, v.Entry.Text), append(digests, v.Digest)
		}
	}
	values, err := c.ask(ctx, texts)
	if err != nil {
		return nil, err
	}
	for i, d := range digests {
		known[d] = values[i]
	}
	return known, nil
}

// ask embeds texts; nil is one that the endpoint refuses. Where it refuses
// some of many, each is asked for alone.
func (c *Carrier) ask(ctx context.Context, texts []string) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	values, err := c.Endpoint.Embed(ctx, c.Space.Model, c.Space.Dimension, texts)
	refused := (*Refused)(nil)
	switch {
	case err == nil:
		c.Metrics.embedded.Add(float64(len(texts)))
		return values, nil
	case !errors.As(err, &refused):
		c.Metrics.failures.Inc()
		return nil, err
	case len(texts) == 1:
		if err := c.takesAny(ctx); err != nil {
			c.Metrics.failures.Inc()
			return nil, err
		}
		c.Metrics.refused.Inc()
		c.Log.Warn("an entry has no vector, and is found by its words", "sink", c.Name, "err", refused.Error())
		return [][]float32{nil}, nil
	}
	values = make([][]float32, len(texts))
	for i := range texts {
		one, err := c.ask(ctx, texts[i:i+1])
		if err != nil {
			return nil, err
		}
		values[i] = one[0]
	}
	return values, nil
}

// takesAny says whether the endpoint takes a text that nothing is wrong with. One
// that answers as for a bad text because the model's name is wrong would leave
// every entry without a vector, for good.
func (c *Carrier) takesAny(ctx context.Context) error {
	_, err := c.Endpoint.Embed(ctx, c.Space.Model, c.Space.Dimension, []string{"yes"})
	if refused := (*Refused)(nil); errors.As(err, &refused) {
		return fmt.Errorf("the endpoint takes no text at all: %s", refused.Error())
	}
	return err
}
