// Package stage runs processors: THE exactly-once loop, written once.
//
// A processor is one function from a record to records, with state. The loop
// reads a batch, applies the function to each record, and only then opens a
// transaction that holds everything the batch led to: outputs, state, dead
// letters and the consumed offsets. What is slow happens while no transaction
// is open.
package stage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/state"
	"leadline/schemas"
)

// Stage is a processor: what it reads and what it does with a record.
type Stage struct {
	// Name is the consumer group, the label of its metrics and of its state's
	// topic (state.<name>.v1).
	Name string
	// Inputs with equal keys' partitions: an organisation that is in partition
	// 3 of one is in partition 3 of all, and they share one state.
	Inputs []Input
}

// Input is a topic that a stage reads.
type Input struct {
	Spec  schemas.Spec
	apply func(context.Context, *kgo.Record, *Tx) error
}

// Record is a decoded record.
type Record[T any] struct {
	*kgo.Record
	Key   string
	Value *T // nil: the key is gone
}

// On reads a topic of registered values. apply is called once for each record
// of a partition in the order of their offsets; again, from the state before,
// when the transaction that the first call led to was not committed. It must
// depend on nothing but the record and tx.
//
// An error that is schemas.Rejected makes the record a dead letter and drops
// what apply wrote and emitted for it. With any other error the whole batch is
// tried again later.
func On[T any](topic schemas.Topic[T], apply func(context.Context, Record[T], *Tx) error) Input {
	return Input{Spec: topic.Spec, apply: func(ctx context.Context, r *kgo.Record, tx *Tx) error {
		rec := Record[T]{Record: r, Key: string(r.Key)}
		if r.Value != nil {
			v, err := schemas.Decode(tx.codec, topic, r.Value)
			if err != nil {
				return err
			}
			rec.Value = v
		}
		return apply(ctx, rec, tx)
	}}
}

// OnRaw reads a topic of bytes; for apply see On.
func OnRaw(spec schemas.Spec, apply func(context.Context, *kgo.Record, *Tx) error) Input {
	return Input{Spec: spec, apply: apply}
}

// Tx is what a processor may do for one record. It is valid during the call.
type Tx struct {
	stage   string
	record  *kgo.Record
	codec   *schemas.Codec
	state   *state.Overlay
	emitted []*kgo.Record
}

// Codec decodes values that the processor kept in its state.
func (tx *Tx) Codec() *schemas.Codec { return tx.codec }

// Get reads the state of the record's partition.
func (tx *Tx) Get(key string) ([]byte, bool, error) { return tx.state.Get(key) }

// Scan reads all keys with a prefix, in rising order; see state.Reader.
func (tx *Tx) Scan(prefix string, yield func(key string, value []byte) error) error {
	return tx.state.Scan(prefix, yield)
}

// ScanAfter is a Scan that goes on behind a key; see state.Reader.
func (tx *Tx) ScanAfter(prefix, after string, yield func(key string, value []byte) error) error {
	return tx.state.ScanAfter(prefix, after, yield)
}

// Set writes a state value; it is kept, and must not be changed afterwards.
func (tx *Tx) Set(key string, value []byte) { tx.state.Set(key, value) }

// Delete removes a key of the state.
func (tx *Tx) Delete(key string) { tx.state.Delete(key) }

// Emit sends a value to a topic; a nil value says that the key is gone. What
// does not fit into a record is Rejected.
func Emit[T any](tx *Tx, topic schemas.Topic[T], key string, value *T, headers ...kgo.RecordHeader) error {
	var raw []byte
	if value != nil {
		var err error
		if raw, err = schemas.Encode(tx.codec, topic, value); err != nil {
			return err
		}
	}
	return EmitEncoded(tx, topic.Spec, key, raw, headers...)
}

// EmitEncoded is Emit for who has encoded the value already.
func EmitEncoded(tx *Tx, topic schemas.Spec, key string, raw []byte, headers ...kgo.RecordHeader) error {
	if n := len(raw); n > schemas.MaxRecordBytes-headroom {
		return schemas.Reject(schemas.ReasonTooLarge,
			fmt.Errorf("%s of %s takes %d bytes, of at most %d", topic.Name, key, n, schemas.MaxRecordBytes-headroom))
	}
	tx.emitted = append(tx.emitted, &kgo.Record{Topic: topic.Name, Key: []byte(key), Value: raw, Headers: headers})
	return nil
}

// Report tells what became of the meeting at this stage; outcome is one of the
// schemas.Outcomes, detail is for people. Telling it twice counts once: the
// record's place is the event's identity.
func (tx *Tx) Report(meetingID, outcome, detail string) error {
	return report(tx, meetingID, outcome, detail)
}

func report(tx *Tx, key, outcome, detail string) error {
	r := tx.record
	org, _, _ := strings.Cut(key, "/")
	return Emit(tx, schemas.MeetingProgress, key, &schemas.Progress{
		MeetingID: key, Org: org, Stage: tx.stage, Outcome: outcome, Detail: detail,
		Source: schemas.Header(r, schemas.HeaderSource), At: time.Now().UTC(),
		Topic: r.Topic, Partition: r.Partition, Offset: r.Offset,
	})
}

// headroom is for key, headers and the batch around a record.
const headroom = 64 << 10

// Result is what a record led to.
type Result struct {
	Emitted []*kgo.Record
	State   *state.Overlay // over the one that Apply was given
}

// Apply computes one record. It has no effects: the caller commits the result.
func (s Stage) Apply(ctx context.Context, codec *schemas.Codec, before *state.Overlay, r *kgo.Record) (Result, error) {
	tx := &Tx{stage: s.Name, record: r, codec: codec, state: state.NewOverlay(before)}
	for _, in := range s.Inputs {
		if in.Spec.Name != r.Topic {
			continue
		}
		if err := in.apply(ctx, r, tx); err != nil {
			return Result{}, err
		}
		return Result{Emitted: tx.emitted, State: tx.state}, nil
	}
	return Result{}, fmt.Errorf("stage %s does not read %s", s.Name, r.Topic)
}
