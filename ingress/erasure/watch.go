package erasure

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// watched are the topics behind meetings.raw.v1 in which tombstones show, and the progress, in which normalize says what
// became of each erasure.
var watched = []string{
	schemas.NormalizedMeetings.Name, schemas.MatchedMeetings.Name, schemas.DistilledMeetings.Name,
	schemas.MeetingRows.Name, schemas.KnowledgeEntries.Name, schemas.RuleHits.Name, schemas.MeetingProgress.Name,
}

// landed are the topics that stores read.
var landed = []string{schemas.MeetingRows.Name, schemas.KnowledgeEntries.Name, schemas.RuleHits.Name}

// watch sees meetings go.
type watch struct {
	eraser   *Eraser
	admin    *kadm.Client
	meetings map[string]bool // ids of those that shall be gone
	receipt  *schemas.ErasureReceipt

	last map[string]map[int32]int64 // of landed: partition -> offset of the last tombstone
}

func (w *watch) patience() time.Duration {
	if w.eraser.Patience > 0 {
		return w.eraser.Patience
	}
	return DefaultPatience
}

// follow reads the topics from where they ended before the first word until each meeting has gone as far as it had come, and
// whatever went with it was seen.
func (w *watch) follow(ctx context.Context, from kadm.ListedOffsets) error {
	if len(w.meetings) == 0 {
		return nil
	}
	offsets := make(map[string]map[int32]kgo.Offset)
	from.Each(func(o kadm.ListedOffset) {
		if offsets[o.Topic] == nil {
			offsets[o.Topic] = make(map[int32]kgo.Offset)
		}
		offsets[o.Topic][o.Partition] = kgo.NewOffset().At(o.Offset)
	})
	client, err := kgo.NewClient(append(slices.Clone(w.eraser.Options.Kafka),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.ConsumePartitions(offsets))...)
	if err != nil {
		return fmt.Errorf("building a reader: %w", err)
	}
	defer client.Close()
	read := newLanding(from)
	told := make(map[string]bool)     // meetings that normalize has told of
	going := make(map[string]bool)    // those that it sent on as gone
	rows := make(map[string]bool)     // those whose row is gone
	seen := make(map[string]struct{}) // topic and key of a tombstone, so that one that is there twice counts once
	for through := false; ; {
		if w.gone(told, going, rows) {
			if through, err = read.through(ctx, w.admin); err != nil {
				return err
			}
		}
		if through {
			break
		}
		quiet, cancel := context.WithTimeout(ctx, w.patience())
		fetches := client.PollFetches(quiet)
		over := quiet.Err() != nil
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if over {
			w.receipt.Pending = read.missing()
			break
		}
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("watching meetings go: %w", err)
		}
		for _, r := range fetches.Records() {
			read.saw(r)
			id := meetingOf(r)
			if r.Attrs.IsControl() || !w.meetings[id] {
				continue
			}
			if r.Topic == schemas.MeetingProgress.Name {
				if err := w.progress(r, id, told, going); err != nil {
					return err
				}
				continue
			}
			if r.Value != nil {
				continue
			}
			key := r.Topic + " " + string(r.Key)
			if _, twice := seen[key]; !twice {
				seen[key] = struct{}{}
				w.receipt.Tombstones[r.Topic]++
			}
			if r.Topic == schemas.MeetingRows.Name {
				rows[id] = true
			}
			if slices.Contains(landed, r.Topic) {
				if w.last[r.Topic] == nil {
					w.last[r.Topic] = make(map[int32]int64)
				}
				w.last[r.Topic][r.Partition] = r.Offset
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.meetings)) {
		if !told[id] || going[id] && !rows[id] {
			w.receipt.Pending = append(w.receipt.Pending, id)
		}
	}
	return nil
}

// gone says whether normalize has told of every meeting, and whether the row of each that it sent on is gone. One that no
// stage knew, because its records were rejected, is not sent on.
func (w *watch) gone(told, going, rows map[string]bool) bool {
	if len(told) < len(w.meetings) {
		return false
	}
	for id, sent := range going {
		if sent && !rows[id] {
			return false
		}
	}
	return true
}

// progress notes what normalize says.
func (w *watch) progress(r *kgo.Record, id string, told, going map[string]bool) error {
	p, err := schemas.Decode(w.eraser.Options.Codec, schemas.MeetingProgress, r.Value)
	if _, rejected := errors.AsType[*schemas.Rejected](err); rejected {
		return nil
	}
	if err != nil {
		return err
	}
	if p.Stage == "normalize" && p.Source == string(schemas.SourceErase) {
		told[id] = true
		going[id] = going[id] || p.Outcome == schemas.OutcomeDone
	}
	return nil
}

// meetingOf is the meeting whose record it is: the first three segments of its key.
func meetingOf(r *kgo.Record) string {
	return string(schemas.PartitionKey(schemas.ByMeeting, r.Key))
}

// stores waits until every store has read the last tombstone, which it does only after it has obeyed.
func (w *watch) stores(ctx context.Context) error {
	groups, err := w.admin.ListGroups(ctx)
	if err != nil {
		return fmt.Errorf("listing the stores' groups: %w", err)
	}
	deadline := time.Now().Add(w.patience())
	for _, group := range groups.Groups() {
		if !strings.HasPrefix(group, "sink-") {
			continue
		}
		for _, topic := range landed {
			if err := w.store(ctx, group, topic, deadline); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *watch) store(ctx context.Context, group, topic string, deadline time.Time) error {
	if len(w.last[topic]) == 0 {
		return nil
	}
	for {
		committed, err := w.admin.FetchOffsets(ctx, group)
		if err = errors.Join(err, committed.Error()); err != nil {
			return fmt.Errorf("fetching the offsets of %s: %w", group, err)
		}
		reads, behind := false, false
		for partition, last := range w.last[topic] {
			at, ok := committed.Lookup(topic, partition)
			reads = reads || ok
			behind = behind || !ok || at.At <= last
		}
		switch {
		case !reads: // a store for something else
			return nil
		case !behind:
			w.receipt.Stores[group] += w.receipt.Tombstones[topic]
			return nil
		case time.Now().After(deadline):
			w.receipt.Pending = append(w.receipt.Pending, group)
			return nil
		}
		if wait(ctx, 100*time.Millisecond); ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
