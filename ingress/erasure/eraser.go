// Package erasure removes what came by a connection from every topic and store, and proves it.
//
// It says in meetings.raw.v1 which meetings are gone. The stages pass that on: normalize, match and distill drop their
// state, and index writes tombstones, which the stores obey. The eraser only watches them do it. What it cannot remove are
// the records of topics that are not compacted: Kafka deletes from such a topic by age and not by key. The receipt counts
// those that hold a meeting or what a recorder sent of it; they go with their topics' retention, and not at all where a
// topic is kept for ever.
package erasure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/ingress/connection"
	"leadline/schemas"
)

const (
	// settle is longer than a handler or a poller can be behind the connection that has ended: what they still let in is
	// found by the next sweep.
	settle = 2 * time.Second

	// maxSweeps ends an erasure that somebody keeps feeding; the upkeep begins it again.
	maxSweeps = 10

	// DefaultPatience is how long nothing may happen before what is not gone counts as pending.
	DefaultPatience = 2 * time.Minute
)

// Connections is asked which other connections there are; it is a connection.Table.
type Connections interface {
	List() []schemas.Connection
}

// Eraser is a connection.Eraser.
type Eraser struct {
	Options     connection.Options
	Connections Connections
	Patience    time.Duration // DefaultPatience if 0
}

// Erase returns when everything is gone that can be, or when nothing has happened for as long as the patience lasts. An
// error means that it has to be called again.
func (e *Eraser) Erase(ctx context.Context, c schemas.Connection) (schemas.ErasureReceipt, error) {
	client, err := kgo.NewClient(append(slices.Clone(e.Options.Kafka), kgo.RequiredAcks(kgo.AllISRAcks()))...)
	if err != nil {
		return schemas.ErasureReceipt{}, fmt.Errorf("building the eraser's client: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	began, err := admin.ListEndOffsets(ctx, watched...)
	if err = errors.Join(err, began.Error()); err != nil {
		return schemas.ErasureReceipt{}, fmt.Errorf("finding the ends of the topics behind: %w", err)
	}
	r := schemas.ErasureReceipt{
		AskedAt: *c.EraseAskedAt, Tombstones: map[string]int{}, Stores: map[string]int{}, Pending: []string{}, Remaining: map[string]int{},
	}
	all := make(map[string]bool) // recordings
	s := e.newSweep(c, admin)
	for n := 0; ; n++ {
		if n == maxSweeps {
			return r, fmt.Errorf("records keep coming after %d sweeps", n)
		}
		found, err := s.next(ctx)
		if err != nil {
			return r, err
		}
		if n > 0 && len(found) == 0 {
			break
		}
		if err := e.say(ctx, client, s, found); err != nil {
			return r, err
		}
		for _, recording := range found {
			all[schemas.MeetingID(c.Org, c.Provider, recording)] = true
		}
		wait(ctx, settle)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
	}
	r.Meetings, r.Kept, r.Unreadable = len(all), len(s.kept), s.unreadable
	r.Remaining[schemas.RawMeetings.Name] = s.records
	w := &watch{eraser: e, admin: admin, meetings: all, receipt: &r, last: make(map[string]map[int32]int64)}
	if err := w.follow(ctx, began); err != nil {
		return r, err
	}
	if err := w.stores(ctx); err != nil {
		return r, err
	}
	if err := w.remaining(ctx); err != nil {
		return r, err
	}
	r.DoneAt = time.Now().UTC().Truncate(time.Millisecond)
	return r, e.forget(ctx, client, c)
}

// say writes that meetings are gone. Said twice it changes nothing, so it needs no transaction.
func (e *Eraser) say(ctx context.Context, client *kgo.Client, s *sweep, recordings []string) error {
	c := s.connection
	records := make([]*kgo.Record, 0, len(recordings))
	for _, recording := range recordings {
		records = append(records, schemas.ErasedRecord(schemas.Origin{
			Provider: c.Provider, Org: c.Org, Connection: c.Name, Delivery: "disconnect", Recording: recording, Received: s.gone(recording),
		}))
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("saying which meetings are gone: %w", err)
	}
	return nil
}

// forget removes the cursor, the only thing of a connection outside of itself that is no meeting's.
func (e *Eraser) forget(ctx context.Context, client *kgo.Client, c schemas.Connection) error {
	record := &kgo.Record{Topic: schemas.SyncCursors.Name, Key: []byte(schemas.ConnectionID(c.Org, c.Provider, c.Name))}
	if err := client.ProduceSync(ctx, record).FirstErr(); err != nil {
		return fmt.Errorf("removing the cursor: %w", err)
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
