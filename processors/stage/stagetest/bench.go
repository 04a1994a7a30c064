// Package stagetest runs a stage without Kafka, record by record: for golden
// pairs and for properties that need many orders of the same records.
package stagetest

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
	"leadline/processors/state"
	"leadline/schemas"
)

// Bench feeds records to a stage and keeps one partition's state in memory.
type Bench struct {
	stage  stage.Stage
	codec  *schemas.Codec
	state  *state.Overlay
	offset map[string]int64
}

// New starts with an empty state.
func New(s stage.Stage, codec *schemas.Codec) *Bench {
	return &Bench{stage: s, codec: codec, state: state.NewOverlay(state.Empty{}), offset: make(map[string]int64)}
}

// Feed applies a record and returns what it emitted. The record gets the next
// offset of its topic. What the stage sends to a topic that it reads itself is
// applied too, until it sends no more.
func (b *Bench) Feed(ctx context.Context, r *kgo.Record) ([]*kgo.Record, error) {
	var emitted []*kgo.Record
	for due := []*kgo.Record{r}; len(due) > 0; due = due[1:] {
		r := due[0]
		r.Offset = b.offset[r.Topic]
		b.offset[r.Topic]++
		res, err := b.stage.Apply(ctx, b.codec, b.state, r)
		if err != nil {
			return nil, err
		}
		b.state.Merge(res.State)
		emitted = append(emitted, res.Emitted...)
		for _, e := range res.Emitted {
			if slices.ContainsFunc(b.stage.Inputs, func(in stage.Input) bool { return in.Spec.Name == e.Topic }) {
				due = append(due, e)
			}
		}
	}
	return emitted, nil
}

// State is what the stage remembers.
func (b *Bench) State() state.Reader { return b.state }

// Put encodes a value and feeds it; nil is a tombstone.
func Put[T any](ctx context.Context, b *Bench, topic schemas.Topic[T], key string, value *T) ([]*kgo.Record, error) {
	r := &kgo.Record{Topic: topic.Name, Key: []byte(key)}
	if value != nil {
		raw, err := schemas.Encode(b.codec, topic, value)
		if err != nil {
			return nil, err
		}
		r.Value = raw
	}
	return b.Feed(ctx, r)
}

// Values decodes the emitted records of one topic; a tombstone is a nil.
func Values[T any](b *Bench, topic schemas.Topic[T], emitted []*kgo.Record) ([]*T, error) {
	var out []*T
	for _, r := range emitted {
		if r.Topic != topic.Name {
			continue
		}
		if r.Value == nil {
			out = append(out, nil)
			continue
		}
		v, err := schemas.Decode(b.codec, topic, r.Value)
		if err != nil {
			return nil, fmt.Errorf("decoding what was emitted to %s: %w", topic.Name, err)
		}
		out = append(out, v)
	}
	return out, nil
}
