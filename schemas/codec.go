package schemas

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/sr"
)

// frame is the Confluent wire format: a zero byte and the schema's id, big
// endian, before the Avro bytes.
const frame = 5

// Codec turns records' values into bytes and back. It is safe for concurrent
// use.
type Codec struct {
	registry *sr.Client
	byTopic  map[string]own // subject -> how this build writes it

	mu      sync.Mutex
	foreign map[foreign]*avro.Schema // how to read what another build wrote
}

type own struct {
	id     int
	schema *avro.Schema
}

type foreign struct {
	subject string
	id      int
}

// OpenCodec asks the registry for the ids of the schemas that this build
// writes. It registers nothing: a schema that is not there yet is an error that
// names it.
func OpenCodec(ctx context.Context, registry *sr.Client) (*Codec, error) {
	texts, err := latest()
	if err != nil {
		return nil, err
	}
	mine, err := Subjects()
	if err != nil {
		return nil, err
	}
	c := &Codec{registry: registry, byTopic: make(map[string]own), foreign: make(map[foreign]*avro.Schema)}
	for subject, schema := range mine {
		found, err := registry.LookupSchema(ctx, subject, sr.Schema{Schema: texts[subject].Text})
		if err != nil {
			return nil, fmt.Errorf("looking up the schema of %s (version %d) in the registry: %w", subject, texts[subject].Version, err)
		}
		c.byTopic[subject] = own{id: found.ID, schema: schema}
	}
	return c, nil
}

// Encode frames v. The result is at most as long as memory allows: whoever
// produces it checks MaxRecordBytes.
func Encode[T any](c *Codec, t Topic[T], v *T) ([]byte, error) {
	o := c.byTopic[t.Subject()]
	// A meeting that grew from nothing would be copied twenty times on its way to its size.
	room, _ := rooms.Get().(*[]byte)
	defer rooms.Put(room)
	out := append((*room)[:0], make([]byte, frame)...)
	binary.BigEndian.PutUint32(out[1:], uint32(o.id)) //nolint:gosec // registry ids are positive int32s
	out, err := o.schema.AppendEncode(out, v)
	if err != nil {
		return nil, fmt.Errorf("encoding a value of %s: %w", t.Name, err)
	}
	if cap(out) <= mostRoom {
		*room = out
	}
	return bytes.Clone(out), nil
}

// rooms are where values are encoded before their size is known.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// mostRoom is of a meeting that is long; what a longer one took is not kept.
const mostRoom = 1 << 20

// Decode reads what any build wrote whose schema is compatible with this one's.
// Errors are Rejected, unless the registry could not be asked.
func Decode[T any](c *Codec, t Topic[T], raw []byte) (*T, error) {
	if len(raw) < frame || raw[0] != 0 {
		return nil, Reject(ReasonMalformed, fmt.Errorf("value of %s is not framed with a schema id", t.Name))
	}
	id := int(binary.BigEndian.Uint32(raw[1:frame]))
	schema, err := c.reading(t.Subject(), id)
	if err != nil {
		return nil, err
	}
	v := new(T)
	rest, err := schema.Decode(raw[frame:], v)
	if err != nil {
		return nil, Reject(ReasonMalformed, fmt.Errorf("decoding a value of %s: %w", t.Name, err))
	}
	if len(rest) > 0 {
		return nil, Reject(ReasonMalformed, fmt.Errorf("value of %s has %d bytes too many", t.Name, len(rest)))
	}
	return v, nil
}

// reading returns the schema that decodes the id's bytes into this build's type.
func (c *Codec) reading(subject string, id int) (*avro.Schema, error) {
	o := c.byTopic[subject]
	if id == o.id {
		return o.schema, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.foreign[foreign{subject, id}]; s != nil {
		return s, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	text, err := c.registry.SchemaByID(ctx, id)
	switch {
	case notFound(err):
		if err := c.whole(ctx); err != nil {
			return nil, fmt.Errorf("asking the registry for schema id %d of %s: %w", id, subject, err)
		}
		return nil, Reject(ReasonUnknownSchema, fmt.Errorf("schema id %d of %s: %w", id, subject, err))
	case err != nil:
		return nil, fmt.Errorf("asking the registry for schema id %d of %s: %w", id, subject, err)
	}
	writer, err := avro.Parse(text.Schema)
	if err != nil {
		return nil, Reject(ReasonUnknownSchema, fmt.Errorf("schema id %d of %s is no Avro: %w", id, subject, err))
	}
	resolved, err := avro.Resolve(writer, o.schema)
	if err != nil {
		return nil, Reject(ReasonUnknownSchema, fmt.Errorf("schema id %d of %s: %w", id, subject, err))
	}
	c.foreign[foreign{subject, id}] = resolved
	return resolved, nil
}

// whole is an error where the registry does not know the last schema that it
// gave this build an id for. One that keeps its schemas in Kafka answers, after
// a start, before it has read them all, and takes for unknown what it will know
// in a moment: a good record would become a dead letter.
func (c *Codec) whole(ctx context.Context) error {
	last := 0
	for _, o := range c.byTopic {
		last = max(last, o.id)
	}
	if _, err := c.registry.SchemaByID(ctx, last); err != nil {
		return fmt.Errorf("it does not know schema id %d either, which it gave: %w", last, err)
	}
	return nil
}

func notFound(err error) bool {
	var answer *sr.ResponseError
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}
