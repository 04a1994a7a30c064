package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"leadline/schemas"
)

const (
	orgBytes    = 8 << 10 // of a meeting: what an organisation costs is not hidden behind the bytes
	orgMeetings = 1_000   // at most, in a round
)

// orgs measures what a meeting costs as organisations get more: each has a
// directory of its own, and no two meetings in a row are of the same.
func (b *bench) orgs(ctx context.Context) error {
	defer func() { b.recorder.orgs = orgs }()
	known := orgs
	for n := 10; n <= b.Orgs; n *= 10 {
		if err := b.directory(ctx, known, n); err != nil {
			return err
		}
		known, b.recorder.orgs = n, int64(n)
		meetings := min(n, orgMeetings) + b.Meetings
		name := fmt.Sprintf("chain, %d KB, %d organisations", orgBytes>>10, n)
		if _, err := b.measure(ctx, throughput(name, "meeting", 0), b.chainSide(meetings, orgBytes), b.copySide(meetings, orgBytes)); err != nil {
			return err
		}
	}
	return nil
}

// directory writes whom the meetings of some organisations are with, and waits
// until match has it where match runs.
func (b *bench) directory(ctx context.Context, from, to int) error {
	whom, err := directory(b.Codec, from, to)
	if err != nil {
		return err
	}
	if err := b.produce(ctx, whom); err != nil {
		return fmt.Errorf("writing the directory: %w", err)
	}
	if from == 0 {
		return nil // match is yet to begin, and reads the directory first
	}
	return b.administer(func(admin *kadm.Client) error { return caughtUp(ctx, admin, "match", schemas.Directory.Name) })
}

// caughtUp waits until a group has committed all of a topic.
func caughtUp(ctx context.Context, admin *kadm.Client, group, topic string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		ends, err := admin.ListEndOffsets(ctx, topic)
		if err = errors.Join(err, ends.Error()); err != nil {
			return fmt.Errorf("finding the end of %s: %w", topic, err)
		}
		at, err := admin.FetchOffsetsForTopics(ctx, group, topic)
		if err != nil {
			return fmt.Errorf("asking how far %s is: %w", group, err)
		}
		behind := false
		ends.Each(func(end kadm.ListedOffset) {
			o, _ := at.Lookup(topic, end.Partition)
			behind = behind || o.At < end.Offset
		})
		if !behind {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s to read %s: %w", group, topic, ctx.Err())
		}
	}
}
