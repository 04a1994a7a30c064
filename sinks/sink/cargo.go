package sink

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// cargo is a batch on its way.
type cargo[T any] struct {
	records []*kgo.Record // all of them, for the commit
	terms   map[int32]uint64

	rows   Batch[T]
	from   []*kgo.Record // rows[i] is what from[i] says
	stored []*kgo.Record
	dead   []letter
}

type letter struct {
	record *kgo.Record
	err    *schemas.Rejected
}

// carry has three effects, and a crash after each leaves:
//
//  1. The rows are in the store. The offsets are not committed, so the batch is
//     read and written again, which changes nothing: versions are equal.
//  2. The dead letters are on the broker. Again the batch comes back, and its
//     dead letters are there twice, with the same place in their headers.
//  3. The offsets are committed. The batch does not come back.
//
// In any other order something could be lost: a commit before the write skips
// the rows, and one before the dead letters the unreadable records.
//
// Between the first and the second it stops where the letters are a burst. It
// returns false then, and when it was asked to stop before it was through.
func (r *running[T]) carry(ctx context.Context, c *cargo[T]) bool {
	if !r.insist(ctx, c, "decoding", r.decode) || !r.insist(ctx, c, "writing", r.write) {
		return false
	}
	letters, err := r.letters.after(c.outcomes(r.Topic.PartitionBy), r.MostRejected)
	if errors.As(err, &r.burst) {
		return false
	}
	if !r.insist(ctx, c, "keeping dead letters", r.bury) || !r.insist(ctx, c, "committing", r.commit) {
		return false
	}
	r.letters = letters
	return true
}

// insist repeats a step until it succeeds, for ever; false means that it was
// asked to stop. The tenure's lock is held, except while it waits.
func (r *running[T]) insist(ctx context.Context, c *cargo[T], doing string, do func(context.Context, *cargo[T]) error) bool {
	trouble := outage{log: r.Log, doing: doing}
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval, pauses.Multiplier = r.Limits.Pause, 120*r.Limits.Pause, 2
	for {
		try, done := context.WithTimeout(r.effects, r.Limits.Try)
		err := do(try, c)
		done()
		if err == nil {
			trouble.over()
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		trouble.note(err)
		r.Metrics.retries.WithLabelValues(r.Name).Inc()

		r.tenure.mu.Unlock()
		timer := time.NewTimer(pauses.NextBackOff())
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		r.tenure.mu.Lock()
		if ctx.Err() != nil {
			return false
		}
		c.keep(func(p int32) bool { return r.tenure.holds(p, c.terms) })
	}
}

// keep lets go of the records of other partitions.
func (c *cargo[T]) keep(ours func(partition int32) bool) {
	gone := func(r *kgo.Record) bool { return !ours(r.Partition) }
	if !slices.ContainsFunc(c.records, gone) {
		return
	}
	rows, from := c.rows, c.from
	c.rows, c.from = nil, nil
	for i, r := range from {
		if !gone(r) {
			c.rows, c.from = append(c.rows, rows[i]), append(c.from, r)
		}
	}
	c.dead = slices.DeleteFunc(c.dead, func(l letter) bool { return gone(l.record) })
	c.records = slices.DeleteFunc(slices.Clone(c.records), gone)
}

// decode makes the rows. It starts over when it is tried again.
func (r *running[T]) decode(_ context.Context, c *cargo[T]) error {
	c.rows, c.from, c.stored, c.dead = nil, nil, nil, nil
	at := make(map[string]int)
	for _, rec := range c.records {
		if rec.Attrs.IsControl() {
			continue
		}
		row, err := r.row(rec)
		var rejected *schemas.Rejected
		switch {
		case errors.As(err, &rejected):
			c.dead = append(c.dead, letter{rec, rejected})
			continue
		case err != nil:
			return err
		}
		i, seen := at[row.Key]
		switch {
		case !seen:
			at[row.Key] = len(c.rows)
			c.rows, c.from = append(c.rows, row), append(c.from, rec)
		case row.Version > c.rows[i].Version: // of equal ones the first stays, as in the stores
			c.rows[i], c.from[i] = row, rec
		}
	}
	return nil
}

func (r *running[T]) row(rec *kgo.Record) (Row[T], error) {
	row := Row[T]{Key: r.Key(rec)}
	if row.Key == "" {
		return row, schemas.Reject(schemas.ReasonInvalid, errors.New("the record has no key"))
	}
	var err error
	if row.Version, err = r.Version(rec); err != nil {
		return row, schemas.Reject(schemas.ReasonInvalid, err)
	}
	if rec.Value == nil {
		return row, nil
	}
	row.Value, err = schemas.Decode(r.Codec, r.Topic, rec.Value)
	return row, err
}

// write goes on where it was cut off. A store that is too slow or too small for
// the batch gets half of it the next time: the whole would fail again, for ever.
func (r *running[T]) write(ctx context.Context, c *cargo[T]) error {
	for len(c.rows) > 0 {
		n := min(len(c.rows), r.share)
		if err := r.store(ctx, c, n); err != nil {
			if ctx.Err() != nil || errors.Is(err, ErrTooMuch) {
				r.share = max(1, n/2)
			}
			return err
		}
		c.rows, c.from = c.rows[n:], c.from[n:]
	}
	r.share = min(2*r.share, r.Limits.Rows)
	return nil
}

// store writes the first n rows.
func (r *running[T]) store(ctx context.Context, c *cargo[T], n int) error {
	var bad *Unstorable
	err := r.traced(ctx, c.from[:n], func(ctx context.Context) error {
		began := time.Now()
		err := r.Sink.Write(ctx, c.rows[:n])
		r.Metrics.seconds.WithLabelValues(r.Name).Observe(time.Since(began).Seconds())
		if errors.As(err, &bad) {
			return nil // all but some are written
		}
		return err
	})
	if err != nil {
		return err
	}
	stored := c.from[:n]
	if bad != nil {
		stored = nil
		for i, rec := range c.from[:n] {
			if cause := bad.Rows[i]; cause != nil {
				c.dead = append(c.dead, letter{rec, rejection(cause)})
			} else {
				stored = append(stored, rec)
			}
		}
	}
	c.stored = append(c.stored, stored...)
	r.clock(stored, time.Now())
	r.Metrics.rows.WithLabelValues(r.Name).Add(float64(len(stored)))
	r.Metrics.batch.WithLabelValues(r.Name).Observe(float64(n))
	return nil
}

func rejection(err error) *schemas.Rejected {
	var rejected *schemas.Rejected
	if errors.As(err, &rejected) {
		return rejected
	}
	return &schemas.Rejected{Reason: schemas.ReasonInvalid, Err: err}
}

func (r *running[T]) bury(ctx context.Context, c *cargo[T]) error {
	letters := make([]*kgo.Record, len(c.dead))
	for i, l := range c.dead {
		letters[i] = schemas.DeadLetter(l.record, r.Name, l.err)
	}
	if err := r.client.ProduceSync(ctx, letters...).FirstErr(); err != nil {
		return fmt.Errorf("producing to %s: %w", r.Topic.DeadLetters(), err)
	}
	for _, l := range c.dead {
		r.Metrics.dead.WithLabelValues(r.Name, string(l.err.Reason)).Inc()
		r.Log.Warn("kept a dead letter", "topic", l.record.Topic, "partition", l.record.Partition,
			"offset", l.record.Offset, "reason", string(l.err.Reason))
	}
	return nil
}

// commit retries refusals too: by the next try either the group has given us
// the partitions in a new generation, or they are lost and not asked for.
func (r *running[T]) commit(ctx context.Context, c *cargo[T]) error {
	if len(c.records) == 0 {
		return nil
	}
	return r.client.CommitRecords(ctx, c.records...)
}
