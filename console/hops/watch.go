// Package hops tells how far each part of the pipeline has come, by what Kafka
// knows of consumer groups: it is the same whatever process is asked, and also
// tells of a part that does not run.
package hops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

const (
	// askEvery bounds what all who look ask the brokers together.
	askEvery = 3 * time.Second
	askTime  = 8 * time.Second

	// rateOver is long enough for a rate that does not jump, and short enough to
	// see that something stands still. Nobody may have looked for longer.
	rateOver = time.Minute
)

// Intake is the hop that writes what recorders send: webhook and poller.
const Intake = "webhook, poller"

// Hop is a consumer group and a topic that it reads. Numbers are of offsets, so
// that the marker which ends a transaction counts in a rate.
type Hop struct {
	Name        string
	Topic       string        // that it reads or, of the intake, writes
	Members     int           // processes that read; of the intake always 0
	PerMinute   *float64      // offsets; nil until it was asked twice within a minute
	Behind      int64         // records and markers from the first record that is not done
	Oldest      time.Duration // age of that record; 0 where nothing waits
	DeadLetters int64         // offsets that the topic's topic of dead letters keeps, whoever refused them; markers count
}

// Reads says whether it is behind something, and read by somebody.
func (h Hop) Reads() bool { return h.Name != Intake }

// Watch asks Kafka when somebody looks. It is safe for concurrent use.
type Watch struct {
	Kafka []kgo.Opt

	mu    sync.Mutex
	asked time.Time
	last  []Hop
	err   error
	past  []reading // oldest first
	heads map[place]head
}

// reading is where every hop was.
type reading struct {
	at    time.Time
	where map[[2]string]int64 // name and topic -> sum of offsets
}

type place struct {
	topic     string
	partition int32
	offset    int64
}

// Hops is how far each is, in the order in which a meeting meets them; the
// answer may be some seconds old. An error is of Kafka, and may be over when it
// is called again.
func (w *Watch) Hops(ctx context.Context) ([]Hop, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.asked.IsZero() && time.Since(w.asked) < askEvery {
		return w.last, w.err
	}
	// One who goes away must not leave an error to those who stay.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTime)
	defer cancel()
	w.last, w.err = w.ask(ctx)
	w.asked = time.Now()
	return w.last, w.err
}

func (w *Watch) ask(ctx context.Context) ([]Hop, error) {
	client, err := kgo.NewClient(w.Kafka...)
	if err != nil {
		return nil, fmt.Errorf("building the client that asks for groups: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	listed, err := admin.ListGroups(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing consumer groups: %w", err)
	}
	names := slices.DeleteFunc(listed.Groups(), func(name string) bool { return !ours(name) })
	for _, s := range schemas.Stages {
		if !slices.Contains(names, s.Name) { // one that has never run is what somebody looks for
			names = append(names, s.Name)
		}
	}
	described, err := admin.DescribeGroups(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("describing consumer groups: %w", err)
	}
	committed := admin.FetchManyOffsets(ctx, names...)
	ends, err := readTopics(ctx, admin)
	if err != nil {
		return nil, err
	}
	all, waiting := hopsOf(described, committed, ends)
	if err := w.readHeads(ctx, waiting); err != nil {
		return nil, err
	}
	return w.rated(slices.SortedFunc(slices.Values(all), inOrder), time.Now()), nil
}

// ours leaves out what others do on the same brokers, and the groups that
// commit nothing.
func ours(group string) bool {
	return group == "poller" || strings.HasPrefix(group, "sink-") || stageOf(group) >= 0
}

func stageOf(group string) int {
	for i, s := range schemas.Stages {
		if s.Name == group {
			return i
		}
	}
	return -1
}

// inOrder puts the intake first, then the stages as a meeting meets them, then
// the sinks by name.
func inOrder(a, b counted) int {
	rank := func(h Hop) int {
		switch i := stageOf(h.Name); {
		case h.Name == Intake:
			return 0
		case h.Name == "poller":
			return 1
		case i >= 0:
			return 2 + i
		}
		return 2 + len(schemas.Stages)
	}
	if d := rank(a.Hop) - rank(b.Hop); d != 0 {
		return d
	}
	return strings.Compare(a.Name+"/"+a.Topic, b.Name+"/"+b.Topic)
}

// limits are the first and the last offsets of partitions.
type limits struct{ starts, ends kadm.ListedOffsets }

func readTopics(ctx context.Context, admin *kadm.Client) (l limits, err error) {
	topics := make([]string, 0, 32)
	for _, s := range schemas.Topics() {
		if consumed(s.Name) || strings.HasSuffix(s.Name, deadSuffix) {
			topics = append(topics, s.Name)
		}
	}
	// What an open transaction holds nobody can read yet.
	if l.ends, err = admin.ListCommittedOffsets(ctx, topics...); err == nil {
		l.starts, err = admin.ListStartOffsets(ctx, topics...)
	}
	if err = errors.Join(err, l.ends.Error(), l.starts.Error()); err != nil {
		return l, fmt.Errorf("finding the ends of topics: %w", err)
	}
	return l, nil
}

var deadSuffix = schemas.Spec{}.DeadLetters()

// consumed says whether the topic is one that some group reads.
func consumed(topic string) bool {
	return slices.ContainsFunc(schemas.Topics(), func(s schemas.Spec) bool { return s.Name == topic+deadSuffix })
}

// size is how many offsets a topic has, and where it ends, all partitions together.
func (l limits) size(topic string) (kept, end int64) {
	for p, at := range l.ends[topic] {
		start, _ := l.starts.Lookup(topic, p)
		kept, end = kept+at.Offset-start.Offset, end+at.Offset
	}
	return kept, end
}

// counted is a hop with the offsets that rates are made of.
type counted struct {
	Hop
	where   int64
	waiting map[place]int64 // where it has not read to the end, with the end
}

// hopsOf puts together what the brokers know.
func hopsOf(described kadm.DescribedGroups, committed kadm.FetchOffsetsResponses, l limits) (hops []counted, waiting map[place]int64) {
	waiting = make(map[place]int64)
	add := func(h counted) {
		h.DeadLetters, _ = l.size(h.Topic + deadSuffix)
		hops = append(hops, h)
	}
	_, end := l.size(schemas.RawMeetings.Name)
	add(counted{Hop: Hop{Name: Intake, Topic: schemas.RawMeetings.Name}, where: end})
	for group, of := range committed {
		topics := make(map[string]bool)
		if i := stageOf(group); i >= 0 {
			topics[schemas.Stages[i].Input.Name] = true
		}
		for topic := range of.Fetched {
			topics[topic] = consumed(topic)
		}
		for topic, read := range topics {
			if !read {
				continue
			}
			h := counted{Hop: Hop{Name: group, Topic: topic, Members: len(described[group].Members)}, waiting: make(map[place]int64)}
			for partition, end := range l.ends[topic] {
				start, _ := l.starts.Lookup(topic, partition)
				next := start.Offset
				if at, ok := of.Fetched.Lookup(topic, partition); ok && at.Err == nil {
					next = max(next, at.At)
				}
				h.where += next
				if next < end.Offset {
					at := place{topic, partition, next}
					h.waiting[at], waiting[at] = end.Offset, end.Offset
				}
			}
			add(h)
		}
	}
	return hops, waiting
}

// rated adds what only reading tells, and rates over the last minute, or what is
// known of it.
func (w *Watch) rated(all []counted, now time.Time) []Hop {
	w.past = slices.DeleteFunc(w.past, func(r reading) bool { return now.Sub(r.at) > rateOver })
	current := reading{now, make(map[[2]string]int64)}
	hops := make([]Hop, len(all))
	for i, c := range all {
		key := [2]string{c.Name, c.Topic}
		current.where[key] = c.where
		if len(w.past) > 0 {
			if before, known := w.past[0].where[key]; known {
				rate := max(0, float64(c.where-before)) / now.Sub(w.past[0].at).Minutes()
				c.PerMinute = &rate
			}
		}
		for at, end := range c.waiting {
			first := w.heads[at]
			c.Behind += max(0, end-max(at.offset, first.offset))
			if !first.at.IsZero() {
				c.Oldest = max(c.Oldest, now.Sub(first.at))
			}
		}
		hops[i] = c.Hop
	}
	w.past = append(w.past, current)
	return hops
}
