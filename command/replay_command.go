package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/console"
	"leadline/schemas"
)

type replayCommand struct {
	cluster
	storeFlags
	rebuilding
	haltFlags
	Stage   string    `enum:"distill" default:"distill" help:"Which: distill."`
	Since   time.Time `placeholder:"2026-03-02" help:"Meetings that started on this day or later. Default: all."`
	Meeting string    `help:"Only this one: its id, as organisation/recorder/recording."`
}

// Validate names what does not fit together.
func (c *replayCommand) Validate() error {
	return errors.Join(c.cluster.Validate(), c.storeFlags.Validate(), c.rebuilding.check(), c.haltFlags.check())
}

// Help says what it costs.
func (*replayCommand) Help() string {
	return `With --stage: judges stored meetings by today's rules, and asks a model again where it gave no usable answer. What was paid for
before is not paid for again: the same content, rules, model and prompt cost nothing. leadline rules test shows the
cost beforehand.

With --store: empties a store and fills it again from Kafka alone. Without --yes it says what it would do, and does nothing. The
sinks must not run, nor leadline up where the store is the embedded one. It refuses where the topics no longer have all that the
store holds. One that was cut off can be run again, or the sinks started: they go on where it was.

Examples:
  leadline replay --stage distill --since 2026-09-01
  leadline replay --stage distill --meeting main/fathom/910001
  leadline replay --store elasticsearch --yes
  leadline replay --store clickhouse --part meetings,directory --yes`
}

// Run asks for it; the stages do it.
func (c *replayCommand) Run(ctx context.Context, g *Globals) error {
	if c.Store != "" {
		return c.rebuild(ctx, g)
	}
	r, err := c.reach(ctx, g)
	if err != nil {
		return err
	}
	ids := []string{c.Meeting}
	if c.Meeting == "" {
		if ids, err = storedSince(ctx, g, c.Since); err != nil {
			return err
		}
	} else if _, _, _, err := schemas.SplitMeetingID(c.Meeting); err != nil {
		return &usageError{err}
	}
	client, err := kgo.NewClient(r.kafka...)
	if err != nil {
		return fmt.Errorf("building the producer of replays: %w", err)
	}
	defer client.Close()
	records := make([]*kgo.Record, len(ids))
	for i, id := range ids {
		value, err := schemas.Encode(r.codec, schemas.Replays, &schemas.ReplayRequested{MeetingID: id, Stage: c.Stage, At: time.Now().UTC()})
		if err != nil {
			return err
		}
		records[i] = &kgo.Record{Topic: schemas.Replays.Name, Key: []byte(id), Value: value}
	}
	about := fmt.Sprintf("%d meetings through %s", len(ids), c.Stage)
	if err := r.noted(ctx, g, "replay", about, client.ProduceSync(ctx, records...).FirstErr()); err != nil {
		return fmt.Errorf("asking for the replay: %w", err)
	}
	fmt.Printf("A replay of %d meetings through %s has been asked for.\n", len(ids), c.Stage)
	return nil
}

// storedSince lists the organisation's meetings that started on the day or later.
func storedSince(ctx context.Context, g *Globals, since time.Time) (ids []string, err error) {
	reader, closeReader, err := openReader(ctx, g)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closeReader()) }()
	return startedSince(ctx, reader, g.Org, since)
}

func startedSince(ctx context.Context, reader console.Reader, org string, since time.Time) (ids []string, err error) {
	const page = 500
	// A list leaves out recordings that another one stands for. They are judged, too: each may be shown one day.
	for _, state := range []schemas.State{"", schemas.StateGrouped} {
		q := schemas.MeetingQuery{Scope: schemas.Scope{Org: org}, State: state, Limit: page}
		for more := true; more; {
			meetings, err := reader.Meetings(ctx, q)
			if err != nil {
				return nil, err
			}
			more = len(meetings) == page
			for _, m := range meetings {
				if m.StartedAt.Before(since) { // they come newest first
					more = false
					break
				}
				ids = append(ids, m.ID)
				q.Before = m.ID
			}
		}
	}
	return ids, nil
}
